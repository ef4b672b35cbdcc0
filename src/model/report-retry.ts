import type { ExitCode } from "./exit.ts";
import type { Quarantined } from "./quarantined.ts";
import type { RunReport } from "./report.ts";
import type { CommittedRestart } from "./report-memory.ts";

/** A name as somebody typed it: the kind may be a short name or a plural. */
export interface TypedName {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What was let out of quarantine, and what may be committed again: what `reroll retry` shows. */
export interface RetryReport {
  readonly released: readonly Quarantined[];
  /** What is in quarantine still. */
  readonly kept: readonly Quarantined[];
  /** What was taken back from a repository and may be committed again. */
  readonly releasedCommits: readonly CommittedRestart[];
  /** What was taken back and is still not committed again. */
  readonly keptCommits: readonly CommittedRestart[];
  readonly lockedBy: RunReport["lockedBy"];
  readonly exitCode: ExitCode;
}
