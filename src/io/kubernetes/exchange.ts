import { setImmediate as nextTurn } from "node:timers/promises";
import type { Dispatcher } from "undici";
import request from "undici/lib/api/api-request.js";

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly origin: string;
  readonly path: string;
  readonly method: Dispatcher.HttpMethod;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds until the answer begins, and between two pieces of it. */
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
  /** Milliseconds for the whole body, however steadily its pieces come. */
  readonly wholeTimeout: number;
}

/** What came back: nothing, the beginning of an answer, or all of it. */
export type Exchange =
  | { readonly is: "unanswered"; readonly error: unknown }
  | { readonly is: "cut"; readonly error: unknown; readonly status: number }
  | {
      readonly is: "answered";
      readonly status: number;
      readonly header: (name: string) => string | undefined;
      readonly bytes: Buffer;
    };

/** Sends a request once and reads the answer to its end. Never fails. */
export async function exchange(dispatcher: Dispatcher, wire: WireRequest): Promise<Exchange> {
  const { body, signal, headers, wholeTimeout, ...rest } = wire;
  let answer: Dispatcher.ResponseData;
  try {
    answer = await request.call(dispatcher, {
      ...rest,
      headers: { ...headers },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    return { is: "unanswered", error };
  }
  const status = answer.statusCode;
  const late = Object.assign(new Error("the answer takes too long"), { code: "UND_ERR_BODY_TIMEOUT" });
  const limit = setTimeout(() => answer.body.destroy(late), wholeTimeout);
  try {
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    // undici frees a connection one turn after the end of its answer: a call sent earlier would open another one.
    await nextTurn();
    return { is: "answered", status, bytes, header: (name) => firstOf(answer.headers[name]) };
  } catch (error) {
    return { is: "cut", status, error };
  } finally {
    clearTimeout(limit);
  }
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
