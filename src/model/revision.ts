import type { WorkloadKind } from "./kinds.ts";
import { dig, type KubeObject, number, text } from "./object.ts";

/** Written by the Deployment controller on the Deployment and on its ReplicaSets (`deploymentutil.RevisionAnnotation`). */
export const deploymentRevisionAnnotation = "deployment.kubernetes.io/revision";

/** What tells the revision of a workload without its stamp; see `Workload.revision`. */
export interface RevisionOwner {
  readonly uid: string;
  readonly revision?: string | undefined;
}

type Rule = (kind: WorkloadKind, workload: RevisionOwner, owned: readonly KubeObject[]) => string | undefined;

/** The revision whose label pods carry, per kind: `deployment/util.FindNewReplicaSet`, `statefulset.newVersionedStatefulSetPod`, `daemon.constructHistory`. */
const rules: Readonly<Record<string, Rule>> = {
  Deployment: (kind, workload, owned) => {
    if (workload.revision === undefined) return undefined;
    const current = owned.find((set) => revisionAnnotation(set) === workload.revision);
    return current && revisionLabel(kind, current);
  },
  StatefulSet: (_kind, workload) => workload.revision || undefined,
  Rollout: (_kind, workload) => workload.revision || undefined,
  DeploymentConfig: (_kind, workload) => workload.revision || undefined,
  DaemonSet: (kind, _workload, owned) => {
    const numbered = owned.filter((revision) => number(revision.revision) !== undefined);
    const known = numbered.length === owned.length ? numbered : [];
    const newest = known.reduce<KubeObject | undefined>(
      (best, each) => (best && Number(best.revision) >= Number(each.revision) ? best : each),
      undefined,
    );
    return newest && revisionLabel(kind, newest);
  },
};

/** Where a kind tells its current revision itself. */
const told: Readonly<Record<string, (object: KubeObject) => string | undefined>> = {
  Deployment: (object) => revisionAnnotation(object),
  StatefulSet: (object) => text(dig(object, "status", "updateRevision")),
  Rollout: (object) => text(dig(object, "status", "currentPodHash")),
  // appsutil.LatestDeploymentNameForConfig: pods carry the name of their ReplicationController.
  DeploymentConfig: (object) => {
    const version = number(dig(object, "status", "latestVersion"));
    return version === undefined ? undefined : `${object.metadata.name}-${version}`;
  },
};

/** What an object says about its current revision (`Workload.revision`); `undefined` where its kind does not tell. */
export function toldRevision(kind: WorkloadKind, object: KubeObject): string | undefined {
  return told[kind.name]?.(object);
}

/** The value of `deployment.kubernetes.io/revision`. */
export function revisionAnnotation(object: KubeObject): string | undefined {
  return text(dig(object.metadata.annotations, deploymentRevisionAnnotation));
}

/** The value of the kind's revision label on a ReplicaSet or ControllerRevision. */
export function revisionLabel(kind: WorkloadKind, revision: KubeObject): string | undefined {
  return kind.revisions && text(dig(revision.metadata.labels, kind.revisions.label));
}

/** Whether the object's controller is the one with that uid (`metav1.IsControlledBy`). */
export function isControlledBy(object: KubeObject, uid: string): boolean {
  return (object.metadata.ownerReferences ?? []).some((owner) => owner.controller === true && owner.uid === uid);
}

/**
 * The value of the kind's revision label that pods of the workload's current revision carry; `undefined` where that cannot be told,
 * which never means "no pod is current". `revisions` are the ReplicaSets or ControllerRevisions of the namespace, owned or not.
 * Metadata is enough for ReplicaSets; ControllerRevisions are needed whole, because `.revision` is no metadata. A StatefulSet needs none.
 */
export function currentRevision(
  kind: WorkloadKind,
  workload: RevisionOwner,
  revisions: readonly KubeObject[],
): string | undefined {
  const owned = revisions.filter((revision) => isControlledBy(revision, workload.uid));
  return rules[kind.name]?.(kind, workload, owned);
}
