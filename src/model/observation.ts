import type { PortError } from "./errors.ts";
import { resources } from "./kinds.ts";
import type { Issue } from "./plan.ts";
import type { Policy } from "./policy.ts";
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
  /** Names of the optional kinds whose API is not served: nothing of them is there, and what is remembered of them stays. */
  readonly absent: readonly string[];
  /** Names of the kinds, of sources and of workloads, that the configuration wants looked at: what is remembered of any other stays. */
  readonly wanted: readonly string[];
  /** Whether the namespace is one this run looks at; outside of it nothing is known and nothing is touched. */
  readonly covers: (namespace: string) => boolean;
  /** The policy of one namespace: the configuration, and over it what the annotations of the namespace say. */
  readonly policyOf: (namespace: string) => Policy;
}

/** Everything one run sees before it reads any body. */
export interface Observation extends View {
  readonly headers: readonly SourceHeader[];
  readonly workloads: readonly Workload[];
}

const namespaceKind: string = resources.namespace.kind;

/** What kept a kind from being seen in a namespace: its own list, or that nobody knows what the namespace's annotations say. */
export function blindnessAt({ blind }: Pick<View, "blind">, kind: string, namespace: string): Blindness | undefined {
  return blind.find(
    (gap) =>
      (gap.kind === kind || gap.kind === namespaceKind) && (gap.namespace === undefined || gap.namespace === namespace),
  );
}

/** Whether a kind was seen completely in a namespace of this run. */
export function sees(
  view: Pick<View, "covers" | "blind" | "absent" | "wanted">,
  kind: string,
  namespace: string,
): boolean {
  const listed = view.wanted.includes(kind) && !view.absent.includes(kind);
  return view.covers(namespace) && listed && blindnessAt(view, kind, namespace) === undefined;
}
