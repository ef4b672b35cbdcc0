import { type Fields, isFields, same } from "./object.ts";

interface Operation {
  readonly op: unknown;
  readonly path: string;
  readonly from?: unknown;
  readonly value?: unknown;
}

/** The patch does not apply. The API server never tells its clients why. */
export class PatchFailure extends Error {
  override readonly name = "PatchFailure";
}

/**
 * Applies a JSON Patch the way the API server does (`gopkg.in/evanphx/json-patch.v4`), which is not quite RFC 6902:
 * `test` against null, or without a value, passes where the key is absent, and `replace` of an absent key adds it;
 * below an absent parent both fail.
 * Gives a new value; throws {@link PatchFailure}.
 */
export function applyJsonPatch(document: unknown, operations: readonly unknown[]): unknown {
  const result = structuredClone(document);
  for (const operation of operations) {
    if (!isFields(operation) || typeof operation.path !== "string") throw new PatchFailure("not an operation");
    apply(result, operation as unknown as Operation);
  }
  return result;
}

function apply(document: unknown, { op, path, from, value }: Operation): void {
  const [parent, key] = locate(document, path);
  switch (op) {
    case "test":
      if (!same(read(parent, key, "lenient"), value)) throw new PatchFailure(`test failed: ${path}`);
      return;
    case "add":
      insert(parent, key, structuredClone(value) ?? null);
      return;
    case "replace":
      write(parent, key, structuredClone(value) ?? null);
      return;
    case "remove":
      read(parent, key);
      erase(parent, key);
      return;
    case "move":
    case "copy": {
      const [source, name] = locate(document, String(from));
      const moved = structuredClone(read(source, name));
      if (op === "move") erase(source, name);
      insert(parent, key, moved);
      return;
    }
    default:
      throw new PatchFailure(`unexpected operation: ${String(op)}`);
  }
}

type Container = Fields | unknown[];

function locate(document: unknown, pointer: string): [Container, string] {
  if (!pointer.startsWith("/")) throw new PatchFailure(`not a pointer: ${pointer}`);
  const steps = pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const key = steps.pop() ?? "";
  let at = document;
  for (const step of steps) at = Array.isArray(at) ? at[index(at, step)] : own(at, step);
  if (!Array.isArray(at) && !isFields(at)) throw new PatchFailure(`no such parent: ${pointer}`);
  return [at, key];
}

function own(value: unknown, key: string): unknown {
  return isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function index(list: readonly unknown[], step: string, limit = list.length - 1): number {
  const at = /^-?\d+$/.test(step) ? Number(step) : Number.NaN;
  if (!(at >= 0 && at <= limit)) throw new PatchFailure(`no such index: ${step}`);
  return at;
}

function read(parent: Container, key: string, absent: "lenient" | "fails" = "fails"): unknown {
  if (Array.isArray(parent)) return parent[index(parent, key)];
  if (absent === "fails" && !Object.hasOwn(parent, key)) throw new PatchFailure(`no such key: ${key}`);
  return own(parent, key);
}

function insert(parent: Container, key: string, value: unknown): void {
  if (!Array.isArray(parent)) write(parent, key, value);
  else parent.splice(key === "-" ? parent.length : index(parent, key, parent.length), 0, value);
}

function write(parent: Container, key: string, value: unknown): void {
  if (Array.isArray(parent)) parent[index(parent, key)] = value;
  else Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

function erase(parent: Container, key: string): void {
  if (Array.isArray(parent)) parent.splice(index(parent, key), 1);
  else delete parent[key];
}

/** Applies a JSON Merge Patch (RFC 7386). Gives a new value. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return structuredClone(patch);
  const result: Fields = isFields(document) ? structuredClone(document) : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else write(result, key, applyMergePatch(own(result, key), value));
  }
  return result;
}
