import type { AnnotationName } from "./annotations.ts";
import { dig, type KubeObject, number } from "./object.ts";
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
  /** They need not carry the labels that their pods carry, so the selector of the pods does not find them. */
  readonly unlabelled?: true;
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
  /** Path of a reference to another object, whose pod template and selector count where it is there. */
  readonly borrows?: readonly string[];
  /** Whether its status tells which generation its controller has acted on; `perhaps` may be as text. */
  readonly observed: "always" | "perhaps" | "never";
  /** How its health is read, where that is not told by rules of its own: from what most kinds have in common (`kstatus`), or not at all. */
  readonly health?: "kstatus" | "none";
  /** Absent: nothing tells which revision a pod is of. */
  readonly revisions?: Revisions;
  /** Its pod template never changes, so all of its pods are of one revision. */
  readonly fixedTemplate?: true;
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
  podTemplate: { group: "", version: "v1", plural: "podtemplates", kind: "PodTemplate" },
  replicationController: { group: "", version: "v1", plural: "replicationcontrollers", kind: "ReplicationController" },
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
    observed: "always",
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
    observed: "always",
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
    observed: "always",
    revisions: { ...controllerRevisions, read: "whole" },
    strategies: ["rollout"],
  },
  {
    ...resources.cronJob,
    short: "cj",
    name: "CronJob",
    template: ["spec", "jobTemplate", "spec", "template"],
    selectors: [],
    observed: "never",
    strategies: ["skip", "patch", "trigger"],
  },
  {
    ...resources.job,
    short: "job",
    name: "Job",
    template,
    selectors,
    fixedTemplate: true,
    observed: "never",
    strategies: ["skip", "recreate"],
  },
  {
    group: "argoproj.io",
    version: "v1alpha1",
    plural: "rollouts",
    short: "ro",
    kind: "Rollout",
    name: "Rollout",
    optional: true,
    template,
    selectors,
    borrows: ["spec", "workloadRef"],
    observed: "perhaps",
    revisions: { resource: resources.replicaSet, label: "rollouts-pod-template-hash", read: "metadata", ownPods: true },
    strategies: ["rollout", "restart"],
    strategyAnnotation: "rolloutStrategy",
  },
  {
    group: "apps.openshift.io",
    version: "v1",
    plural: "deploymentconfigs",
    short: "dc",
    kind: "DeploymentConfig",
    name: "DeploymentConfig",
    optional: true,
    template,
    selectors: [{ path: ["spec", "selector"], form: "map" }],
    observed: "always",
    revisions: {
      resource: resources.replicationController,
      label: "deployment",
      read: "metadata",
      ownPods: true,
      unlabelled: true,
    },
    strategies: ["rollout"],
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

/**
 * The generation that the workload's controller has acted on. Kinds that may not tell it count as up to date where they do not: Argo
 * Rollouts writes it as text, and older ones a hash in its place (utils/rollout/rolloututil.go, isGenerationObserved).
 */
export function observedGeneration(object: KubeObject, { observed }: WorkloadKind): number {
  const told = observed === "never" ? undefined : dig(object, "status", "observedGeneration");
  const count = typeof told === "string" && /^\d{1,15}$/.test(told) ? Number(told) : number(told);
  return count ?? (observed === "always" ? 0 : (object.metadata.generation ?? 0));
}
