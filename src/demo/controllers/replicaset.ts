import { fields, type Stored } from "../object.ts";
import { type Access, counted, removeObject, wantedReplicas, writeStatus } from "./access.ts";
import { activePods, countPods, createPod, freshPodName, isReady, nodeFor } from "./pods.ts";

/** Keeps as many pods as a ReplicaSet asks for (`pkg/controller/replicaset`). */
export function reconcileReplicaSet(access: Access, set: Stored): void {
  const wanted = wantedReplicas(set);
  const { template } = fields(set, "spec");
  for (let missing = wanted - activePods(access, set).length; missing > 0; missing -= 1) {
    const name = freshPodName(access, set);
    createPod(access, set, template, { name, node: nodeFor(access, name) });
  }
  // Those that are not ready go first, then the youngest (`controller.ActivePodsWithRanks`).
  const pods = activePods(access, set);
  const goingFirst = [...pods.filter((pod) => !isReady(pod)).reverse(), ...pods.filter(isReady).reverse()];
  for (const pod of goingFirst.slice(0, Math.max(0, pods.length - wanted))) removeObject(access, pod);

  const left = activePods(access, set);
  const { ready, available } = countPods(access, set, left);
  writeStatus(access, set, {
    replicas: left.length,
    ...counted({
      fullyLabeledReplicas: left.length,
      readyReplicas: ready,
      availableReplicas: available,
      observedGeneration: set.metadata.generation ?? 0,
    }),
  });
}
