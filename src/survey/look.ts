import type { Policy } from "../model/policy.ts";
import { formatRef } from "../model/ref.ts";
import type { Workload, WorkloadHeader } from "../model/workload.ts";
import { asks } from "../plan/eligible.ts";
import type { Reading, WorkloadGap } from "../snapshot/workloads.ts";

/** Workloads that were read whole, by what they ask. */
export interface Look {
  readonly asking: readonly Workload[];
  readonly silent: readonly Workload[];
  readonly gaps: readonly WorkloadGap[];
  /** Formatted refs of those that are not what was listed any more: they may use what was not there yet when the sources were listed. */
  readonly moved: ReadonlySet<string>;
}

/** Sorts what was read; `listed` is what the list said of it. */
export function sortReading(listed: readonly WorkloadHeader[], { workloads, gaps }: Reading, policy: Policy): Look {
  const { asking = [], silent = [] } = Object.groupBy(workloads, (each) => (asks(each, policy) ? "asking" : "silent"));
  const headers = new Map(listed.map((header) => [formatRef(header.ref), header]));
  const moved = workloads.filter(({ ref, uid, generation }) => {
    const header = headers.get(formatRef(ref));
    return header !== undefined && (header.uid !== uid || header.generation !== generation);
  });
  return { asking, silent, gaps, moved: new Set(moved.map(({ ref }) => formatRef(ref))) };
}
