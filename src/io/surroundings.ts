import { readFileSync } from "node:fs";
import { UsageError } from "../model/errors.ts";

const podNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/** The namespace of the pod this process runs in, from its service account; `undefined` outside of a cluster. `file` is for tests. */
export function podNamespace(
  env: Readonly<Record<string, string | undefined>>,
  file = podNamespaceFile,
): string | undefined {
  if (!env.KUBERNETES_SERVICE_HOST) return undefined;
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

/** The text of a configuration file that was named. Fails with a `UsageError` where it cannot be read. */
export function readNamedFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === "ENOENT" ? "there is no such file" : (code ?? "it cannot be read");
    throw new UsageError(`configuration ${path}: ${why}`);
  }
}
