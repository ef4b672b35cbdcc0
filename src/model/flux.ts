/** Names one object of a namespace. */
export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** Names one object by what kustomize calls its id: what a patch or a label must match. */
export interface ObjectId extends ObjectName {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
}

/** `kustomize.toolkit.fluxcd.io/v1` Patch: as kustomize has it. */
export interface PatchEntry {
  /** As written; `undefined`: the patch names its object itself. */
  readonly target: Readonly<Record<string, string>> | undefined;
  /** YAML: a strategic merge patch, or a list of operations of JSON Patch. */
  readonly patch: string;
}

/** What of a condition tells how reconciling goes (`meta/v1.Condition`). */
export interface FluxCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number | undefined;
}

/** What every object of Flux tells. */
export interface FluxFacts extends ObjectName {
  readonly generation: number;
  readonly observedGeneration: number;
  readonly suspended: boolean;
  readonly conditions: readonly FluxCondition[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly lastHandledReconcileAt: string | undefined;
}

/** A live Kustomization (kustomize-controller, api/v1/kustomization_types.go): what decides how a tree is built. */
export interface KustomizationFacts extends FluxFacts {
  /** `spec.path` as written; empty: the root. */
  readonly path: string;
  readonly sourceRef: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly targetNamespace: string | undefined;
  readonly namePrefix: string;
  readonly nameSuffix: string;
  readonly patches: readonly PatchEntry[];
  readonly components: readonly string[];
  readonly ignoreMissingComponents: boolean;
  /**
   * Variables of `postBuild`; `undefined`: nothing is substituted. `complete` false: some come from ConfigMaps or Secrets that nobody read,
   * so a name with a variable can only be told by elimination.
   */
  readonly substitute: { readonly variables: Readonly<Record<string, string>>; readonly complete: boolean } | undefined;
  /** `spec.ignore`: rules that keep fields from being applied, as they are. */
  readonly ignore: readonly unknown[];
  /** `spec.kubeConfig` is set: it deploys elsewhere. */
  readonly remote: boolean;
  /** `status.inventory.entries[].id`: `<namespace>_<name>_<group>_<Kind>`; `undefined`: it has none yet. */
  readonly inventory: ReadonlySet<string> | undefined;
  readonly lastAppliedRevision: string | undefined;
  readonly lastAttemptedRevision: string | undefined;
}

/** A live GitRepository (source-controller, api/v1/gitrepository_types.go). */
export interface GitRepositoryFacts extends FluxFacts {
  readonly url: string;
  /** The branch that is followed; `undefined`: something else is, named by `pinned`. */
  readonly branch: string | undefined;
  readonly pinned: string | undefined;
  /** `spec.include`: folders of the artifact that come from other GitRepositories. */
  readonly include: readonly { readonly repository: string; readonly fromPath: string; readonly toPath: string }[];
  /** `spec.ignore`: rules in the form of .gitignore, in place of the usual ones. */
  readonly ignore: string | undefined;
  /** `spec.sparseCheckout`; empty: everything. */
  readonly sparseCheckout: readonly string[];
  readonly recurseSubmodules: boolean;
  /** `spec.verify.mode`; `undefined`: signatures are not looked at. */
  readonly verify: string | undefined;
  readonly provider: string;
  readonly secret: string | undefined;
  readonly proxySecret: string | undefined;
  /** `status.artifact.revision`, `main@sha1:<40 hex>`. */
  readonly artifactRevision: string | undefined;
}

/** A live HelmRelease (helm-controller, api/v2/helmrelease_types.go), as far as it owns workloads. */
export interface HelmReleaseFacts extends FluxFacts {
  readonly remote: boolean;
  /** Absent before helm-controller 1.5. */
  readonly inventory: ReadonlySet<string> | undefined;
  readonly releaseName: string;
  readonly storageNamespace: string;
  readonly targetNamespace: string;
  readonly driftDetection: string | undefined;
}

/** What an object says about who manages it: see `owner-marks.ts`. */
export interface OwnerMarks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A workload with everything of Flux that stands between it and a branch. */
export interface Owned {
  /** What has to be found in the repository: the workload itself, or the HelmRelease that makes it. */
  readonly object: ObjectId;
  /** What applies it. */
  readonly kustomization: KustomizationFacts;
  readonly source: GitRepositoryFacts;
  readonly helmRelease?: HelmReleaseFacts;
}
