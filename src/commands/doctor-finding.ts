import type { ExitCode } from "../model/exit.ts";
import type { Observation } from "../model/observation.ts";
import type { Policy } from "../model/policy.ts";
import type { Check } from "../model/report-doctor.ts";
import type { Ports } from "../ports.ts";

/** What a check looks at. */
export interface Patient {
  readonly ports: Ports;
  readonly policy: Policy;
  readonly stateName: string;
  /** Where the API server is, for messages. */
  readonly server: string;
  /** Everything that a run looks at, read by the first check that asks. */
  readonly observed: () => Promise<Observation>;
}

/** A check with the exit code it asks for; a warning asks for none. */
export interface Finding {
  readonly check: Check;
  readonly exit: ExitCode;
}

/** All is well. */
export function fine(name: string, message: string): Finding {
  return { check: { name, outcome: "ok", message, advice: undefined, details: [] }, exit: 0 };
}

/** A run works, but not as somebody may think. */
export function warning(name: string, message: string, advice: string, details: readonly string[] = []): Finding {
  return { check: { name, outcome: "warning", message, advice, details }, exit: 0 };
}

/** A run does not work, or only in part. */
export function problem(
  name: string,
  message: string,
  advice: string | undefined,
  exit: ExitCode,
  details: readonly string[] = [],
): Finding {
  return { check: { name, outcome: "problem", message, advice, details }, exit };
}
