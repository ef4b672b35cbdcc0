import { PortError } from "../../model/errors.ts";
import { waitFor } from "../wait.ts";
import type { Answer, Call, RequestRecord } from "./call.ts";
import type { Connection } from "./connection.ts";
import { defaultTimeouts, type Timeouts } from "./dispatcher.ts";
import { createDispatcherPool } from "./dispatcher-pool.ts";
import type { Attempt } from "./errors.ts";
import { type Exchange, exchange } from "./exchange.ts";
import { judge, parseDate } from "./outcome.ts";
import { defaultRetries, type RetryLimits, retryDelay } from "./retry.ts";
import { createServerClock } from "./server-clock.ts";

export interface RestOptions {
  readonly timeouts?: Timeouts;
  readonly retries?: RetryLimits;
  /** Ends every call, present and future, with `aborted`. */
  readonly signal?: AbortSignal;
  /** Told of every attempt. */
  readonly onRequest?: (record: RequestRecord) => void;
}

/** The API server as a place to send calls to. */
export interface Rest {
  /** Fails with a `PortError`. Repeats what may be repeated (`retry.ts`); after a 401 once more with a new credential. */
  call(call: Call): Promise<Answer>;
  /** The newest Date header, milliseconds since the epoch; undefined before the first answer. */
  serverTime(): number | undefined;
  /** The server's clock now, as far as its Date headers tell. */
  serverNow(): number | undefined;
  close(): Promise<void>;
}

/** Connects lazily: the first call opens the first connection. */
export function createRest(connection: Connection, options: RestOptions = {}): Rest {
  const { timeouts = defaultTimeouts, retries = defaultRetries, signal, onRequest } = options;
  const { origin, pathname, host } = new URL(connection.server);
  const base = pathname.replace(/\/+$/, "");
  const pool = createDispatcherPool(connection, timeouts);
  const clock = createServerClock();

  async function send(call: Call, ordinal: number): Promise<Exchange> {
    const started = performance.now();
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const { dispatcher, authorization } = await pool.acquire();
    const answer = await exchange(dispatcher, {
      origin,
      path: base + call.path,
      method: call.method,
      headers: {
        accept: call.accept ?? "application/json",
        "user-agent": "reroll",
        ...connection.headers,
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { "content-type": call.contentType ?? "application/json" }),
      },
      body,
      signal,
      headersTimeout: timeouts.headers,
      bodyTimeout: timeouts.body,
      wholeTimeout: timeouts.whole,
      reader: call.reader,
    });
    onRequest?.({
      method: call.method,
      route: call.route,
      status: answer.is === "unanswered" ? undefined : answer.status,
      sentBytes: body === undefined ? 0 : Buffer.byteLength(body),
      receivedBytes: answer.is === "answered" ? answer.bytes : 0,
      ms: performance.now() - started,
      attempt: ordinal,
    });
    return answer;
  }

  async function call(call: Call): Promise<Answer> {
    const started = performance.now();
    const attempt: Attempt = { right: call.right, server: host, confidential: call.confidential };
    let refreshed = false;
    for (let ordinal = 1, tries = 1; ; ordinal += 1) {
      failIfAborted(signal, attempt);
      const answer = await send(call, ordinal);
      // A gateway's clock is not the API server's: an error of one does not count.
      if (answer.is === "answered" && answer.status < 500) clock.read(parseDate(answer.header("date")));
      const outcome = judge(attempt, answer, Date.now());
      if (!("error" in outcome)) return outcome;
      failIfAborted(signal, attempt);
      if (outcome.error.code === "unauthorized" && !refreshed && pool.refresh()) {
        refreshed = true;
        continue;
      }
      const elapsed = performance.now() - started;
      const delay = retryDelay(outcome, call.repeatable, tries, elapsed, retries, Math.random());
      if (delay === undefined) throw outcome.error;
      tries += 1;
      await waitFor(delay, signal);
    }
  }

  return {
    call,
    serverTime: clock.newest,
    serverNow: clock.now,
    close: () => pool.close(),
  };
}

function failIfAborted(signal: AbortSignal | undefined, attempt: Attempt): void {
  if (signal?.aborted) throw new PortError("aborted", `${attempt.right.verb} ${attempt.right.resource}: stopped`);
}
