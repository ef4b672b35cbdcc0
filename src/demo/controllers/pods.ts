import { dig, objects } from "../../model/object.ts";
import { fields, type Stored, suffix } from "../object.ts";
import { resourceOf } from "../resources.ts";
import { type Access, createOwned, removeObject } from "./access.ts";

/** Whether the pod has the condition Ready (`podutil.IsPodReady`). */
export function isReady(pod: Stored): boolean {
  return readySince(pod) !== undefined;
}

/** When it became ready; milliseconds since the epoch. */
function readySince(pod: Stored): number | undefined {
  const ready = objects(dig(pod, "status", "conditions")).find(({ type }) => type === "Ready");
  return ready?.status === "True" ? Date.parse(String(ready.lastTransitionTime)) : undefined;
}

/** How many milliseconds a pod still has to stay ready until it is available; undefined: it is not ready (`podutil.IsPodAvailable`). */
export function untilAvailable(pod: Stored, owner: Stored, now: number): number | undefined {
  const since = readySince(pod);
  const { minReadySeconds } = fields(owner, "spec");
  const needed = typeof minReadySeconds === "number" ? minReadySeconds * 1000 : 0;
  return since === undefined ? undefined : needed === 0 ? 0 : Math.max(0, since + needed - now);
}

/** Whether a controller counts the pod: it has not finished (`controller.IsPodActive`). */
function isActive(pod: Stored): boolean {
  const { phase } = fields(pod, "status");
  return phase !== "Succeeded" && phase !== "Failed";
}

/** The pods of a workload or ReplicaSet that count. */
export function activePods(access: Access, owner: Stored): Stored[] {
  return access.owned.of(owner.metadata.uid, "Pod").filter(isActive);
}

/** How many of the pods are ready, and how many available; asks to look again when the next one gets available. */
export function countPods(
  access: Access,
  owner: Stored,
  pods: readonly Stored[],
): { ready: number; available: number } {
  const waits = pods.map((pod) => untilAvailable(pod, owner, access.now())).filter((wait) => wait !== undefined);
  const next = waits.filter((wait) => wait > 0);
  if (next.length > 0) access.again(owner, Math.min(...next));
  return { ready: waits.length, available: waits.length - next.length };
}

/** Creates a pod of `owner` from the template; on its node it waits for the kubelet. A finished pod of that name makes room. */
export function createPod(
  access: Access,
  owner: Stored,
  template: unknown,
  { name, node, labels = {} }: { name: string; node: string; labels?: Readonly<Record<string, string>> },
): Stored {
  const former = access.store.get(resourceOf("Pod"), owner.metadata.namespace, name);
  if (former) removeObject(access, former);
  const { annotations, labels: own } = fields(template, "metadata");
  return createOwned(access, "Pod", owner, {
    metadata: {
      name,
      generateName: `${owner.metadata.name}-`,
      labels: { ...(own as Record<string, string>), ...labels },
      ...(annotations ? { annotations: annotations as Record<string, string> } : {}),
    },
    spec: { ...fields(template, "spec"), nodeName: node },
    status: { phase: "Pending", qosClass: "BestEffort" },
  });
}

/** A name for a new pod that nothing in the namespace has. */
export function freshPodName(access: Access, owner: Stored): string {
  const { name, namespace, uid } = owner.metadata;
  for (let attempt = access.store.revision; ; attempt += 1) {
    const candidate = `${name}-${suffix(`${uid} ${attempt}`, 5)}`;
    if (!access.store.get(resourceOf("Pod"), namespace, candidate)) return candidate;
  }
}

/** A node for a new pod, the same on every machine. */
export function nodeFor(access: Access, name: string): string {
  const sum = [...name].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return access.nodes[sum % access.nodes.length] ?? "node-1";
}
