import type { WorkloadKind } from "../model/kinds.ts";
import { dig, type KubeObject, objects, text } from "../model/object.ts";
import { condition, time } from "./fields.ts";

/** The Ready condition is True. */
export function isReady(pod: KubeObject): boolean {
  return condition(pod, "Ready")?.status === "True";
}

/** Ready for at least that long (`podutil.IsPodAvailable`); `ms` 0: ready at all. */
export function isReadySince(pod: KubeObject, ms: number, now: number): boolean {
  if (!isReady(pod)) return false;
  return ms === 0 || time(condition(pod, "Ready")?.lastTransitionTime) + ms <= now;
}

/** The kubelet or the scheduler takes the pod away for reasons of the node: eviction, drain, preemption, taint. */
export function isDisrupted(pod: KubeObject): boolean {
  return condition(pod, "DisruptionTarget")?.status === "True";
}

/** The node a pod of a DaemonSet is meant for, also before it is scheduled (`daemon/util.ReplaceDaemonSetPodNodeNameNodeAffinity`). */
function daemonNode(pod: KubeObject): string | undefined {
  const required = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
  const terms = objects(dig(pod, "spec", ...required, "nodeSelectorTerms"));
  const field = terms.flatMap((term) => objects(term.matchFields)).find(({ key }) => key === "metadata.name");
  const named = Array.isArray(field?.values) ? text(field.values[0]) : undefined;
  return text(dig(pod, "spec", "nodeName")) ?? named;
}

const places: Readonly<Record<string, (pod: KubeObject) => string | undefined>> = {
  DaemonSet: daemonNode,
  StatefulSet: (pod) => pod.metadata.name,
};

/** What stays when a pod is replaced: its node under a DaemonSet, its name under a StatefulSet, nothing under a Deployment. */
export function place(kind: WorkloadKind, pod: KubeObject): string | undefined {
  return places[kind.name]?.(pod);
}
