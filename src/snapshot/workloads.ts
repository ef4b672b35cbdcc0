import { PortError } from "../model/errors.ts";
import { kindOf, type WorkloadKind } from "../model/kinds.ts";
import type { KubeObject } from "../model/object.ts";
import type { Policy } from "../model/policy.ts";
import { mapPool } from "../model/pool.ts";
import type { WorkloadRef } from "../model/ref.ts";
import type { Workload, WorkloadHeader } from "../model/workload.ts";
import type { Cluster } from "../ports.ts";
import { readBorrowed } from "./borrowed.ts";
import { readList } from "./scope.ts";
import type { Sharing } from "./sharing.ts";
import { readWorkload } from "./workload.ts";

/** Workloads of one namespace read at the same time. */
const width = 4;
/** From this many of one kind and namespace on a list may cost less than reading them one by one: where they are at least a fifth of all. */
const worthAList = 5;
const worthwhile = 5;

/** A workload that could not be read. What is known of it stays as it was. */
export interface WorkloadGap {
  readonly ref: WorkloadRef;
  /** `bad-answer`: it came, and lacks what every workload has. */
  readonly error: PortError;
}

/** Workloads as they are now, whole. One that is in neither list is gone. */
export interface Reading {
  readonly workloads: readonly Workload[];
  readonly gaps: readonly WorkloadGap[];
}

/** What reading takes besides the workloads. */
interface Means {
  readonly cluster: Cluster;
  readonly policy: Policy;
  readonly sharing: Sharing;
  /** How many workloads of a kind there are in the namespace. */
  readonly population: (kind: string) => number;
}

/** Reads workloads of one namespace whole, one by one or by a list, whichever costs less. */
export async function readWorkloads(wanted: readonly WorkloadHeader[], means: Means): Promise<Reading> {
  const found = { workloads: [] as Workload[], gaps: [] as WorkloadGap[] };
  for (const [name, group] of Map.groupBy(wanted, ({ ref }) => ref.kind)) {
    const kind = kindOf({ kind: name }, means.policy.kinds);
    const list = group.length >= worthAList && group.length * worthwhile >= means.population(name);
    const missing = list ? await readByList(group, kind, means, found) : group;
    await mapPool(missing, width, ({ ref }) => readOne(ref, kind, means, found));
  }
  return withBorrowed(found, means);
}

/** Borrowed templates are read last: a template that is newer than its borrower is the one its pods will run. */
async function withBorrowed(found: Found, { cluster, sharing }: Means): Promise<Reading> {
  const all = await readBorrowed(cluster, found.workloads, sharing);
  const failed = found.workloads.flatMap(({ ref }, index): WorkloadGap[] => {
    const error = all[index];
    return error instanceof PortError ? [{ ref, error }] : [];
  });
  const workloads = all.flatMap((each) => (each instanceof PortError ? [] : [each]));
  return { workloads, gaps: [...found.gaps, ...failed] };
}

interface Found {
  readonly workloads: Workload[];
  readonly gaps: WorkloadGap[];
}

/** Returns those that the list did not hold: they are read by themselves before they are taken for gone. */
async function readByList(
  group: readonly WorkloadHeader[],
  kind: WorkloadKind,
  means: Means,
  found: Found,
): Promise<readonly WorkloadHeader[]> {
  const names = new Map(group.map((header) => [header.ref.name, header]));
  const [{ ref }] = group as [WorkloadHeader];
  const kept: Found = { workloads: [], gaps: [] };
  try {
    await readList(means.cluster, kind, { namespace: ref.namespace }, (item) => {
      const header = names.get(item.metadata.name);
      if (header) keep(item, header.ref, kind, means, kept);
      return [];
    });
  } catch (error) {
    if (!isGap(error)) throw error;
    found.gaps.push(...group.map((header) => ({ ref: header.ref, error })));
    return [];
  }
  // A list that expired half-way was begun again: what came last counts.
  const last = new Map([...kept.workloads, ...kept.gaps].map((each) => [each.ref.name, each]));
  for (const each of last.values()) "error" in each ? found.gaps.push(each) : found.workloads.push(each);
  return group.filter((header) => !last.has(header.ref.name));
}

async function readOne(ref: WorkloadRef, kind: WorkloadKind, means: Means, found: Found): Promise<void> {
  try {
    const object = await means.cluster.get(kind, ref.namespace, ref.name);
    if (object) keep(object, ref, kind, means, found);
  } catch (error) {
    if (!isGap(error)) throw error;
    found.gaps.push({ ref, error });
  }
}

/** A workload that cannot be read blinds us to it alone, not to its neighbours. */
function keep(object: KubeObject, ref: WorkloadRef, kind: WorkloadKind, means: Means, found: Found): void {
  try {
    found.workloads.push(readWorkload(object, kind, means.policy, means.sharing));
  } catch (error) {
    if (!isGap(error)) throw error;
    found.gaps.push({ ref, error });
  }
}

function isGap(error: unknown): error is PortError {
  return error instanceof PortError && error.code !== "aborted";
}
