import type { WorkloadKind } from "../model/kinds.ts";
import { dig, type KubeObject, text } from "../model/object.ts";
import { currentRevision, isControlledBy, revisionAnnotation, revisionLabel, toldRevision } from "../model/revision.ts";
import type { Expected, LiveFacts } from "./facts.ts";

/** What pods of the current revision carry. */
export interface RevisionLabel {
  readonly label: string;
  readonly value: string;
}

function stampOf(template: unknown, key: string): string | undefined {
  return text(dig(template, "metadata", "annotations", key));
}

/** The stamped ReplicaSet is known before the Deployment's revision annotation has moved; of several, the newest. */
function stamped(kind: WorkloadKind, object: KubeObject, revisions: readonly KubeObject[], expected: Expected) {
  const owned = revisions.filter(
    (set) =>
      isControlledBy(set, object.metadata.uid) &&
      stampOf(dig(set, "spec", "template"), expected.stampAnnotation) === expected.stamp,
  );
  const [newest] = owned.toSorted((a, b) => Number(revisionAnnotation(b) ?? 0) - Number(revisionAnnotation(a) ?? 0));
  return newest && revisionLabel(kind, newest);
}

/**
 * The label of pods of the revision that carries our stamp: for a Deployment of the owned ReplicaSet whose template has it, else of
 * the one with the Deployment's revision; for the other kinds see `model/revision.ts`. `undefined` where it cannot be told.
 */
export function currentRevisionLabel(
  kind: WorkloadKind,
  object: KubeObject,
  revisions: readonly KubeObject[],
  expected: Expected,
): RevisionLabel | undefined {
  const workload = { uid: object.metadata.uid, revision: toldRevision(kind, object) };
  const value = stamped(kind, object, revisions, expected) ?? currentRevision(kind, workload, revisions);
  return value === undefined || !kind.revisions ? undefined : { label: kind.revisions.label, value };
}

/** The workload's own pods, also those that are being deleted; none where nobody looked. */
export function ownPods({ kind, object, revisions, pods = [] }: LiveFacts): KubeObject[] {
  const owners = [object, ...(revisions ?? []).filter((each) => isControlledBy(each, object.metadata.uid))];
  // Without the objects that own its pods a workload cannot tell them by their owner: the selector has to do.
  const anyOwner = !kind.revisions || (kind.revisions.ownPods && revisions === undefined);
  return pods.filter((pod) => anyOwner || owners.some((owner) => isControlledBy(pod, owner.metadata.uid)));
}

/** The workload's pods that are not being deleted, split by whether they are of the revision with our stamp. */
export function splitPods(facts: LiveFacts): { readonly updated: KubeObject[]; readonly old: KubeObject[] } {
  const { kind, object, expected, revisions } = facts;
  const own = ownPods(facts).filter((pod) => !pod.metadata.deletionTimestamp);
  const current = currentRevisionLabel(kind, object, revisions ?? [], expected);
  if (kind.fixedTemplate) return { updated: own, old: [] };
  const since = restartedInPlace(object, expected);
  const isUpdated = (pod: KubeObject) =>
    since === undefined ? isNew(pod, current, expected) : !(Date.parse(pod.metadata.creationTimestamp ?? "") < since);
  const { updated = [], old = [] } = Object.groupBy(own, (pod) => (isUpdated(pod) ? "updated" : "old"));
  return { updated, old };
}

/** Where the stamp stands on the object itself, pods are told by their age: those created before `spec.restartAt` are still to be replaced. */
function restartedInPlace(object: KubeObject, expected: Expected): number | undefined {
  if (text(dig(object.metadata.annotations, expected.stampAnnotation)) !== expected.stamp) return undefined;
  const asked = Date.parse(text(dig(object, "spec", "restartAt")) ?? "");
  return Number.isNaN(asked) ? undefined : asked;
}

/** Pods carry the annotations of the template they were made from, so the stamp tells where the revision does not. */
function isNew(pod: KubeObject, current: RevisionLabel | undefined, expected: Expected): boolean {
  return current
    ? text(dig(pod.metadata.labels, current.label)) === current.value
    : stampOf(pod, expected.stampAnnotation) === expected.stamp;
}
