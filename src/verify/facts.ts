import type { WorkloadKind } from "../model/kinds.ts";
import type { KubeObject } from "../model/object.ts";
import type { Baseline, RolloutStatus } from "../model/outcome.ts";

/** What must still be true of the workload for the rollout to be ours. */
export interface Expected {
  readonly uid: string;
  readonly stampAnnotation: string;
  readonly stamp: string;
}

/** Pods of a workload, counted. */
export interface Counts {
  /** Pods there should be. */
  readonly desired: number;
  /** How many of them the update strategy replaces: fewer under a partition. */
  readonly wanted: number;
  readonly updated: number;
  readonly available: number;
  /** Pods of older revisions that still have to go. */
  readonly old: number;
}

/** What earlier looks at the same rollout leave to later ones. Times are the API server's, milliseconds since the epoch. */
export interface Trail {
  /** The furthest the rollout has come. */
  readonly best: Counts | undefined;
  readonly progressedAt: number;
  /** Sign of a doomed pod -> when it was first seen without interruption. */
  readonly suspects: Readonly<Record<string, number>>;
  /** A pod of the new revision has been available for good. */
  readonly everAvailable: boolean;
}

/** Everything a verdict rests on. */
export interface RolloutFacts {
  readonly kind: WorkloadKind;
  /** `undefined`: there is no such object. */
  readonly object: KubeObject | undefined;
  readonly expected: Expected;
  /** When the patch was sent, the API server's clock, milliseconds since the epoch. */
  readonly startedAt: number;
  /** Of the same clock. */
  readonly now: number;
  /** What the workload's selector selects; `undefined`: nobody looked. */
  readonly pods?: readonly KubeObject[] | undefined;
  /** ReplicaSets or ControllerRevisions; `undefined`: nobody looked. */
  readonly revisions?: readonly KubeObject[] | undefined;
  /** `undefined`: nobody looked before the patch, so the workload counts as healthy before. */
  readonly baseline?: Baseline | undefined;
  readonly trail?: Trail | undefined;
}

/** Facts about an object that is there and ours. */
export interface LiveFacts extends RolloutFacts {
  readonly object: KubeObject;
}

/** What the status of a workload says by itself. */
export interface Reading extends Omit<RolloutStatus, "needsPods"> {
  readonly counts: Counts;
  /** Pods would decide it now, without waiting for a standstill. */
  readonly needsPods?: boolean;
  /** Should it stay like this, it is no worse than before the restart. */
  readonly excusable: boolean;
}

/** A verdict, and what to hand to the next look. */
export interface Look extends RolloutStatus {
  readonly trail: Trail;
  readonly excusable: boolean;
}
