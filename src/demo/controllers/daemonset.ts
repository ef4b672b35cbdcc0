import { fields, type Stored } from "../object.ts";
import { type Access, counted, removeObject, scaled, writeStatus } from "./access.ts";
import { currentControllerRevision, forgetRevisions, keptTemplate } from "./history.ts";
import { activePods, createPod, freshPodName, isReady, untilAvailable } from "./pods.ts";

const revisionLabel = "controller-revision-hash";

interface Place {
  readonly node: string;
  readonly fresh: Stored | undefined;
  readonly old: Stored | undefined;
}

/** Keeps one pod on every node, and replaces them as its strategy allows (`pkg/controller/daemon`). */
export function reconcileDaemonSet(access: Access, set: Stored): void {
  const revision = currentControllerRevision(access, set, { label: revisionLabel });
  const hash = revision.metadata.labels?.[revisionLabel] ?? "";
  const create = (node: string) =>
    createPod(access, set, keptTemplate(revision), {
      name: freshPodName(access, set),
      node,
      labels: { [revisionLabel]: hash, "pod-template-generation": String(set.metadata.generation ?? 1) },
    });
  for (const { node, fresh, old } of placesOf(access, set, hash)) if (!fresh && !old) create(node);

  const { type, rollingUpdate } = fields(set, "spec", "updateStrategy");
  if (type !== "OnDelete") {
    const limit = (name: string) => scaled(fields(rollingUpdate)[name], access.nodes.length, Math.ceil);
    const surge = limit("maxSurge");
    if (surge > 0) replaceAfter(access, set, hash, surge, create);
    else replaceBefore(access, set, hash, Math.max(1, limit("maxUnavailable")), create);
  }
  writeStatus(access, set, statusOf(access, set, hash));
  forgetRevisions(access, set, new Set([revision.metadata.name]), ({ metadata }) => metadata.labels?.[revisionLabel]);
}

function placesOf(access: Access, set: Stored, hash: string): Place[] {
  const pods = activePods(access, set);
  const on = (node: string, fresh: boolean) =>
    pods.find(
      (pod) => fields(pod, "spec").nodeName === node && (pod.metadata.labels?.[revisionLabel] === hash) === fresh,
    );
  return access.nodes.map((node) => ({ node, fresh: on(node, true), old: on(node, false) }));
}

function isAvailable(access: Access, set: Stored, pod: Stored | undefined): pod is Stored {
  return pod !== undefined && untilAvailable(pod, set, access.now()) === 0;
}

/** The old pod goes before the new one comes: broken ones at once, others while enough are available. */
function replaceBefore(
  access: Access,
  set: Stored,
  hash: string,
  maxUnavailable: number,
  create: (node: string) => Stored,
): void {
  const places = placesOf(access, set, hash);
  const unavailable = places.filter(({ fresh, old }) => !isAvailable(access, set, fresh ?? old)).length;
  const waiting = places.filter(({ fresh, old }) => !fresh && old);
  const broken = waiting.filter(({ old }) => !isAvailable(access, set, old));
  const healthy = waiting.filter(({ old }) => isAvailable(access, set, old));
  for (const { node, old } of [...broken, ...healthy.slice(0, Math.max(0, maxUnavailable - unavailable))]) {
    if (old) removeObject(access, old);
    create(node);
  }
}

/** The new pod comes first; the old one goes once it is available. */
function replaceAfter(
  access: Access,
  set: Stored,
  hash: string,
  surge: number,
  create: (node: string) => Stored,
): void {
  for (const { fresh, old } of placesOf(access, set, hash))
    if (old && isAvailable(access, set, fresh)) removeObject(access, old);
  const places = placesOf(access, set, hash);
  const surging = places.filter(({ fresh, old }) => fresh && old).length;
  const waiting = places.filter(({ fresh, old }) => !fresh && old);
  for (const { node } of waiting.slice(0, Math.max(0, surge - surging))) create(node);
}

function statusOf(access: Access, set: Stored, hash: string) {
  const places = placesOf(access, set, hash);
  const count = (holds: (place: Place) => unknown) => places.filter(holds).length;
  const available = count(({ fresh, old }) => [fresh, old].some((pod) => isAvailable(access, set, pod)));
  for (const { fresh, old } of places) {
    for (const pod of [fresh, old]) {
      const wait = pod && untilAvailable(pod, set, access.now());
      if (wait) access.again(set, wait);
    }
  }
  return {
    currentNumberScheduled: count(({ fresh, old }) => fresh ?? old),
    numberMisscheduled: 0,
    desiredNumberScheduled: places.length,
    numberReady: count(({ fresh, old }) => [fresh, old].some((pod) => pod && isReady(pod))),
    ...counted({
      observedGeneration: set.metadata.generation ?? 0,
      updatedNumberScheduled: count(({ fresh }) => fresh),
      numberAvailable: available,
      numberUnavailable: places.length - available,
    }),
  };
}
