import type { Digester } from "../model/digest.ts";
import { PortError } from "../model/errors.ts";
import { sourceResources } from "../model/kinds.ts";
import type { KubeObject } from "../model/object.ts";
import { mapPool } from "../model/pool.ts";
import { formatRef, localName, type SourceRef } from "../model/ref.ts";
import type { Cluster } from "../ports.ts";
import type { Reader } from "./references.ts";
import { parseRemembered, type Remembered } from "./remembered.ts";

/** Reads at the same time. */
const width = 4;

const watchLabel = "reconcile.fluxcd.io/watch";

/**
 * A source as it is now. `watched`: it has the label by which controllers watch what they read, so Flux tells its readers by itself.
 * `unmoved`: it has the resourceVersion that all its readers remember. Digests are by the id of their key.
 */
export type ReadSource =
  | { readonly is: "watched" }
  | { readonly is: "absent" }
  | { readonly is: "unmoved" }
  | { readonly is: "present"; readonly version: string; readonly digests: ReadonlyMap<string, string> }
  | { readonly is: "unread"; readonly error: PortError };

/**
 * Looks at the sources of readers, by `Kind/namespace/name`: at the metadata of each of them, and at the content where it may have changed.
 * Fails only when the run is aborted.
 */
export async function readReferences(
  cluster: Cluster,
  readers: readonly Reader[],
  digester: Digester,
): Promise<ReadonlyMap<string, ReadSource>> {
  const memories = readers.map((reader) => ({ reader, remembered: parseRemembered(reader.object.references) }));
  const wanted = new Map<string, Wanted>();
  for (const { reader, remembered } of memories) {
    for (const ref of reader.sources) {
      const known = wanted.get(formatRef(ref)) ?? { ref, by: [] };
      wanted.set(formatRef(ref), { ref, by: [...known.by, remembered] });
    }
  }
  const read = await mapPool([...wanted], width, async ([name, each]) => {
    return [name, await readOne(cluster, each, digester)] as const;
  });
  return new Map(read);
}

interface Wanted {
  readonly ref: SourceRef;
  /** What each of its readers remembers. */
  readonly by: readonly (Remembered | undefined)[];
}

async function readOne(cluster: Cluster, { ref, by }: Wanted, digester: Digester): Promise<ReadSource> {
  const { kind, namespace, name } = ref;
  try {
    const header = await cluster.get(sourceResources[kind], namespace, name, { metadataOnly: true });
    if (!header) return { is: "absent" };
    if (isWatched(header)) return { is: "watched" };
    if (by.every((remembered) => isUnmoved(header, ref, remembered, digester))) return { is: "unmoved" };
    const object = await cluster.get(sourceResources[kind], namespace, name);
    if (!object) return { is: "absent" };
    if (isWatched(object)) return { is: "watched" };
    const ids = new Set([digester.currentId, ...by.flatMap((remembered) => remembered?.keyId ?? [])]);
    const digests = [...ids].flatMap((id): [string, string][] => {
      const digest = digester.knows(id) ? digester.combine(id, digester.body(id, kind, object), "*") : undefined;
      return digest === undefined ? [] : [[id, digest]];
    });
    return { is: "present", version: object.metadata.resourceVersion, digests: new Map(digests) };
  } catch (error) {
    if (!(error instanceof PortError) || error.code === "aborted") throw error;
    return { is: "unread", error };
  }
}

function isWatched({ metadata }: KubeObject): boolean {
  return metadata.labels?.[watchLabel] === "Enabled";
}

function isUnmoved(
  { metadata }: KubeObject,
  ref: SourceRef,
  remembered: Remembered | undefined,
  { currentId }: Digester,
): boolean {
  const source = remembered?.sources.get(localName(ref));
  return remembered?.keyId === currentId && typeof source === "object" && source.version === metadata.resourceVersion;
}
