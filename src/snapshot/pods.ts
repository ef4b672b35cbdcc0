import { PortError } from "../model/errors.ts";
import { kindOf, resources, type WorkloadKind } from "../model/kinds.ts";
import { dig, type KubeObject, text } from "../model/object.ts";
import { mapPool } from "../model/pool.ts";
import { formatRef } from "../model/ref.ts";
import { currentRevision, isControlledBy } from "../model/revision.ts";
import type { PodFacts, Workload } from "../model/workload.ts";
import type { Cluster } from "../ports.ts";
import { readList } from "./scope.ts";

/** Namespaces looked at at the same time. */
const width = 4;
/** From this many workloads of one namespace on, its pods are listed once instead of once per workload. */
const worthWholeNamespace = 3;
/** Finished pods run nothing any more. */
const running = "status.phase!=Succeeded,status.phase!=Failed";

/** When a workload's pods were created, or why nobody can say. */
export interface PodSight {
  readonly pods?: PodFacts;
  readonly error?: PortError;
}

/** What there is to see of a kind that has no pods of its own. */
const noPods: PodFacts = { oldest: undefined, oldestCurrent: undefined, created: [] };

/** Lists pods and revisions of the workloads, metadata only where metadata is enough. Keys are formatted refs. */
export async function observePods(
  cluster: Cluster,
  workloads: readonly Workload[],
  kinds: readonly WorkloadKind[],
): Promise<Map<string, PodSight>> {
  const {
    none = [],
    owned = [],
    selected = [],
  } = Object.groupBy(workloads, ({ ref, podSelector }) =>
    podSelector === "" ? "none" : knowsItsPods(kindOf(ref, kinds)) ? "owned" : "selected",
  );
  const groups = [
    ...[...Map.groupBy(owned, ({ ref }) => ref.namespace).values()].flatMap((group) =>
      group.length >= worthWholeNamespace ? [group] : group.map((workload) => [workload]),
    ),
    ...selected.map((workload) => [workload]),
  ];
  const sights = await mapPool(groups, width, async (group): Promise<[string, PodSight][]> => {
    try {
      return await readGroup(cluster, group, kinds);
    } catch (error) {
      if (!(error instanceof PortError) || error.code === "aborted") throw error;
      return group.map(({ ref }) => [formatRef(ref), { error }]);
    }
  });
  return new Map([...none.map(({ ref }): [string, PodSight] => [formatRef(ref), { pods: noPods }]), ...sights.flat()]);
}

/** By their owner. Of a kind that nobody knows more of, the selector alone tells them. */
function knowsItsPods({ revisions, fixedTemplate }: WorkloadKind): boolean {
  return revisions !== undefined || fixedTemplate === true;
}

async function readGroup(
  cluster: Cluster,
  group: readonly Workload[],
  kinds: readonly WorkloadKind[],
): Promise<[string, PodSight][]> {
  const [first] = group as [Workload];
  const { namespace } = first.ref;
  const selector = group.length === 1 ? { labelSelector: first.podSelector } : {};
  const rows = new Set(group.map(({ ref }) => kindOf(ref, kinds)));
  const revisions = new Map<string, KubeObject[]>();
  for (const { revisions: kept } of rows) {
    if (!kept || kept.read === "never" || revisions.has(kept.resource.kind)) continue;
    const metadataOnly = kept.read === "metadata";
    const options = { namespace, metadataOnly, ...(kept.unlabelled ? {} : selector) };
    const found = await readList(cluster, kept.resource, options, (item) => [
      metadataOnly ? item : { metadata: item.metadata, revision: item.revision },
    ]);
    revisions.set(kept.resource.kind, found);
  }
  const pods = await readList(
    cluster,
    resources.pod,
    { namespace, metadataOnly: true, fieldSelector: running, ...selector },
    (item) => (item.metadata.deletionTimestamp ? [] : [item]),
  );
  const podsByOwner = Map.groupBy(pods, controllerUid);
  return group.map((workload) => [
    formatRef(workload.ref),
    { pods: podFacts(workload, kindOf(workload.ref, kinds), podsByOwner, revisions) },
  ]);
}

function controllerUid({ metadata }: KubeObject): string | undefined {
  return metadata.ownerReferences?.find((owner) => owner.controller)?.uid;
}

function podFacts(
  workload: Workload,
  kind: WorkloadKind,
  podsByOwner: ReadonlyMap<string | undefined, readonly KubeObject[]>,
  revisions: ReadonlyMap<string, readonly KubeObject[]>,
): PodFacts {
  if (!knowsItsPods(kind)) return selectedFacts([...podsByOwner.values()].flat());
  const known = kind.revisions ? (revisions.get(kind.revisions.resource.kind) ?? []) : [];
  const owned = known.filter((revision) => isControlledBy(revision, workload.uid));
  const owners = [workload.uid, ...owned.map(({ metadata }) => metadata.uid)];
  const own = owners.flatMap((uid) => podsByOwner.get(uid) ?? []);
  const current = currentRevision(kind, workload, owned);
  const { label = "" } = kind.revisions ?? {};
  const ofCurrent = own.filter((pod) => text(dig(pod.metadata.labels, label)) === current);
  const created = creationTimes(own);
  const [oldestCurrent] = kind.fixedTemplate ? created : current === undefined ? [] : creationTimes(ofCurrent);
  return { oldest: created[0], oldestCurrent, created };
}

/** Nothing tells of which revision they are: they are fresh when all of them are. */
function selectedFacts(pods: readonly KubeObject[]): PodFacts {
  const created = creationTimes(pods);
  return { oldest: created[0], oldestCurrent: created[0], created };
}

/** Oldest first. */
function creationTimes(pods: readonly KubeObject[]): number[] {
  const times = pods.map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? ""));
  return times.filter(Number.isFinite).sort((a, b) => a - b);
}
