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
