import type { ExitCode } from "./exit.ts";
import type { Quarantined } from "./quarantined.ts";
import type { RunReport } from "./report.ts";

/** A name as somebody typed it: the kind may be a short name or a plural. */
export interface TypedName {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What was let out of quarantine: what `reroll retry` shows. */
export interface RetryReport {
  readonly released: readonly Quarantined[];
  /** What is in quarantine still. */
  readonly kept: readonly Quarantined[];
  readonly lockedBy: RunReport["lockedBy"];
  readonly exitCode: ExitCode;
}
