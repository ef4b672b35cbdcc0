import { withEnd } from "../model/loops.ts";
import { type Quarantined, toQuarantined } from "../model/quarantined.ts";
import { compareRefs, type WorkloadRef } from "../model/ref.ts";
import type { CommittedRestart } from "../model/report-memory.ts";
import type { State, WorkloadRecord } from "../model/state.ts";
import { workloadOf } from "./history.ts";

/** The quarantines of one workload, from its record alone. `settle` in milliseconds. */
export function quarantinesOf(
  workload: WorkloadRef,
  { loops, pending }: WorkloadRecord,
  settle: number,
): Quarantined[] {
  const held = pending?.reason === "quarantined" ? pending.causes.map(({ source }) => source) : [];
  return (loops?.quarantines ?? []).map((each) => toQuarantined(workload, withEnd(each, loops?.trails, settle), held));
}

/** What waits to be applied by Flux, and what was taken back, by workload. */
export function committedRestarts({ namespaces }: State): CommittedRestart[] {
  return Object.entries(namespaces)
    .flatMap(([namespace, { workloads }]) =>
      Object.entries(workloads).flatMap(([name, { committed }]) => {
        const workload = workloadOf(namespace, name);
        return workload && committed ? [{ ...committed, workload }] : [];
      }),
    )
    .sort((a, b) => compareRefs(a.workload, b.workload));
}

/** Every quarantine that the state holds, by workload. */
export function allQuarantines({ namespaces }: State, settle: number): Quarantined[] {
  return Object.entries(namespaces)
    .flatMap(([namespace, { workloads }]) =>
      Object.entries(workloads).flatMap(([name, record]) => {
        const workload = workloadOf(namespace, name);
        return workload ? quarantinesOf(workload, record, settle) : [];
      }),
    )
    .sort((a, b) => compareRefs(a.workload, b.workload));
}
