import { createHash } from "node:crypto";
import type { ManagedFieldsEntry, OwnerReference } from "../model/object.ts";

/** `metadata` while the embedded API works on it (`meta/v1.ObjectMeta`). */
export interface Meta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
  [field: string]: unknown;
}

/** One object as it is stored. What lies in the store is never changed in place: every write stores a new object. */
export interface Stored {
  apiVersion: string;
  kind: string;
  metadata: Meta;
  [field: string]: unknown;
}

export type Fields = Record<string, unknown>;

/** Whether the value is a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The field as a JSON object; an empty one where it is absent or something else. */
export function fields(value: unknown, ...path: string[]): Fields {
  let at: unknown = value;
  for (const step of path) at = isFields(at) ? at[step] : undefined;
  return isFields(at) ? at : {};
}

/** Text that is equal for equal JSON, whatever the order of keys. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isFields(value)) return JSON.stringify(value ?? null);
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
    .join()}}`;
}

/** Whether two JSON values are equal, whatever the order of keys; nothing equals null. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, at) => same(item, b[at]));
  if (!isFields(a) || !isFields(b)) return (a ?? null) === (b ?? null);
  const keys = Object.keys(a).filter((key) => a[key] !== undefined);
  const others = Object.keys(b).filter((key) => b[key] !== undefined);
  return keys.length === others.length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

/** RFC 3339 with whole seconds, as `metav1.Time` is written. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

/** A UUID that follows from the text: the same demo shows the same names on every machine. */
export function uuid(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Letters the controllers use in generated names (`apimachinery/pkg/util/rand`): no vowels, no 0, 1, 3. */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";

/** `length` such letters that follow from the text. */
export function suffix(text: string, length: number): string {
  const bytes = createHash("sha256").update(text).digest();
  return Array.from(bytes.subarray(0, length), (byte) => alphabet[byte % alphabet.length]).join("");
}
