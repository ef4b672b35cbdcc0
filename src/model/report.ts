import type { ExitCode } from "./exit.ts";
import type { Outcome } from "./outcome.ts";
import type { Plan } from "./plan.ts";
import type { WorkloadRef } from "./ref.ts";

/** How much a run looked at. */
export interface Coverage {
  /** Workloads that ask for restarts, of all that were seen. */
  readonly workloads: number;
  readonly workloadsSeen: number;
  /** Sources whose content is compared, of all that were seen. */
  readonly sources: number;
  readonly sourcesSeen: number;
}

/** A plan with what it stands on: what `reroll plan` shows. */
export interface PlanReport extends Plan {
  readonly coverage: Coverage;
  /** Workloads seen for the first time: their content of today is the baseline. */
  readonly adopted: readonly WorkloadRef[];
  /** There is no state yet. */
  readonly firstRun: boolean;
  /** The digest key was not there, so nothing recorded before can be compared. */
  readonly keyMissing: boolean;
  readonly exitCode: ExitCode;
}

/** What a run did, and why it ended as it did. */
export interface RunReport extends PlanReport {
  readonly outcomes: readonly Outcome[];
  /** Another run holds the lock, so this one did nothing. */
  readonly lockedBy: { readonly holder: string; readonly until: string } | undefined;
}
