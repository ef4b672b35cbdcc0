import type { ExitCode } from "./exit.ts";
import type { FileChange, Placement } from "./git.ts";
import type { Outcome } from "./outcome.ts";
import type { Plan } from "./plan.ts";
import type { WorkloadRef } from "./ref.ts";
import type { Refusal } from "./refusals.ts";
import type { ReaderReport } from "./report-reader.ts";

/** How much a run looked at. */
export interface Coverage {
  /** Workloads that ask for restarts, of all that were seen. */
  readonly workloads: number;
  readonly workloadsSeen: number;
  /** Sources whose content is compared, of all that were seen. */
  readonly sources: number;
  readonly sourcesSeen: number;
}

/** What a commit would change, or has changed, in one repository. */
export interface RepositoryReport {
  readonly repository: string;
  readonly branch: string;
  /** The commit it stands on; absent where nothing was fetched, since an earlier commit still waits for Flux. */
  readonly base: string | undefined;
  /** The commit that was made, or that waits already; absent where there is none. */
  readonly commit: string | undefined;
  readonly placements: readonly (Placement & { readonly already: boolean })[];
  /** Sorted by path. */
  readonly changes: readonly FileChange[];
}

/** Why no commit can restart a workload. */
export interface RefusalReport extends Refusal {
  readonly workload: WorkloadRef;
}

/** A plan with what it stands on: what `reroll plan` shows. */
export interface PlanReport extends Plan {
  /** One for each repository that something in git mode goes to. */
  readonly git: readonly RepositoryReport[];
  readonly refusals: readonly RefusalReport[];
  /** What of Flux takes values from a changed source, and is asked to reconcile for it. */
  readonly reconciles: readonly ReaderReport[];
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
