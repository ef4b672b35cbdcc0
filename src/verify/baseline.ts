import type { WorkloadKind } from "../model/kinds.ts";
import { dig, type KubeObject, number } from "../model/object.ts";
import type { Baseline } from "../model/outcome.ts";
import { isControlledBy } from "../model/revision.ts";
import type { Counts } from "./facts.ts";
import { count } from "./fields.ts";
import { isReady, place } from "./pod.ts";

const desiredOf: Readonly<Record<string, (object: KubeObject) => number>> = {
  DaemonSet: (object) => count(object, "status", "desiredNumberScheduled"),
  Job: (object) => count(object, "status", "active"),
};

/** Where a kind counts its available pods; a Job knows only which are ready. */
const availableField: Readonly<Record<string, string>> = { DaemonSet: "numberAvailable", Job: "ready" };

const placed: ReadonlySet<string> = new Set(["DaemonSet", "StatefulSet"]);

function replicas(object: KubeObject): number {
  return number(dig(object, "spec", "replicas")) ?? 1;
}

/** A kind that does not count its pods was healthy before, as far as anybody knows. */
function commonBaseline(object: KubeObject): Baseline {
  const status = (field: string) => number(dig(object, "status", field));
  const desired = number(dig(object, "spec", "replicas")) ?? status("replicas") ?? 0;
  return { desired, available: status("availableReplicas") ?? status("readyReplicas") ?? desired };
}

/**
 * Takes the baseline from the object as it is before the patch. Pods make it say where, not only how many; they are worth
 * reading only where the baseline without them {@link wasBroken}. A pod that is being deleted is no pod any more.
 */
export function takeBaseline(kind: WorkloadKind, object: KubeObject, pods?: readonly KubeObject[]): Baseline {
  if (kind.health) return commonBaseline(object);
  const desired = (desiredOf[kind.name] ?? replicas)(object);
  const available = count(object, "status", availableField[kind.name] ?? "availableReplicas");
  if (!pods || !placed.has(kind.name)) return { desired, available };
  const own = pods.filter((pod) => isControlledBy(pod, object.metadata.uid));
  const ready = new Set(own.filter((pod) => !pod.metadata.deletionTimestamp && isReady(pod)).map(placeOf(kind)));
  const notReadyAt = [...new Set(own.map(placeOf(kind)))].filter((at) => at !== "" && !ready.has(at)).sort();
  return { desired, available, notReadyAt };
}

function placeOf(kind: WorkloadKind): (pod: KubeObject) => string {
  return (pod) => place(kind, pod) ?? "";
}

/** Fewer pods were available than there should have been. */
export function wasBroken(baseline: Baseline | undefined): baseline is Baseline {
  return baseline !== undefined && baseline.available < baseline.desired;
}

/** Not one pod was available. */
export function wasDown(baseline: Baseline | undefined): boolean {
  return wasBroken(baseline) && baseline.available <= 0;
}

/**
 * Whether a rollout that goes no further leaves the workload no worse than it was. Where nothing was available, a new pod that
 * is not available either changes nothing; otherwise every pod must be updated but for `slack`, and as many available as before.
 */
export function isNoWorse(counts: Counts, baseline: Baseline | undefined, slack = 0): boolean {
  if (!wasBroken(baseline)) return false;
  if (wasDown(baseline)) return counts.updated > 0;
  return (
    counts.updated >= counts.wanted - slack &&
    counts.old <= slack &&
    counts.available >= Math.min(baseline.available, counts.desired)
  );
}
