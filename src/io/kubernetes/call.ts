import type { Right } from "../../model/errors.ts";
import type { BodyReader } from "./body.ts";

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
  /** Reads the answer while it arrives; made anew for every attempt. */
  readonly reader?: () => BodyReader;
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
  /** Zero where the answer was not read to its end. */
  readonly receivedBytes: number;
  readonly ms: number;
  /** 1 for the first. */
  readonly attempt: number;
}
