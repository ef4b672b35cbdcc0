import { dig, type KubeObject } from "./object.ts";
import type { SourceKind } from "./ref.ts";

/** Where a resource lives in the API. `group` is empty for the core group. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
}

/** A kind of workload: a new row is a new kind. */
export interface WorkloadKind extends Resource {
  /** As people type it for kubectl. */
  readonly short: string;
  /** Path of the pod template inside the object. */
  readonly template: readonly string[];
  /** Where the objects that tell one revision from the other are kept, and the pod label that carries the revision. */
  readonly revisions: Resource;
  readonly revisionLabel: string;
}

const apps = { group: "apps", version: "v1" } as const;
const batch = { group: "batch", version: "v1" } as const;

export const sourceResources: Readonly<Record<SourceKind, Resource>> = {
  ConfigMap: { group: "", version: "v1", plural: "configmaps", kind: "ConfigMap" },
  Secret: { group: "", version: "v1", plural: "secrets", kind: "Secret" },
};

export const resources = {
  namespace: { group: "", version: "v1", plural: "namespaces", kind: "Namespace" },
  pod: { group: "", version: "v1", plural: "pods", kind: "Pod" },
  replicaSet: { ...apps, plural: "replicasets", kind: "ReplicaSet" },
  controllerRevision: { ...apps, plural: "controllerrevisions", kind: "ControllerRevision" },
  job: { ...batch, plural: "jobs", kind: "Job" },
  cronJob: { ...batch, plural: "cronjobs", kind: "CronJob" },
  lease: { group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease" },
} as const satisfies Record<string, Resource>;

const template = ["spec", "template"] as const;

/** Every kind of workload reroll restarts. */
export const workloadKinds: readonly WorkloadKind[] = [
  {
    ...apps,
    plural: "deployments",
    short: "deploy",
    kind: "Deployment",
    template,
    revisions: resources.replicaSet,
    revisionLabel: "pod-template-hash",
  },
  {
    ...apps,
    plural: "statefulsets",
    short: "sts",
    kind: "StatefulSet",
    template,
    revisions: resources.controllerRevision,
    revisionLabel: "controller-revision-hash",
  },
  {
    ...apps,
    plural: "daemonsets",
    short: "ds",
    kind: "DaemonSet",
    template,
    revisions: resources.controllerRevision,
    revisionLabel: "controller-revision-hash",
  },
];

/** The row of a kind, whatever the case it was typed in; also by plural or by the short name. */
export function findWorkloadKind(name: string): WorkloadKind | undefined {
  const wanted = name.toLowerCase();
  return workloadKinds.find((row) => [row.kind.toLowerCase(), row.plural, row.short].includes(wanted));
}

/** The pod template of a workload. */
export function podTemplate(object: KubeObject, kind: WorkloadKind): unknown {
  return dig(object, ...kind.template);
}
