import type { ExitCode } from "./exit.ts";
import type { Change, Issue } from "./plan.ts";
import type { WorkloadRef } from "./ref.ts";
import type { Coverage, RunReport } from "./report.ts";

/** What was taken as the baseline: what `reroll adopt` shows. */
export interface AdoptReport {
  /** Restarts that were due or owed and are so no more. */
  readonly cancelled: readonly { readonly workload: WorkloadRef; readonly because: readonly Change[] }[];
  /** Workloads nobody had seen before. */
  readonly adopted: readonly WorkloadRef[];
  readonly coverage: Coverage;
  readonly issues: readonly Issue[];
  readonly lockedBy: RunReport["lockedBy"];
  readonly exitCode: ExitCode;
}
