import type { Mode } from "./mode.ts";
import type { Quarantined } from "./quarantined.ts";
import type { SourceRef, WorkloadRef } from "./ref.ts";
import type { StrategyName } from "./strategies.ts";
import type { ManualReason, ObjectStamp, StampPair } from "./workload.ts";

/** What happened to a source since a workload rolled out with it. */
export type ChangeKind = "added" | "modified" | "removed";

/** A difference between two snapshots of one source. */
export interface Change {
  readonly source: SourceRef;
  readonly change: ChangeKind;
  /** Names of the keys that differ, sorted; empty where only the digest of the whole is known. */
  readonly keys: readonly string[];
}

/** What a patch must find unchanged, so that it can never act on something nobody has looked at. */
export interface Guard {
  readonly uid: string;
  /** `undefined`: the object has none, and must have none still. */
  readonly generation: number | undefined;
  readonly stamps: StampPair;
  readonly hasTemplateAnnotations: boolean;
  /** See `Workload.metadata`. */
  readonly metadata?: ObjectStamp;
}

/** One restart, whatever the number of changes behind it. */
export interface Action {
  readonly workload: WorkloadRef;
  readonly because: readonly Change[];
  readonly wave: number;
  /** How the restart is asked for. */
  readonly mode: Mode;
  /** How it is restarted. */
  readonly strategy: StrategyName;
  /** The value of the stamp annotation of that mode. */
  readonly stamp: string;
  /** The same for direct mode, where a commit turns out to be impossible. */
  readonly directStamp: string;
  readonly guard: Guard;
  readonly restartedAt: boolean;
  /** See `Workload.manual`. */
  readonly manual: ManualReason | undefined;
}

/** Why a restart that is owed is not done now. */
export type PendingReason =
  | "paused"
  | "paused-by-annotation"
  | "quarantined"
  | "blocked"
  | "suspended"
  | "job-running"
  | "rollout-not-observed"
  | "superseded"
  | "failed"
  | "interrupted"
  | "unobserved"
  | "verifying"
  | "committed"
  | "unresolvable"
  | "reverted";

/** What keeps a restart from being done now. */
export interface Hold {
  readonly reason: PendingReason;
  readonly message: string;
}

/** A restart that is owed and not due now. */
export interface Pending extends Hold {
  readonly workload: WorkloadRef;
  readonly because: readonly Change[];
  /** When the change was first seen, ISO 8601. */
  readonly since: string;
}

/** Why a workload touched by a changed source is not restarted. */
export type SkipReason =
  | "not-opted-in"
  | "not-used"
  | "other-namespace"
  | "kind-ignored"
  | "auto-off"
  | "source-ignored"
  | "excluded"
  | "not-named"
  | "no-match"
  | "kind-narrowed-out"
  | "keys-not-used"
  | "already-fresh"
  | "reverted"
  | "adopted"
  | "maybe-stale"
  | "removed-source-kept"
  | "key-lost"
  | "strategy-skip"
  | "job-owned"
  | "job-managed"
  | "job-finished";

/** A workload that uses a changed source and is left alone, with the reason. */
export interface Skip {
  readonly workload: WorkloadRef;
  readonly source: SourceRef;
  readonly reason: SkipReason;
  readonly message: string;
}

/** Something a person should look at. Issues never change the exit code by themselves. */
export interface Issue {
  readonly code: string;
  /** What it is about: an object, an annotation, a scope, a file path. */
  readonly path: string;
  readonly message: string;
}

/** What a run would do now, and why. */
export interface Plan {
  readonly actions: readonly Action[];
  readonly pending: readonly Pending[];
  readonly quarantines: readonly Quarantined[];
  readonly skips: readonly Skip[];
  readonly issues: readonly Issue[];
}
