import { fields, type Stored } from "../object.ts";
import { type Access, counted, removeObject, wantedReplicas, writeStatus } from "./access.ts";
import { currentControllerRevision, forgetRevisions, keptTemplate, revisionsOf } from "./history.ts";
import { activePods, countPods, createPod, isReady, nodeFor, untilAvailable } from "./pods.ts";

const revisionLabel = "controller-revision-hash";

interface Plan {
  readonly set: Stored;
  readonly replicas: number;
  readonly first: number;
  readonly current: Stored;
  readonly update: Stored;
  readonly monotonic: boolean;
  readonly rolling: boolean;
  readonly partition: number;
}

/** Takes a StatefulSet one step towards its spec, and its status with it (`pkg/controller/statefulset/stateful_set_control.go`). */
export function reconcileStatefulSet(access: Access, set: Stored): void {
  const spec = fields(set, "spec");
  const update = currentControllerRevision(access, set, { label: "controller.kubernetes.io/hash" });
  const was = fields(set, "status").currentRevision;
  const current = revisionsOf(access, set).find(({ metadata }) => metadata.name === was) ?? update;
  const strategy = fields(spec, "updateStrategy");
  const plan: Plan = {
    set,
    replicas: wantedReplicas(set),
    first: number(fields(spec, "ordinals").start),
    current,
    update,
    monotonic: spec.podManagementPolicy !== "Parallel",
    rolling: strategy.type !== "OnDelete",
    partition: number(fields(strategy, "rollingUpdate").partition),
  };
  while (step(access, plan)) {}
  writeStatus(access, set, statusOf(access, plan));
  const live = new Set([current.metadata.name, update.metadata.name]);
  forgetRevisions(access, set, live, (revision) => revision.metadata.name);
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

/** Does the next thing that may be done now; false when there is none. */
function step(access: Access, plan: Plan): boolean {
  const { set, replicas, first, monotonic } = plan;
  const pods = new Map(activePods(access, set).map((pod) => [ordinalOf(pod), pod]));
  const healthy = (pod: Stored) => untilAvailable(pod, set, access.now()) === 0;
  for (let ordinal = first; ordinal < first + replicas; ordinal += 1) {
    const pod = pods.get(ordinal);
    if (!pod) {
      create(access, plan, ordinal);
      return true;
    }
    if (monotonic && !healthy(pod)) return false;
  }
  const beyond = [...pods.keys()].filter((ordinal) => ordinal < first || ordinal >= first + replicas);
  const last = pods.get(Math.max(...beyond));
  if (last) {
    removeObject(access, last);
    return true;
  }
  return plan.rolling && updateNext(access, plan, pods, healthy);
}

/** From the highest ordinal down to the partition: replaces one pod, then waits for it. */
function updateNext(
  access: Access,
  { first, replicas, partition, update }: Plan,
  pods: ReadonlyMap<number, Stored>,
  healthy: (pod: Stored) => boolean,
): boolean {
  for (let ordinal = first + replicas - 1; ordinal >= first + partition; ordinal -= 1) {
    const pod = pods.get(ordinal);
    if (pod && pod.metadata.labels?.[revisionLabel] !== update.metadata.name) {
      removeObject(access, pod);
      return true;
    }
    if (pod && !healthy(pod)) return false;
  }
  return false;
}

function ordinalOf(pod: Stored): number {
  return Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? -1);
}

/** Below the partition a missing pod comes back as it was (`statefulset.newVersionedStatefulSetPod`). */
function create(access: Access, { set, first, current, update, rolling, partition }: Plan, ordinal: number): void {
  const revision = rolling && ordinal < first + partition ? current : update;
  const name = `${set.metadata.name}-${ordinal}`;
  createPod(access, set, keptTemplate(revision), {
    name,
    node: nodeFor(access, name),
    labels: {
      [revisionLabel]: revision.metadata.name,
      "statefulset.kubernetes.io/pod-name": name,
      "apps.kubernetes.io/pod-index": String(ordinal),
    },
  });
}

function statusOf(access: Access, { set, current, update, rolling }: Plan) {
  const pods = activePods(access, set);
  const { ready, available } = countPods(access, set, pods);
  const carrying = (revision: string) =>
    pods.filter(({ metadata }) => metadata.labels?.[revisionLabel] === revision).length;
  const updated = carrying(update.metadata.name);
  // Every pod is new and ready: only then the update revision becomes the current one.
  const complete = rolling && updated === pods.length && ready === pods.length;
  const now = complete ? update : current;
  return {
    replicas: pods.length,
    availableReplicas: available,
    collisionCount: 0,
    currentRevision: now.metadata.name,
    updateRevision: update.metadata.name,
    ...counted({
      observedGeneration: set.metadata.generation ?? 0,
      readyReplicas: pods.filter(isReady).length,
      currentReplicas: carrying(now.metadata.name),
      updatedReplicas: updated,
    }),
  };
}
