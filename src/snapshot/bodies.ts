import type { Digester } from "../model/digest.ts";
import { PortError } from "../model/errors.ts";
import { sourceResources } from "../model/kinds.ts";
import type { KubeObject } from "../model/object.ts";
import { mapPool } from "../model/pool.ts";
import { formatRef, type SourceRef } from "../model/ref.ts";
import { type KeyDigests, type Sight, type SourceHeader, sourceHeader } from "../model/source.ts";
import type { SourceRecord } from "../model/state.ts";
import type { Cluster } from "../ports.ts";
import { readList } from "./scope.ts";

/** Bodies read at the same time. */
const width = 8;
/** From this many bodies of one kind in one namespace, reading the whole namespace in pages costs less than reading them one by one. */
const worthAList = 40;

/** A source whose digests are wanted. */
export interface WantedSource {
  readonly ref: SourceRef;
  /** `undefined`: it was not in the list, but a workload names it, so it may be of a kind that lists leave out. */
  readonly header: SourceHeader | undefined;
  readonly previous: SourceRecord | undefined;
  /** Ids of the keys under which something is to be compared. */
  readonly keyIds: ReadonlySet<string>;
}

/** What became of one wanted source. `error` tells why it is unobserved. */
export interface SourceSight {
  readonly ref: SourceRef;
  readonly sight: Sight;
  /** Lists leave it out: it was read because some workload names it, and is there for nobody else. */
  readonly unlisted?: true;
  readonly error?: PortError;
}

/**
 * The digests of the wanted sources. A body is read only where the resourceVersion moved since the last snapshot, or a key is asked for
 * that the snapshot does not have. A source never goes back: an answer older than what is known is no observation.
 */
export async function readBodies(
  cluster: Cluster,
  wanted: readonly WantedSource[],
  digester: Digester,
): Promise<SourceSight[]> {
  const known = wanted.flatMap((each) => fromSnapshot(each) ?? []);
  const remembered = new Set(known.map(({ ref }) => formatRef(ref)));
  const toRead = wanted.filter(({ ref }) => !remembered.has(formatRef(ref)));
  const groups = [...Map.groupBy(toRead, ({ ref }) => `${ref.kind}/${ref.namespace}`).values()];
  const [large, small] = [true, false].map((big) => groups.filter((group) => group.length >= worthAList === big));
  const listed = await mapPool(large ?? [], 2, (group) => readByList(cluster, group, digester));
  const fetched = await mapPool((small ?? []).flat(), width, (each) => readOne(cluster, each, digester));
  return [...known, ...listed.flat(), ...fetched];
}

function fromSnapshot({ ref, header, previous, keyIds }: WantedSource): SourceSight | undefined {
  if (!header || !previous || previous.goneSince) return undefined;
  const unmoved = previous.uid === header.uid && previous.resourceVersion === header.resourceVersion;
  if (!unmoved || [...keyIds].some((id) => id !== previous.keyId)) return undefined;
  return {
    ref,
    sight: { is: "present", source: { ...header, digests: new Map([[previous.keyId, previous.digests]]) } },
  };
}

async function readOne(cluster: Cluster, wanted: WantedSource, digester: Digester): Promise<SourceSight> {
  const { ref } = wanted;
  try {
    const object = await cluster.get(sourceResources[ref.kind], ref.namespace, ref.name);
    return object ? digestOf(object, wanted, digester) : { ref, sight: { is: "absent" } };
  } catch (error) {
    return blindTo(wanted, error);
  }
}

/** One list instead of many reads. What the list does not hold is read by itself before it is taken for absent. */
async function readByList(
  cluster: Cluster,
  group: readonly WantedSource[],
  digester: Digester,
): Promise<SourceSight[]> {
  const { kind, namespace } = (group[0] as WantedSource).ref;
  const byName = new Map(group.map((each) => [each.ref.name, each]));
  try {
    const found = await readList(cluster, sourceResources[kind], { namespace }, (item) => {
      const wanted = byName.get(item.metadata.name);
      return wanted ? [digestOrBlind(item, wanted, digester)] : [];
    });
    const seen = new Set(found.map(({ ref }) => ref.name));
    const missing = group.filter(({ ref }) => !seen.has(ref.name));
    return [...found, ...(await mapPool(missing, width, (each) => readOne(cluster, each, digester)))];
  } catch (error) {
    return group.map((each) => blindTo(each, error));
  }
}

function digestOrBlind(object: KubeObject, wanted: WantedSource, digester: Digester): SourceSight {
  try {
    return digestOf(object, wanted, digester);
  } catch (error) {
    return blindTo(wanted, error);
  }
}

function digestOf(object: KubeObject, wanted: WantedSource, digester: Digester): SourceSight {
  const header = sourceHeader(wanted.ref.kind, object, () => false);
  const newest = [wanted.header, wanted.previous].find(
    (known) => known?.uid === header.uid && isOlder(header.resourceVersion, known.resourceVersion),
  );
  if (newest) {
    const message = `${formatRef(wanted.ref)} came in an older version (${header.resourceVersion}) than is known (${newest.resourceVersion}); if the cluster was restored from a backup, run \`reroll adopt\``;
    return blindTo(wanted, new PortError("bad-answer", message));
  }
  const ids = [...new Set([digester.currentId, ...wanted.keyIds])].filter((id) => digester.knows(id));
  const digests = new Map(ids.map((id): [string, KeyDigests] => [id, digester.body(id, wanted.ref.kind, object)]));
  return { ref: wanted.ref, sight: { is: "present", source: { ...header, digests } } };
}

/** Resource versions are decimal numbers that grow (KEP-5504); anything else cannot be ordered. */
function isOlder(version: string, than: string): boolean {
  const numeric = /^\d+$/;
  return numeric.test(version) && numeric.test(than) && BigInt(version) < BigInt(than);
}

function blindTo({ ref }: WantedSource, error: unknown): SourceSight {
  if (!(error instanceof PortError) || error.code === "aborted") throw error;
  return { ref, sight: { is: "unobserved" }, error };
}
