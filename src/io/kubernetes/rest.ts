import { setImmediate as nextTurn } from "node:timers/promises";
import type { Dispatcher } from "undici";
import request from "undici/lib/api/api-request.js";
import { PortError, type Right } from "../../model/errors.ts";
import { waitFor } from "../wait.ts";
import type { Connection } from "./connection.ts";
import { defaultTimeouts, type Timeouts } from "./dispatcher.ts";
import { createDispatcherPool } from "./dispatcher-pool.ts";
import { type Attempt, answerError, badAnswer, networkError } from "./errors.ts";
import { defaultRetries, type Failure, parseRetryAfter, type RetryLimits, retryDelay } from "./retry.ts";

/** One call of the Kubernetes API. */
export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the server's base, with its query. */
  readonly path: string;
  /** `path` without names and query, for logs. */
  readonly route: string;
  /** The right the call needs, which also names it in messages. */
  readonly right: Right;
  /** Sending it twice has the effect of sending it once and never a worse one. */
  readonly repeatable: boolean;
  /** Sends an object with values, which the server may quote in its messages. */
  readonly confidential: boolean;
  readonly accept?: string;
  readonly contentType?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** A successful answer. */
export interface Answer {
  readonly body: Readonly<Record<string, unknown>>;
  /** Its Date header, milliseconds since the epoch. */
  readonly date: number | undefined;
}

/** One attempt of a call, for logs and counters. Holds no names and no values. */
export interface RequestRecord {
  readonly method: string;
  readonly route: string;
  /** Undefined: no answer. */
  readonly status: number | undefined;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly ms: number;
  /** 1 for the first. */
  readonly attempt: number;
}

export interface RestOptions {
  readonly timeouts?: Timeouts;
  readonly retries?: RetryLimits;
  /** Ends every call, present and future, with `aborted`. */
  readonly signal?: AbortSignal;
  readonly onRequest?: (record: RequestRecord) => void;
}

/** The API server as a place to send calls to. */
export interface Rest {
  /** Fails with a `PortError`, or a `UsageError` where the credentials cannot be had at all. */
  call(call: Call): Promise<Answer>;
  /** The server's clock now: the newest Date header and the time since it came. */
  serverNow(): number | undefined;
  /** The newest Date header. */
  serverTime(): number | undefined;
  close(): Promise<void>;
}

/** Connects lazily: the first call opens the first connection. */
export function createRest(connection: Connection, options: RestOptions = {}): Rest {
  const timeouts = options.timeouts ?? defaultTimeouts;
  const limits = options.retries ?? defaultRetries;
  const { origin, pathname, host } = new URL(connection.server);
  const base = pathname.replace(/\/+$/, "");
  const pool = createDispatcherPool(connection, timeouts);
  let clock: { readonly date: number; readonly at: number } | undefined;

  async function once(call: Call, attempt: Attempt, ordinal: number): Promise<Answer | Failure> {
    const started = performance.now();
    const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
    const log = (status: number | undefined, receivedBytes: number) =>
      options.onRequest?.({
        method: call.method,
        route: call.route,
        status,
        sentBytes: payload === undefined ? 0 : Buffer.byteLength(payload),
        receivedBytes,
        ms: performance.now() - started,
        attempt: ordinal,
      });
    const { dispatcher, authorization } = await pool.acquire();
    let answer: Dispatcher.ResponseData;
    try {
      answer = await request.call(dispatcher, {
        origin,
        path: base + call.path,
        method: call.method,
        headers: {
          accept: call.accept ?? "application/json",
          "user-agent": "reroll",
          ...connection.headers,
          ...(authorization === undefined ? {} : { authorization }),
          ...(payload === undefined ? {} : { "content-type": call.contentType ?? "application/json" }),
        },
        ...(payload === undefined ? {} : { body: payload }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        headersTimeout: timeouts.headers,
        bodyTimeout: timeouts.body,
      });
    } catch (error) {
      log(undefined, 0);
      const translated = networkError(attempt, error);
      return { error: translated.error, state: translated.passing ? "unknown" : "final", retryAfter: undefined };
    }
    const status = answer.statusCode;
    const date = Date.parse(header(answer, "date") ?? "");
    if (Number.isFinite(date) && status < 500) clock = { date, at: performance.now() };
    let bytes: Buffer;
    try {
      bytes = Buffer.from(await answer.body.arrayBuffer());
      // undici frees a connection one turn after the end of its answer: a call sent earlier would open another one.
      await nextTurn();
    } catch (error) {
      log(status, 0);
      const translated = networkError(attempt, error);
      if (translated.error.code === "timeout")
        return { error: translated.error, state: "final", retryAfter: undefined };
      return { error: badAnswer(attempt, "the answer ended early", error), state: "unknown", retryAfter: undefined };
    }
    log(status, bytes.length);
    const body = parseObject(bytes);
    if (status >= 200 && status < 300) {
      if (body !== undefined) return { body, date: Number.isFinite(date) ? date : undefined };
      return { error: badAnswer(attempt, "the answer is no JSON object"), state: "unknown", retryAfter: undefined };
    }
    return {
      error: answerError(attempt, status, body),
      state: status === 429 ? "unprocessed" : status >= 500 ? "unknown" : "final",
      retryAfter: parseRetryAfter(header(answer, "retry-after"), Date.now()),
    };
  }

  async function call(call: Call): Promise<Answer> {
    const started = performance.now();
    const attempt: Attempt = { right: call.right, server: host, confidential: call.confidential };
    let refreshed = false;
    for (let ordinal = 1, repeats = 1; ; ordinal += 1) {
      failIfAborted(options.signal, attempt);
      const outcome = await once(call, attempt, ordinal);
      if (!("error" in outcome)) return outcome;
      failIfAborted(options.signal, attempt);
      if (outcome.error.code === "unauthorized" && !refreshed && pool.refresh()) {
        refreshed = true;
        continue;
      }
      const elapsed = performance.now() - started;
      const delay = retryDelay(outcome, call.repeatable, repeats, elapsed, limits, Math.random());
      if (delay === undefined) throw outcome.error;
      repeats += 1;
      await waitFor(delay, options.signal);
    }
  }

  return {
    call,
    serverNow: () => (clock === undefined ? undefined : clock.date + (performance.now() - clock.at)),
    serverTime: () => clock?.date,
    close: () => pool.close(),
  };
}

function header(answer: Dispatcher.ResponseData, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function parseObject(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function failIfAborted(signal: AbortSignal | undefined, attempt: Attempt): void {
  if (signal?.aborted) throw new PortError("aborted", `${attempt.right.verb} ${attempt.right.resource}: stopped`);
}
