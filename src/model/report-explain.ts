import type { Origin, Standing } from "./comparison.ts";
import type { DecidingAnnotation, RuleName, RuleTried } from "./decision.ts";
import type { ExitCode } from "./exit.ts";
import type { ModeOrigin } from "./mode.ts";
import type { Change, Issue, Pending, SkipReason } from "./plan.ts";
import type { Quarantined } from "./quarantined.ts";
import type { SourceRef, WorkloadRef } from "./ref.ts";
import type { Level, SettingName, Statement } from "./settings.ts";
import type { Sight, WatchedKeys } from "./source.ts";
import type { CommittedRecord, RolledOut, Unverified, WorkloadRecord } from "./state.ts";
import type { StrategyChoice } from "./strategies.ts";
import type { AnnotationRead, StampPair } from "./workload.ts";

/** What a run would do with one workload now, in one word. */
export type VerdictWord =
  | "restart"
  | "pending"
  | "unchanged"
  | "adopt"
  | "nothing-counts"
  | "not-asked"
  | "left-alone"
  | "out-of-scope"
  | "not-observed";

/** One source a workload uses or names, with everything that decides what a change of it does. */
export interface ExplainedSource {
  readonly source: SourceRef;
  /** A change of the watched keys restarts the workload. */
  readonly eligible: boolean;
  /** The rule that decided. */
  readonly rule: RuleName;
  /** Why it does not count; absent where it does. */
  readonly reason: SkipReason | undefined;
  readonly message: string;
  readonly annotation: DecidingAnnotation | undefined;
  readonly tried: readonly RuleTried[];
  /** Places of the pod template; empty where only a list names it. */
  readonly where: readonly string[];
  readonly watched: WatchedKeys;
  readonly sight: Sight["is"];
  /** Why nobody could look; absent where somebody could. */
  readonly sightError: string | undefined;
  /** ISO 8601, the newest write that still shows; absent where nothing tells. */
  readonly lastWrite: string | undefined;
  /** Absent where it does not count. */
  readonly standing: Standing | undefined;
  readonly change: Change | undefined;
  /** What the workload last rolled out with; absent where nothing is known. */
  readonly rolledOut: RolledOut | undefined;
}

/** One setting, and which level decided it. */
export interface ExplainedSetting {
  readonly name: SettingName;
  readonly value: boolean;
  readonly level: Level;
  /** `Kind/namespace/name` of what carries the annotation, or `Namespace/name`; absent where the configuration decided. */
  readonly object: string | undefined;
  readonly annotation: Statement | undefined;
  /** It holds for this source only; absent where it holds for the workload. */
  readonly source: SourceRef | undefined;
}

/** How a workload is restarted when it is, and which level chose that. */
export interface ExplainedStrategy {
  /** As it was written, also where its kind has no such strategy. */
  readonly word: string;
  readonly known: boolean;
  readonly level: StrategyChoice["level"];
  /** As in {@link ExplainedSetting}; absent where no annotation decided. */
  readonly object: string | undefined;
  readonly annotation: Statement | undefined;
}

/** How its restarts are asked for, and which level chose that. */
export interface ExplainedMode {
  /** As it was written, also where there is no such mode. */
  readonly word: string;
  readonly known: boolean;
  readonly level: ModeOrigin["level"];
  /** As in {@link ExplainedSetting}; absent where no annotation decided. */
  readonly object: string | undefined;
  readonly annotation: Statement | undefined;
}

/** Where the knowledge of what a workload rolled out with comes from. */
export interface Knowledge {
  readonly origin: Origin;
  /** The stamps that are live on the pod template. */
  readonly stamps: StampPair;
  /** When the state last learned something new about it, ISO 8601. */
  readonly recordedAt: string | undefined;
}

/** Everything about one workload: what `reroll explain` shows. */
export interface ExplainReport {
  readonly workload: WorkloadRef;
  readonly verdict: VerdictWord;
  /** The verdict in words, with what to do where there is something to do. */
  readonly message: string;
  readonly sources: readonly ExplainedSource[];
  readonly annotations: readonly AnnotationRead[];
  readonly settings: readonly ExplainedSetting[];
  readonly strategy: ExplainedStrategy;
  readonly mode: ExplainedMode;
  /** Absent where the workload asks for nothing. */
  readonly knowledge: Knowledge | undefined;
  readonly pending: Pending | undefined;
  /** A commit that asks for its restart and is not applied yet, or was taken back. */
  readonly committed: CommittedRecord | undefined;
  readonly quarantines: readonly Quarantined[];
  /** A rollout of ours that has no verdict yet. */
  readonly unverified: Unverified | undefined;
  readonly stripped: WorkloadRecord["stripped"];
  readonly issues: readonly Issue[];
  readonly exitCode: ExitCode;
}
