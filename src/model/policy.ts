import type { AnnotationName } from "./annotations.ts";
import type { Author } from "./git.ts";
import type { WorkloadKind } from "./kinds.ts";
import type { LoopBreaker } from "./loops.ts";
import type { Mode } from "./mode.ts";
import type { SourceKind } from "./ref.ts";
import type { SettingsSaid, Statement } from "./settings.ts";

/** What the stages need from the configuration, as plain data. */
export interface Policy {
  /** How restarts are asked for where no annotation of a workload says so. */
  readonly mode: Mode;
  /** The annotation of the one namespace that this policy is for, where it chose the mode. */
  readonly modeSaid?: Statement;
  readonly git: GitPolicy;
  /** Treat every workload that says nothing as if it said `auto: "true"`. */
  readonly autoReloadAll: boolean;
  /** A source that appears where a workload already used it restarts that workload. */
  readonly reloadOnCreate: boolean;
  /** A source that disappears restarts the workloads that use it. */
  readonly reloadOnDelete: boolean;
  /** Watch only the keys a pod can read where that is known; off: the whole source, as Stakater Reloader does. */
  readonly perKey: boolean;
  /** The Secrets that images are pulled with count too. */
  readonly imagePullSecrets: boolean;
  /** `grouped`: a pattern must match the whole name. `stakater`: `^` and `$` bind to the outer alternatives only. */
  readonly anchoring: "grouped" | "stakater";
  /** Source kinds that are not looked at. */
  readonly ignoreSources: readonly SourceKind[];
  /** Every kind of workload that is known: the table of `kinds.ts`, and what the configuration adds. */
  readonly kinds: readonly WorkloadKind[];
  /** How workloads of a kind are restarted where nothing closer to them says so: name of the kind -> a word, which its row may not have. */
  readonly strategies: Readonly<Record<string, string>>;
  /** The annotation of the one namespace that this policy is for, and the kinds for which it chose among `strategies`. */
  readonly strategySaid?: { readonly by: Statement; readonly kinds: readonly string[] };
  /** Names of workload kinds that are not looked at. */
  readonly ignoreWorkloads: readonly string[];
  readonly namespaces: NamespacePolicy;
  /** Read the annotations of the namespaces that are looked at: their defaults, and whether they are paused. */
  readonly namespaceAnnotations: boolean;
  /** What the annotations of the one namespace say that this policy is for; what they set is in the other fields already. */
  readonly namespaceSaid?: SettingsSaid;
  /** Label selector for sources; empty: all. */
  readonly selector: string;
  /** Annotation keys used instead of Stakater's defaults. */
  readonly annotationKeys: Readonly<Partial<Record<AnnotationName, string>>>;
  /** Act on first sight of a workload too, where its pods are older than the last write of a source. */
  readonly catchUp: boolean;
  readonly loopBreaker: LoopBreaker;
  /** How many workloads are patched at the same time, and, once all are, how many are watched at the same time: all of them roll at once. */
  readonly concurrency: number;
  /** How long one workload's rollout is watched, and how long the whole run may take. Milliseconds. `rollout` absent: by kind and size. */
  readonly timeouts: { readonly run: number; readonly rollout: number | undefined };
}

/** What is done with a workload in git mode whose place in a repository cannot be told, or must not be edited. */
export type OnUnresolvable = "direct" | "skip" | "fail";

/** Git mode. */
export interface GitPolicy {
  /** GitRepositories that commits may go to: `namespace/name`, or `namespace/*`. */
  readonly repositories: readonly string[];
  /** The credential of reroll's own; absent: there is none. */
  readonly secret: { readonly namespace: string; readonly name: string } | undefined;
  /** Without one of its own, use the one that Flux reads with. */
  readonly useSourceSecret: boolean;
  readonly author: Author;
  /** Template of the subject line. */
  readonly message: string;
  readonly skipCi: boolean;
  /** What this cluster is called in commits; empty: not at all. */
  readonly cluster: string;
  /** How long it is waited for Flux to apply what was committed, milliseconds; 0: not at all. */
  readonly await: number;
  readonly onUnresolvable: OnUnresolvable;
  /** Ask HelmReleases and Kustomizations to reconcile that take values or variables from a changed source. */
  readonly reconcileReferences: boolean;
}

/** Which namespaces are looked at. All conditions must hold. */
export interface NamespacePolicy {
  /** Listed one by one; empty: all namespaces, listed at once. */
  readonly only: readonly string[];
  readonly ignore: readonly string[];
  /** Label selector for namespaces; empty: any. */
  readonly selector: string;
}
