import type { TestClient } from "../harness/client.ts";

/** A resource of somebody's operator that is not here. */
export interface Permissive {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  /** Whether its status is a subresource. */
  readonly status: boolean;
}

/** A CustomResourceDefinition that takes any content. */
export function permissiveCrd({ group, version, kind, plural, status }: Permissive) {
  const openAPIV3Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const served = { name: version, served: true, storage: true, schema: { openAPIV3Schema } };
  const names = { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      ...{ group, scope: "Namespaced", names },
      versions: [status ? { ...served, subresources: { status: {} } } : served],
    },
  };
}

/** Serves them. Resolves when each can be listed and is found by discovery, which may come later. */
export async function servePermissive(cluster: TestClient, all: readonly Permissive[]): Promise<void> {
  await Promise.all(all.map((each) => cluster.apply(permissiveCrd(each))));
  for (const each of all) {
    const path = `/apis/${each.group}/${each.version}/${each.plural}`;
    await cluster.waitFor(async () => (await cluster.list(path)) && isServed(cluster, each), {
      what: `${path} to be served`,
    });
  }
}

/** Whether discovery knows it. */
export async function isServed(
  cluster: TestClient,
  { group, version, plural }: Pick<Permissive, "group" | "version" | "plural">,
): Promise<boolean> {
  const { body } = await cluster.request<{ resources?: { name: string }[] }>("GET", `/apis/${group}/${version}`);
  return body.resources?.some(({ name }) => name === plural) ?? false;
}
