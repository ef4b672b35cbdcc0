import type { PortError } from "../../model/errors.ts";

/** How often and how long a call is repeated. Milliseconds. */
export interface RetryLimits {
  readonly times: number;
  readonly firstDelay: number;
  readonly maxDelay: number;
  /** Nothing is repeated when this much time would have passed since the first attempt. */
  readonly total: number;
}

export const defaultRetries: RetryLimits = { times: 4, firstDelay: 200, maxDelay: 5_000, total: 60_000 };

/** One attempt that failed. */
export interface Failure {
  readonly error: PortError;
  /**
   * What is known of the call: `unprocessed` (429: the server did not look at it), `unknown` (5xx, a broken connection),
   * `final` (the same call will fail again).
   */
  readonly state: "unprocessed" | "unknown" | "final";
  /** From Retry-After, milliseconds. */
  readonly retryAfter: number | undefined;
}

/**
 * How long to wait before the next attempt; undefined: give up. Only calls without effect are repeated when nobody knows
 * whether they were processed; what the server refused to look at may always be repeated.
 * `chance` is between 0 and 1 and spreads the clients of one server.
 */
export function retryDelay(
  failure: Failure,
  repeatable: boolean,
  attempt: number,
  elapsed: number,
  limits: RetryLimits,
  chance: number,
): number | undefined {
  if (failure.state === "final" || (failure.state === "unknown" && !repeatable)) return undefined;
  if (attempt > limits.times) return undefined;
  const backoff = Math.min(limits.firstDelay * 2 ** (attempt - 1), limits.maxDelay) * (0.75 + chance / 2);
  const delay = failure.retryAfter ?? backoff;
  return elapsed + delay > limits.total ? undefined : delay;
}

/** Retry-After in its two forms (RFC 9110 §10.2.3), as milliseconds from `now`. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
