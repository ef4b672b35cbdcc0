import { PortError } from "../../model/errors.ts";

/**
 * For `catch` of a POST into a namespace: the one thing that can be absent there is the namespace, so say that and how to make it.
 * Everything else is passed on.
 */
export function missingNamespace(namespace: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof PortError && error.code === "not-found")) throw error;
    const message = `namespace ${namespace} does not exist. Create it: kubectl create namespace ${namespace}`;
    throw new PortError("not-found", message, { status: error.status, cause: error });
  };
}
