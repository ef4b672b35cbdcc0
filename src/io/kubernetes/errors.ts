import { formatRight, PortError, type PortErrorCode, type Right } from "../../model/errors.ts";
import { dig, objects, text } from "../../model/object.ts";

/** What a call is about, for messages. */
export interface Attempt {
  /** The right the call needs; also how the call is named. */
  readonly right: Right;
  /** Host and port, for messages about the network. */
  readonly server: string;
  /** What was sent carries values: messages of the server are not passed on where they could quote them. */
  readonly confidential: boolean;
}

const byStatus: Readonly<Record<number, PortErrorCode>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not-found",
  409: "conflict",
  410: "expired",
  413: "invalid",
  422: "invalid",
  429: "throttled",
};

const advice: Partial<Record<PortErrorCode, string>> = {
  unauthorized: "The credentials were not accepted: check the token, certificate or plugin of the kubeconfig",
  throttled: "The API server is busy: try again later",
  "server-error": "The API server could not answer: try again later",
  "bad-answer": "Nothing is served there: check that the address is that of a Kubernetes API server",
  expired: "The list changed too much while it was read: try again",
};

/**
 * The code of an answer, from its status and `Status.reason` (`meta/v1.StatusReason`), never from its text.
 * A 404 counts as an absent object only where a Kubernetes API server says so.
 */
function answerCode(status: number, reason: string | undefined): PortErrorCode {
  if (status === 404 && reason !== "NotFound") return "bad-answer";
  if (status === 409 && reason === "AlreadyExists") return "already-exists";
  if (status >= 500) return "server-error";
  return byStatus[status] ?? "invalid";
}

/** Translates an answer that is no success. `body` is parsed JSON, or undefined where there was none. */
export function answerError(attempt: Attempt, status: number, body: unknown): PortError {
  const code = answerCode(status, text(dig(body, "reason")));
  const what = formatRight(attempt.right);
  const said = statusMessage(body, status, attempt.confidential);
  const details = { status, ...(code === "forbidden" ? { right: attempt.right } : {}) };
  if (code === "forbidden") {
    const where = attempt.right.namespace === undefined ? "a ClusterRole" : `a Role in ${attempt.right.namespace}`;
    const message = `${what}: the API server refused it (403)${said}. Grant it to this identity by ${where}`;
    return new PortError(code, message, details);
  }
  const next = advice[code];
  return new PortError(code, `${what}: the API server answered ${status}${said}${next ? `. ${next}` : ""}`, details);
}

/** What a Status says, as a suffix; of an object with values only the reason and the names of the fields. */
function statusMessage(body: unknown, status: number, confidential: boolean): string {
  const reason = text(dig(body, "reason"));
  const message = text(dig(body, "message"));
  if (dig(body, "kind") !== "Status") return "";
  const quotes = confidential && status !== 404 && status !== 409 && status !== 429;
  if (!quotes) return message ? `: ${message.slice(0, 500)}` : reason ? ` ${reason}` : "";
  const fields = objects(dig(body, "details", "causes")).map((cause) => text(cause.field)?.slice(0, 100));
  const named = fields.filter((field) => field !== undefined);
  return `${reason ? ` ${reason}` : ""}${named.length > 0 ? ` (${named.join(", ")})` : ""}`;
}

const timeoutCodes: ReadonlySet<string> = new Set([
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "ETIMEDOUT",
]);

/** Broken after or before the call was sent: another attempt may go through. A wrong name or certificate stays wrong. */
const passing: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "EAI_AGAIN",
  "UND_ERR_SOCKET",
  "UND_ERR_CLOSED",
]);

/** `code` of a system, TLS or undici error, or of its cause. */
function errorCode(error: unknown): string | undefined {
  return text(dig(error, "code")) ?? (error instanceof Error ? text(dig(error.cause, "code")) : undefined);
}

/** Translates a failure without an answer; `passing` says whether another attempt may go through. */
export function networkError(attempt: Attempt, error: unknown): { error: PortError; passing: boolean } {
  const code = errorCode(error);
  const what = formatRight(attempt.right);
  if (code !== undefined && timeoutCodes.has(code)) {
    const message = `${what}: ${attempt.server} did not answer in time (${code})`;
    return { error: new PortError("timeout", message, { cause: error }), passing: false };
  }
  const detail = code ?? (error instanceof Error ? error.message.slice(0, 200) : "unknown failure");
  const message = `${what}: cannot reach ${attempt.server} (${detail}). Check the address, the network and the certificate authority`;
  return {
    error: new PortError("unreachable", message, { cause: error }),
    passing: code !== undefined && passing.has(code),
  };
}

/** The answer came, but is not what a Kubernetes API server says. */
export function badAnswer(attempt: Pick<Attempt, "right">, why: string, cause?: unknown): PortError {
  return new PortError("bad-answer", `${formatRight(attempt.right)}: ${why}`, { cause });
}
