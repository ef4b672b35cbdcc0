import { setImmediate as nextTurn } from "node:timers/promises";
import type { Dispatcher } from "undici";
import request from "undici/lib/api/api-request.js";
import { type BodyReader, wholeBody } from "./body.ts";

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
  /** Reads the body of a successful answer; absent: it is kept whole. */
  readonly reader?: (() => BodyReader) | undefined;
}

/** What came back: nothing, the beginning of an answer, or all of it. */
export type Exchange =
  | { readonly is: "unanswered"; readonly error: unknown }
  | { readonly is: "cut"; readonly error: unknown; readonly status: number }
  | {
      readonly is: "answered";
      readonly status: number;
      readonly header: (name: string) => string | undefined;
      /** The JSON object that it brought; `undefined` where it brought none. */
      readonly body: Readonly<Record<string, unknown>> | undefined;
      readonly bytes: number;
    };

/** Sends a request once and reads the answer to its end. Fails with nothing but what the reader throws. */
export async function exchange(dispatcher: Dispatcher, wire: WireRequest): Promise<Exchange> {
  const { body, signal, headers, wholeTimeout, reader = wholeBody, ...rest } = wire;
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
  const parts = status >= 200 && status < 300 ? reader() : wholeBody();
  let bytes = 0;
  const late = Object.assign(new Error("the answer takes too long"), { code: "UND_ERR_BODY_TIMEOUT" });
  const limit = setTimeout(() => answer.body.destroy(late), wholeTimeout);
  try {
    for await (const chunk of answer.body) {
      bytes += (chunk as Buffer).length;
      parts.push(chunk as Buffer);
    }
    // undici frees a connection one turn after the end of its answer: a call sent earlier would open another one.
    await nextTurn();
  } catch (error) {
    return { is: "cut", status, error };
  } finally {
    clearTimeout(limit);
  }
  return { is: "answered", status, body: parts.end(), bytes, header: (name) => firstOf(answer.headers[name]) };
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
