import type { Answer } from "./call.ts";
import { type Attempt, answerError, badAnswer, networkError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { type Failure, parseRetryAfter } from "./retry.ts";

/** What an exchange means: an answer that can be used, or a failure and what is known about the call. `now` is for Retry-After. */
export function judge(attempt: Attempt, exchange: Exchange, now: number): Answer | Failure {
  if (exchange.is === "unanswered") {
    const { error, passing } = networkError(attempt, exchange.error);
    return { error, state: passing ? "unknown" : "final", retryAfter: undefined };
  }
  if (exchange.is === "cut") {
    const { error } = networkError(attempt, exchange.error);
    if (error.code === "timeout") return { error, state: "final", retryAfter: undefined };
    return unusable(attempt, "the answer ended early", exchange.error);
  }
  const { status, header, body } = exchange;
  if (status >= 200 && status < 300) {
    if (body === undefined) return unusable(attempt, "the answer is no JSON object");
    return { body, date: parseDate(header("date")) };
  }
  return {
    error: answerError(attempt, status, body),
    state: status === 429 ? "unprocessed" : status >= 500 ? "unknown" : "final",
    retryAfter: parseRetryAfter(header("retry-after"), now),
  };
}

/** A Date header as milliseconds since the epoch. */
export function parseDate(value: string | undefined): number | undefined {
  const date = Date.parse(value ?? "");
  return Number.isFinite(date) ? date : undefined;
}

function unusable(attempt: Attempt, why: string, cause?: unknown): Failure {
  return { error: badAnswer(attempt, why, cause), state: "unknown", retryAfter: undefined };
}
