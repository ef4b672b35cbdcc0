import type { Right } from "../model/errors.ts";

/** What an error is about: a resource, or a kind, and the object's name. */
export interface Subject {
  readonly group: string;
  /** Plural of the resource, or for 422 its kind. */
  readonly kind: string;
  readonly name?: string;
}

/** One entry of `details.causes` (`meta/v1.StatusCause`). */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** A refusal in the shape of the API server: a `Status` body with its HTTP code (`apimachinery/pkg/api/errors`). */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: number;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: number,
    reason: string | undefined,
    message: string,
    details?: Record<string, unknown>,
    more: { headers?: Record<string, string>; metadata?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.code = code;
    this.headers = more.headers ?? {};
    this.body = {
      kind: "Status",
      apiVersion: "v1",
      metadata: more.metadata ?? {},
      status: "Failure",
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

function details({ group, kind, name }: Subject): Record<string, unknown> {
  return { ...(name ? { name } : {}), ...(group ? { group } : {}), kind };
}

function qualified({ group, kind }: Subject): string {
  return group ? `${kind}.${group}` : kind;
}

export function notFound(subject: Subject): Refusal {
  return new Refusal(404, "NotFound", `${qualified(subject)} "${subject.name}" not found`, details(subject));
}

/** A path below a group that exists. Unknown groups are answered in plain text instead. */
export function noSuchResource(): Refusal {
  return new Refusal(404, "NotFound", "the server could not find the requested resource", {});
}

export function alreadyExists(subject: Subject): Refusal {
  return new Refusal(409, "AlreadyExists", `${qualified(subject)} "${subject.name}" already exists`, details(subject));
}

export const modified = "the object has been modified; please apply your changes to the latest version and try again";

export function conflict(subject: Subject, why: string): Refusal {
  const message = `Operation cannot be fulfilled on ${qualified(subject)} "${subject.name}": ${why}`;
  return new Refusal(409, "Conflict", message, details(subject));
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, "BadRequest", message);
}

/** 422 with one cause per fault. `subject.kind` is the kind, not the resource. */
export function invalid(subject: Subject, causes: readonly Cause[]): Refusal {
  const faults = causes.map(({ field, message }) => `${field}: ${message}`);
  const text = faults.length === 1 ? faults[0] : `[${faults.join(", ")}]`;
  const message = `${qualified(subject)} "${subject.name ?? ""}" is invalid: ${text}`;
  return new Refusal(422, "Invalid", message, { ...details(subject), causes });
}

/** What a JSON Patch gets that does not apply, a failed `test` among them: the reason is not told. */
export function unprocessable(): Refusal {
  return new Refusal(422, "Invalid", "the server rejected our request due to an error in our request", {});
}

export function unauthorized(): Refusal {
  return new Refusal(401, "Unauthorized", "Unauthorized");
}

/** What RBAC answers. */
export function forbidden(user: string, right: Right): Refusal {
  const subject = { group: right.group, kind: right.resource, ...(right.name ? { name: right.name } : {}) };
  const object = right.name ? `${qualified(subject)} "${right.name}"` : qualified(subject);
  const where = right.namespace ? `in the namespace "${right.namespace}"` : "at the cluster scope";
  const what = `cannot ${right.verb} resource "${right.resource}" in API group "${right.group}" ${where}`;
  return new Refusal(403, "Forbidden", `${object} is forbidden: User "${user}" ${what}`, details(subject));
}

const expiredMessage =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

/** 410 for a continue token whose snapshot is gone; `token` continues on today's objects. */
export function expired(token: string): Refusal {
  return new Refusal(410, "Expired", expiredMessage, undefined, { metadata: { continue: token } });
}

export function methodNotAllowed(): Refusal {
  return new Refusal(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}

export function unsupportedMediaType(message: string, withDetails: boolean): Refusal {
  return new Refusal(415, "UnsupportedMediaType", message, withDetails ? {} : undefined);
}
