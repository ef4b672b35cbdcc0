import { concernsReroll } from "../model/annotations.ts";
import type { Digester } from "../model/digest.ts";
import { PortError } from "../model/errors.ts";
import { sourceResources } from "../model/kinds.ts";
import type { KubeObject } from "../model/object.ts";
import { mapPool } from "../model/pool.ts";
import { formatRef, type SourceKind, type SourceRef } from "../model/ref.ts";
import { type KeyDigests, type Sight, type SourceHeader, sourceHeader } from "../model/source.ts";
import type { SourceRecord } from "../model/state.ts";
import type { Cluster, ListOptions } from "../ports.ts";
import { sightOfClass } from "./classes.ts";
import { readList } from "./scope.ts";
import { sourceOptions } from "./source-options.ts";
import { isOlder } from "./version-order.ts";

/** Bodies of one namespace read at the same time. */
const width = 4;
/** From this many bodies of one kind in one namespace, a list in pages costs less than reading them one by one. */
const worthAList = 40;
/** A list names each source it must not bring, and an address must stay short. */
const mostExceptions = 20;

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

/** What there is besides the wanted sources. */
export interface Neighbourhood {
  /** Every source of a kind and namespace that the lists of metadata held. */
  readonly listed: (kind: SourceKind, namespace: string) => readonly string[];
  /** The label selector of those lists. */
  readonly selector: string;
}

/**
 * The digests of the wanted sources. A body is read only where the resourceVersion moved since the last snapshot, or a key is asked for
 * that the snapshot does not have; no body of a neighbour is read on the way. A source never goes back: an answer older than what is
 * known is no observation.
 */
export async function readBodies(
  cluster: Cluster,
  wanted: readonly WantedSource[],
  digester: Digester,
  neighbourhood: Neighbourhood,
): Promise<SourceSight[]> {
  const known: SourceSight[] = [];
  const toRead: WantedSource[] = [];
  for (const each of wanted) {
    const sight = ofClass(each, digester) ?? fromSnapshot(each);
    if (sight) known.push(sight);
    else toRead.push(each);
  }
  const groups = [...Map.groupBy(toRead, ({ ref }) => `${ref.kind}/${ref.namespace}`).values()];
  const plans = groups.map((group) => ({ group, options: listOptions(group, neighbourhood) }));
  const listed = await mapPool(plans, 1, async ({ group, options }) =>
    options ? readByList(cluster, group, options, digester) : [],
  );
  const single = plans.flatMap(({ group, options }) => (options ? [] : group));
  const fetched = await mapPool(single, width, (each) => readOne(cluster, each, digester));
  return [...known, ...listed.flat(), ...fetched];
}

/** A class has no body to read: what pods have mounted of it came with the lists. */
function ofClass({ ref, header, previous, keyIds }: WantedSource, digester: Digester): SourceSight | undefined {
  if (ref.kind !== "SecretProviderClass" || !header) return undefined;
  return { ref, sight: sightOfClass(header, previous, keyIds, digester) };
}

function fromSnapshot({ ref, header, previous, keyIds }: WantedSource): SourceSight | undefined {
  if (!header || !previous || previous.goneSince) return undefined;
  const unmoved = previous.uid === header.uid && previous.resourceVersion === header.resourceVersion;
  if (!unmoved || [...keyIds].some((id) => id !== previous.keyId)) return undefined;
  // Everything that is in the snapshot too is taken from there: this may be kept for every source that anybody uses.
  const { uid, resourceVersion, keyId, digests } = previous;
  const known = new Map([[keyId, digests]]);
  return { ref, sight: { is: "present", source: { ...header, uid, resourceVersion, digests: known } } };
}

/** The list that brings a group of sources and nothing else; `undefined` where reading them one by one costs less. */
function listOptions(group: readonly WantedSource[], { listed, selector }: Neighbourhood): ListOptions | undefined {
  const [first] = group;
  if (!first || group.length < worthAList) return undefined;
  const { kind, namespace } = first.ref;
  const names = new Set(group.map(({ ref }) => ref.name));
  const others = listed(kind, namespace).filter((name) => !names.has(name));
  return others.length > mostExceptions ? undefined : { namespace, ...sourceOptions(kind, selector, others) };
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
  options: ListOptions,
  digester: Digester,
): Promise<SourceSight[]> {
  const { kind } = (group[0] as WantedSource).ref;
  const byName = new Map(group.map((each) => [each.ref.name, each]));
  try {
    const found = await readList(cluster, sourceResources[kind], options, (item) => {
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
  const header = sourceHeader(wanted.ref.kind, object, (key) => concernsReroll(key, {}));
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

function blindTo({ ref }: WantedSource, error: unknown): SourceSight {
  if (!(error instanceof PortError) || error.code === "aborted") throw error;
  return { ref, sight: { is: "unobserved" }, error };
}
