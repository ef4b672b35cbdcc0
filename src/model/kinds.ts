import type { AnnotationName } from "./annotations.ts";
import { dig, type KubeObject } from "./object.ts";
import type { SourceKind, WorkloadRef } from "./ref.ts";
import type { StrategyName } from "./strategies.ts";

/** Where a resource lives in the API. `group` is empty for the core group. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  /** Not every cluster serves it: where it is not served, there is nothing of it, and that is no failure to look. */
  readonly optional?: true;
}

/** Where the label selector of a kind's pods stands: `labels` is a `meta/v1.LabelSelector`, `map` a plain map, `query` the text of a query. */
export interface SelectorPath {
  readonly path: readonly string[];
  readonly form: "labels" | "map" | "query";
}

/** The objects that tell one revision of a workload from the other. */
export interface Revisions {
  readonly resource: Resource;
  /** The pod label that carries the revision. */
  readonly label: string;
  /** How much of them it takes to tell the revision: the workload's status says it, their metadata do, or only the whole object. */
  readonly read: "never" | "metadata" | "whole";
  /** Pods are controlled by them, and not by the workload itself. */
  readonly ownPods: boolean;
}

/** A kind of workload: a new row is a new kind. */
export interface WorkloadKind extends Resource {
  /** What a {@link WorkloadRef} calls it: the kind, or `Kind.group` where another row has that kind already. */
  readonly name: string;
  /** As people type it for kubectl. */
  readonly short: string;
  /** Path of the pod template inside the object. */
  readonly template: readonly string[];
  /** The first that can be read counts; none: it has no pods of its own. */
  readonly selectors: readonly SelectorPath[];
  /** Absent: nothing tells which revision a pod is of. */
  readonly revisions?: Revisions;
  /** Its pod template never changes, so all of its pods are of one revision. */
  readonly fixedTemplate?: true;
  /** Its status has no observedGeneration. */
  readonly unobserved?: true;
  /** How it can be restarted; the first is the default. */
  readonly strategies: readonly [StrategyName, ...StrategyName[]];
  /** An annotation of somebody else's that chooses among them too. */
  readonly strategyAnnotation?: AnnotationName;
}

const apps = { group: "apps", version: "v1" } as const;
const batch = { group: "batch", version: "v1" } as const;

const secretsStore = { group: "secrets-store.csi.x-k8s.io", version: "v1", optional: true } as const;

export const sourceResources: Readonly<Record<SourceKind, Resource>> = {
  ConfigMap: { group: "", version: "v1", plural: "configmaps", kind: "ConfigMap" },
  Secret: { group: "", version: "v1", plural: "secrets", kind: "Secret" },
  SecretProviderClass: { ...secretsStore, plural: "secretproviderclasses", kind: "SecretProviderClass" },
};

export const resources = {
  namespace: { group: "", version: "v1", plural: "namespaces", kind: "Namespace" },
  pod: { group: "", version: "v1", plural: "pods", kind: "Pod" },
  replicaSet: { ...apps, plural: "replicasets", kind: "ReplicaSet" },
  controllerRevision: { ...apps, plural: "controllerrevisions", kind: "ControllerRevision" },
  job: { ...batch, plural: "jobs", kind: "Job" },
  cronJob: { ...batch, plural: "cronjobs", kind: "CronJob" },
  /** What each pod has mounted of a SecretProviderClass, written by the driver on its node. */
  secretProviderClassPodStatus: {
    ...secretsStore,
    plural: "secretproviderclasspodstatuses",
    kind: "SecretProviderClassPodStatus",
  },
  lease: { group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease" },
} as const satisfies Record<string, Resource>;

const template = ["spec", "template"] as const;
const selectors: readonly SelectorPath[] = [{ path: ["spec", "selector"], form: "labels" }];
const controllerRevisions = {
  resource: resources.controllerRevision,
  label: "controller-revision-hash",
  ownPods: false,
} as const;

/** Every kind of workload reroll restarts without being told about it. */
export const workloadKinds: readonly WorkloadKind[] = [
  {
    ...apps,
    plural: "deployments",
    short: "deploy",
    kind: "Deployment",
    name: "Deployment",
    template,
    selectors,
    revisions: { resource: resources.replicaSet, label: "pod-template-hash", read: "metadata", ownPods: true },
    strategies: ["rollout"],
  },
  {
    ...apps,
    plural: "statefulsets",
    short: "sts",
    kind: "StatefulSet",
    name: "StatefulSet",
    template,
    selectors,
    revisions: { ...controllerRevisions, read: "never" },
    strategies: ["rollout"],
  },
  {
    ...apps,
    plural: "daemonsets",
    short: "ds",
    kind: "DaemonSet",
    name: "DaemonSet",
    template,
    selectors,
    revisions: { ...controllerRevisions, read: "whole" },
    strategies: ["rollout"],
  },
  {
    ...resources.cronJob,
    short: "cj",
    name: "CronJob",
    template: ["spec", "jobTemplate", "spec", "template"],
    selectors: [],
    unobserved: true,
    strategies: ["skip", "patch", "trigger"],
  },
  {
    ...resources.job,
    short: "job",
    name: "Job",
    template,
    selectors,
    fixedTemplate: true,
    unobserved: true,
    strategies: ["skip", "recreate"],
  },
];

/** The row of a kind among those of the policy, whatever the case it was typed in; also by plural, by the short name, or by `Kind.group`. */
export function findWorkloadKind(name: string, kinds: readonly WorkloadKind[]): WorkloadKind | undefined {
  const wanted = name.toLowerCase();
  const names = ({ name: own, kind, plural, short, group }: WorkloadKind) => [
    [own.toLowerCase()],
    [kind.toLowerCase(), plural, short, `${plural}.${group}`, `${kind.toLowerCase()}.${group}`],
  ];
  const by = (place: 0 | 1) => kinds.find((row) => names(row)[place]?.includes(wanted));
  return by(0) ?? by(1);
}

/** The row that a workload's ref names. A ref that was read in this run always has one. */
export function kindOf({ kind }: Pick<WorkloadRef, "kind">, kinds: readonly WorkloadKind[]): WorkloadKind {
  const row = kinds.find(({ name }) => name === kind);
  if (!row) throw new Error(`no such kind of workload: ${kind}`);
  return row;
}

/** The pod template of a workload. */
export function podTemplate(object: KubeObject, kind: WorkloadKind): unknown {
  return dig(object, ...kind.template);
}
