/** A right in the words of Kubernetes RBAC. `namespace` absent: at cluster scope. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Everything that can go wrong behind a port, translated once by the adapter. */
export type PortErrorCode =
  | "unreachable"
  | "timeout"
  | "unauthorized"
  | "forbidden"
  | "not-found"
  | "conflict"
  | "already-exists"
  | "expired"
  | "invalid"
  | "throttled"
  | "server-error"
  | "bad-answer"
  | "aborted";

const retryable: ReadonlySet<PortErrorCode> = new Set([
  "unreachable",
  "timeout",
  "conflict",
  "expired",
  "throttled",
  "server-error",
  "bad-answer",
]);

/** A call through a port failed. The message says what was attempted, where, and what to do; never a value of a Secret. */
export class PortError extends Error {
  override readonly name = "PortError";
  readonly code: PortErrorCode;
  /** The right that was missing, when `code` is `forbidden`. */
  readonly right: Right | undefined;
  /** HTTP status of the answer, when there was one. */
  readonly status: number | undefined;

  constructor(
    code: PortErrorCode,
    message: string,
    details: { cause?: unknown; right?: Right | undefined; status?: number | undefined } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.right = details.right;
    this.status = details.status;
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  get retryable(): boolean {
    return retryable.has(this.code);
  }
}

/** What the user asked for cannot be done as asked: wrong arguments, configuration, missing namespace, unreadable state. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** `forbidden` and `unauthorized` need an administrator; everything else behind a port may heal by itself. */
export function isAccessError(error: unknown): error is PortError {
  return error instanceof PortError && (error.code === "forbidden" || error.code === "unauthorized");
}

/** `list configmaps` / `patch deployments.apps in namespace web`: a right as people say it. */
export function formatRight(right: Right): string {
  const resource = right.group ? `${right.resource}.${right.group}` : right.resource;
  const name = right.name ? ` ${right.name}` : "";
  const where = right.namespace ? `in namespace ${right.namespace}` : "at cluster scope";
  return `${right.verb} ${resource}${name} ${where}`;
}
