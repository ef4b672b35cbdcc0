import type { AnnotationName } from "./annotations.ts";
import type { BatchFacts } from "./batch.ts";
import type { OwnerMarks } from "./flux.ts";
import type { Hold } from "./plan.ts";
import type { SourceKind, SourceRef, WorkloadRef } from "./ref.ts";
import type { SettingsSaid } from "./settings.ts";
import type { WatchedKeys } from "./source.ts";
import type { StrategyName } from "./strategies.ts";

/** One way in which a pod template uses a source. */
export interface Use {
  readonly kind: SourceKind;
  readonly name: string;
  readonly keys: WatchedKeys;
  /** Where in the template, for people: `container app, env LOG_LEVEL` or `volume config`. */
  readonly where: string;
  /** An image is pulled with it; whether that counts is for policy and workload to say. */
  readonly pull?: true;
}

/** One element of a named list: a RE2 pattern that is matched against the whole name. */
export interface NamePattern {
  readonly text: string;
  /** The annotation it was read from. */
  readonly annotation: string;
}

/** An annotation that was read, kept for `explain`. */
export interface AnnotationRead {
  /** Its row of the vocabulary. Two entries of one name and object: ours, which decides, comes first. */
  readonly name: AnnotationName;
  readonly key: string;
  readonly value: string;
  readonly from: "workload" | "template";
}

/** What the annotations of a workload ask for one kind of source (`PEERS` order, see `plan/match.ts`). */
export interface KindDirectives {
  /** The object whose annotations decide for this kind: the workload, or its pod template when the workload says nothing. */
  readonly from: "workload" | "template";
  /** `auto` or the typed auto says yes. */
  readonly auto: boolean;
  /** Neither `auto` nor the typed auto has any value, so auto-reload-all may decide. */
  readonly autoUnset: boolean;
  readonly search: boolean;
  readonly named: readonly NamePattern[];
  readonly exclude: readonly string[];
  /** `match` or `kind` on the workload leave this kind of source out of `auto`. */
  readonly narrowedOut: boolean;
}

/** What the annotations of a workload ask. */
export interface Directives {
  readonly byKind: Readonly<Record<SourceKind, KindDirectives>>;
  /** What the workload, or else its pod template, says of what has levels; `resolve` tells what holds. */
  readonly said: SettingsSaid;
  readonly read: readonly AnnotationRead[];
  readonly problems: readonly DirectiveProblem[];
}

/** Something a person wrote that does not mean what they think. */
export interface DirectiveProblem {
  readonly code: string;
  readonly path: string;
  readonly message: string;
}

/** The two stamps of a pod template; `undefined` where there is none. */
export interface StampPair {
  readonly direct: string | undefined;
  readonly git: string | undefined;
}

/** `NoTrigger`: a DeploymentConfig that a new template does not roll out. */
export type ManualReason = "OnDelete" | "Partition" | "NoTrigger";

/** A reference to another object of the namespace (Argo Rollouts `ObjectRef`). */
export interface BorrowedTemplate {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** What the object's own metadata say, where a stamp may stand there. */
export interface ObjectStamp {
  /** There is an annotations map, so a patch may write below it. */
  readonly annotated: boolean;
  /** The direct stamp stands here, and not on the pod template. */
  readonly stamped: boolean;
}

/** What the metadata of a workload tell, without its template. */
export interface WorkloadHeader {
  readonly ref: WorkloadRef;
  readonly uid: string;
  /** Moves with everything but metadata and status; `undefined`: this kind does not tell, so its template is read in every run. */
  readonly generation: number | undefined;
  /** Those that may concern reroll. */
  readonly annotations: Readonly<Record<string, string>>;
  /** As far as metadata tell it. */
  readonly batch?: BatchFacts;
}

/**
 * What decides which sources concern a workload and whether anything is to be done for them: read whole in this run, or told by its
 * metadata and by what the state remembers of its template.
 */
export interface Outline {
  readonly ref: WorkloadRef;
  readonly uid: string;
  /** See `WorkloadHeader.generation`. */
  readonly generation: number | undefined;
  /** `as-recorded`: nobody read them in this run, but they are those that the record saw. */
  readonly stamps: StampPair | "as-recorded";
  /** Only of Jobs and CronJobs; what only the whole object tells is absent where nobody read it. */
  readonly batch?: BatchFacts;
  readonly uses: readonly Use[];
  readonly directives: Directives;
}

/** A workload as this run read it. Actions are planned on nothing less. */
export interface Workload extends Outline {
  readonly observedGeneration: number;
  /** The template has an annotations map, so a patch may write below it. */
  readonly hasTemplateAnnotations: boolean;
  /** Annotations of the pod template that may concern reroll, the stamps left out. */
  readonly templateAnnotations: Readonly<Record<string, string>>;
  /** The direct stamp is that on the object's own metadata where there is one: see `metadata`. */
  readonly stamps: StampPair;
  /**
   * Only of kinds with a strategy that stamps the object itself. Whoever stamps the template takes the stamp of the object away, so where
   * there is one it is the newer of the two.
   */
  readonly metadata?: ObjectStamp;
  /** `spec.paused` of a Deployment. */
  readonly paused: boolean;
  /** Why a new template does not restart pods by itself: the update strategy is OnDelete, or the partition covers every replica. */
  readonly manual: ManualReason | undefined;
  /** The object whose pod template this one runs, in place of one of its own. Without the template of its own there is nothing to stamp. */
  readonly borrows?: BorrowedTemplate;
  /** What keeps a strategy from being used on it now. */
  readonly holds?: Readonly<Partial<Record<StrategyName, Hold>>>;
  /** `spec.selector` in the form of a label selector query; empty where its pods cannot be told by one. */
  readonly podSelector: string;
  /** Deployment: its revision annotation; StatefulSet: status.updateRevision. */
  readonly revision: string | undefined;
  /** Field managers that own something in the pod template, for `stripped`. */
  readonly templateManagers: readonly string[];
  /** What its labels and annotations say of who manages it; absent where they say nothing. */
  readonly marks?: OwnerMarks;
  /** Who else set the direct stamp on its pod template; absent where nobody did. */
  readonly stampOwners?: readonly string[];
}

/** When the running pods of a workload were created, as far as freshness needs it. Milliseconds since the epoch. */
export interface PodFacts {
  /** Oldest pod of the current revision that is neither finished nor being deleted; `undefined`: there is none. */
  readonly oldestCurrent: number | undefined;
  /** Oldest such pod of any revision. */
  readonly oldest: number | undefined;
  /** All such pods of any revision. */
  readonly created: readonly number[];
}

/** A source a workload names or uses, with the keys it watches and every place that uses it. */
export interface WatchedSource {
  readonly ref: SourceRef;
  readonly keys: WatchedKeys;
  readonly where: readonly string[];
}
