import type { PortError } from "./errors.ts";
import type { Issue } from "./plan.ts";
import type { SourceHeader } from "./source.ts";
import type { Workload } from "./workload.ts";

/** A kind in one namespace, or in all of them, that could not be observed. Failing to look is never "nothing is there". */
export interface Blindness {
  readonly kind: string;
  /** Absent: the kind could not be observed anywhere. */
  readonly namespace?: string;
  readonly error: PortError;
}

/** How much of the cluster a run could see. */
export interface View {
  readonly blind: readonly Blindness[];
  readonly issues: readonly Issue[];
  /** Whether the namespace is one this run looks at; outside of it nothing is known and nothing is touched. */
  readonly covers: (namespace: string) => boolean;
}

/** Everything one run sees before it reads any body. */
export interface Observation extends View {
  readonly headers: readonly SourceHeader[];
  readonly workloads: readonly Workload[];
}

/** Whether a kind was seen completely in a namespace of this run. */
export function sees({ covers, blind }: View, kind: string, namespace: string): boolean {
  return (
    covers(namespace) &&
    !blind.some((gap) => gap.kind === kind && (gap.namespace === undefined || gap.namespace === namespace))
  );
}
