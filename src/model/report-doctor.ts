import type { ExitCode } from "./exit.ts";

/** `warning`: a run works, but not as somebody may think. `problem`: it does not, or only in part. */
export type CheckOutcome = "ok" | "warning" | "problem";

/** One thing that was checked. */
export interface Check {
  /** A few words, stable. */
  readonly name: string;
  readonly outcome: CheckOutcome;
  readonly message: string;
  /** What to do; absent where nothing is to be done. */
  readonly advice: string | undefined;
  /** One line each: the rights that are missing, the annotations that are not understood. */
  readonly details: readonly string[];
}

/** What `reroll doctor` shows. */
export interface DoctorReport {
  readonly checks: readonly Check[];
  readonly exitCode: ExitCode;
}
