import { PortError } from "../model/errors.ts";
import { resources } from "../model/kinds.ts";
import type { KubeObject } from "../model/object.ts";
import type { NamespacePolicy } from "../model/policy.ts";
import { compareText } from "../model/ref.ts";
import type { Cluster, ListOptions } from "../ports.ts";

/** Which namespaces a run looks at. */
export interface Scope {
  /** Listed one by one; `undefined`: all at once. */
  readonly namespaces: readonly string[] | undefined;
  readonly covers: (namespace: string) => boolean;
}

/** Resolves the namespaces of the policy; asks the API only where a namespace selector is set. Fails with a `PortError`. */
export async function resolveScope(cluster: Cluster, policy: NamespacePolicy): Promise<Scope> {
  const ignored = new Set(policy.ignore);
  const selected = policy.selector ? await selectNamespaces(cluster, policy.selector) : undefined;
  const covered = (name: string) => !ignored.has(name) && (selected?.has(name) ?? true);
  if (policy.only.length === 0) return { namespaces: undefined, covers: covered };
  const namespaces = [...new Set(policy.only)].filter(covered).sort(compareText);
  const listed = new Set(namespaces);
  return { namespaces, covers: (name) => listed.has(name) };
}

async function selectNamespaces(cluster: Cluster, labelSelector: string): Promise<Set<string>> {
  const found = await readList(cluster, resources.namespace, { labelSelector, metadataOnly: true }, (item) => [
    item.metadata.name,
  ]);
  return new Set(found);
}

/**
 * Lists everything and keeps what `keep` makes of each object, so that memory grows with what is kept. A list that expires
 * between two pages is begun again once.
 */
export async function readList<Kept>(
  cluster: Cluster,
  resource: Parameters<Cluster["list"]>[0],
  options: ListOptions,
  keep: (item: KubeObject) => readonly Kept[],
): Promise<Kept[]> {
  const once = async () => {
    const kept: Kept[] = [];
    for await (const page of cluster.list(resource, options, keep)) for (const item of page.items) kept.push(item);
    return kept;
  };
  try {
    return await once();
  } catch (error) {
    if (error instanceof PortError && error.code === "expired") return once();
    throw error;
  }
}
