import { isAccessError } from "../model/errors.ts";
import type { Issue } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { compareRefs, compareText, parseSourceName, type WorkloadRef } from "../model/ref.ts";
import type { OwedRestart, StatusReport } from "../model/report-memory.ts";
import type { NamespaceState, WorkloadRecord } from "../model/state.ts";
import type { Ports, StoredDocument } from "../ports.ts";
import { loadState, type Remembered } from "../record/remember.ts";
import { lastRunOf } from "../run/lock.ts";
import { covers, pastEvents, workloadOf } from "./history.ts";
import { committedRestarts, quarantinesOf } from "./quarantined.ts";

/** Lines of history shown with the status. */
const recentLines = 10;

interface Known {
  readonly workload: WorkloadRef;
  readonly record: WorkloadRecord;
}

/** What is remembered, owed and unfinished, from the state and the Lease alone: the cluster's workloads and sources are not listed. */
export async function status(
  ports: Pick<Ports, "states" | "lock">,
  policy: Policy,
  stateName: string,
): Promise<StatusReport> {
  const remembered = await loadState(ports.states, stateName);
  const { state } = remembered;
  const namespaces = Object.entries(state.namespaces)
    .filter(([name]) => covers(policy, name))
    .sort(([a], [b]) => compareText(a, b));
  const known = namespaces.flatMap(knownWorkloads);
  const { lastRun, issues } = await readLastRun(ports);
  return {
    state: { namespace: ports.states.namespace, name: stateName, known: !remembered.first, ...sizeOf(remembered) },
    lastRun,
    remembered: {
      namespaces: namespaces.length,
      sources: total(namespaces.map(([, { sources }]) => Object.keys(sources).length)),
      workloads: known.length,
    },
    pending: known.flatMap(owed),
    quarantines: known.flatMap(({ workload, record }) => quarantinesOf(workload, record, policy.loopBreaker.settle)),
    unverified: known.flatMap(({ workload, record }) =>
      record.unverified ? [{ ...record.unverified, workload }] : [],
    ),
    committed: committedRestarts(state).filter(({ workload }) => covers(policy, workload.namespace)),
    stripped: known.flatMap(({ workload, record }) => (record.stripped ? [{ ...record.stripped, workload }] : [])),
    gone: namespaces.flatMap(tombstones),
    recent: pastEvents(state, (name) => covers(policy, name)).slice(0, recentLines),
    issues,
    exitCode: issues.length > 0 ? 3 : 0,
  };
}

function knownWorkloads([namespace, { workloads }]: [string, NamespaceState]): Known[] {
  return Object.entries(workloads)
    .flatMap(([name, record]) => {
      const workload = workloadOf(namespace, name);
      return workload ? [{ workload, record }] : [];
    })
    .sort((a, b) => compareRefs(a.workload, b.workload));
}

function owed({ workload, record: { pending } }: Known): OwedRestart[] {
  return pending ? [{ workload, since: pending.since, reason: pending.reason, because: pending.causes }] : [];
}

function tombstones([namespace, { sources }]: [string, NamespaceState]): StatusReport["gone"][number][] {
  return Object.entries(sources)
    .flatMap(([name, { goneSince }]) => {
      const source = parseSourceName(name, namespace);
      return goneSince !== undefined && source ? [{ source, since: goneSince }] : [];
    })
    .sort((a, b) => compareRefs(a.source, b.source));
}

/** How large the state is, in bytes over all its ConfigMaps, and over how many shards it is spread. */
export function sizeOf({ documents }: Remembered): { readonly bytes: number; readonly shards: number } {
  return { bytes: total([...documents.values()].map(bytesOf)), shards: Math.max(0, documents.size - 1) };
}

/** Bytes of the values of a document, which is what the API server counts. */
export function bytesOf({ data, binaryData }: Pick<StoredDocument, "data" | "binaryData">): number {
  const texts = Object.values(data).map((text) => Buffer.byteLength(text));
  return total([...texts, ...Object.values(binaryData).map((bytes) => bytes.length)]);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

/** The state is worth showing also to somebody who may not read the Lease. */
async function readLastRun({ lock }: Pick<Ports, "lock">): Promise<{
  readonly lastRun: StatusReport["lastRun"];
  readonly issues: readonly Issue[];
}> {
  try {
    return { lastRun: lastRunOf(await lock.read()), issues: [] };
  } catch (error) {
    if (!isAccessError(error)) throw error;
    return { lastRun: undefined, issues: [{ code: "not-observed", path: "Lease reroll", message: error.message }] };
  }
}
