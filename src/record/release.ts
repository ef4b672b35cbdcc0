import type { LoopMemory, Quarantine } from "../model/loops.ts";
import { localName, type WorkloadRef } from "../model/ref.ts";
import {
  type LedgerEntry,
  type NamespaceState,
  namespaceState,
  type State,
  type WorkloadRecord,
} from "../model/state.ts";

/** One quarantine of one workload. */
export interface Release {
  readonly workload: WorkloadRef;
  readonly quarantine: Quarantine;
}

/**
 * The same state without some of its quarantines, as though what led to them had never happened; what is owed stays owed. `at` is ISO 8601.
 * Quarantines the state does not hold change nothing.
 */
export function releaseAll(state: State, releases: readonly Release[], at: string): State {
  const byNamespace = Map.groupBy(releases, ({ workload }) => workload.namespace);
  const changed = [...byNamespace].map(([name, own]): [string, NamespaceState] => [
    name,
    releaseIn(namespaceState(state, name), own, at),
  ]);
  return changed.length === 0 ? state : { namespaces: { ...state.namespaces, ...Object.fromEntries(changed) } };
}

/**
 * The same state in which commits that were taken back are forgotten, so that the next run may make them again; what is owed stays owed.
 * `at` is ISO 8601. Workloads of which the state holds no such commit change nothing.
 */
export function releaseCommits(state: State, released: readonly WorkloadRef[], at: string): State {
  const byNamespace = Map.groupBy(released, ({ namespace }) => namespace);
  const changed = [...byNamespace].map(([name, own]): [string, NamespaceState] => {
    const before = namespaceState(state, name);
    const known = own.map(localName).flatMap((workload): [string, WorkloadRecord][] => {
      const record = before.workloads[workload];
      return record?.committed?.reverted ? [[workload, record]] : [];
    });
    const freed = known.map(([workload, record]): [string, WorkloadRecord] => [workload, uncommitted(record)]);
    const lines = known.map(([workload, { committed, pending }]): LedgerEntry => {
      const what = `commit ${committed?.commit.slice(0, 12)}, which was taken back, may be made again (reroll retry)`;
      return { at, workload, outcome: "released", reason: what, durationMs: 0, because: pending?.causes ?? [] };
    });
    const workloads = { ...before.workloads, ...Object.fromEntries(freed) };
    return [name, { ...before, workloads, ledger: [...before.ledger, ...lines] }];
  });
  return changed.length === 0 ? state : { namespaces: { ...state.namespaces, ...Object.fromEntries(changed) } };
}

function uncommitted({ committed: _, pending, ...record }: WorkloadRecord): WorkloadRecord {
  if (!pending) return record;
  return { ...record, pending: pending.reason === "reverted" ? { ...pending, reason: "released" } : pending };
}

function releaseIn(before: NamespaceState, releases: readonly Release[], at: string): NamespaceState {
  const byWorkload = Map.groupBy(releases, ({ workload }) => localName(workload));
  const workloads = [...byWorkload].flatMap(([name, own]): [string, WorkloadRecord][] => {
    const record = before.workloads[name];
    return record
      ? [
          [
            name,
            released(
              record,
              own.map(({ quarantine }) => quarantine),
            ),
          ],
        ]
      : [];
  });
  const lines = releases.map(({ workload, quarantine }) => ledgerLine(before, localName(workload), quarantine, at));
  return {
    ...before,
    workloads: { ...before.workloads, ...Object.fromEntries(workloads) },
    ledger: [...before.ledger, ...lines],
  };
}

function released({ loops, ...record }: WorkloadRecord, over: readonly Quarantine[]): WorkloadRecord {
  const same = (a: Quarantine) => (b: Quarantine) => a.rule === b.rule && a.source === b.source;
  const quarantines = (loops?.quarantines ?? []).filter((each) => !over.some(same(each)));
  const trails = Object.entries(loops?.trails ?? {}).filter(([name]) => !over.some(({ source }) => source === name));
  const restarts = over.some(({ rule }) => rule === "restarts") ? [] : (loops?.restarts ?? []);
  const next: LoopMemory = {
    ...(trails.length > 0 ? { trails: Object.fromEntries(trails) } : {}),
    ...(restarts.length > 0 ? { restarts } : {}),
    ...(quarantines.length > 0 ? { quarantines } : {}),
  };
  const { pending } = record;
  const freed = pending?.reason === "quarantined" && quarantines.length === 0;
  return {
    ...record,
    ...(freed ? { pending: { ...pending, reason: "released" } } : {}),
    ...(Object.keys(next).length > 0 ? { loops: next } : {}),
  };
}

function ledgerLine({ workloads }: NamespaceState, workload: string, { source }: Quarantine, at: string): LedgerEntry {
  const causes = workloads[workload]?.pending?.causes ?? [];
  return {
    at,
    workload,
    outcome: "released",
    reason: "let out of quarantine by hand (reroll retry)",
    durationMs: 0,
    because: causes.filter((cause) => source === undefined || cause.source === source),
  };
}
