import { dig, type KubeObject, number, objects, text } from "../model/object.ts";

/** Longest foreign text in a message, characters. */
const longest = 256;

/** A number of the object, 0 where it is missing: the API leaves zeros out. */
export function count(object: KubeObject, ...path: string[]): number {
  return number(dig(object, ...path)) ?? 0;
}

/** Milliseconds since the epoch of an RFC 3339 time; NaN where there is none, so that every comparison is false. */
export function time(value: unknown): number {
  return Date.parse(text(value) ?? "");
}

/** An entry of `status.conditions` by type. */
export function condition(object: KubeObject, type: string): Record<string, unknown> | undefined {
  return objects(dig(object, "status", "conditions")).find((entry) => entry.type === type);
}

/** Foreign text on one line, cut to 256 characters. */
export function clip(message: string): string {
  const line = message.replace(/\s+/g, " ").trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/** `1 pod`, `2 pods`. */
export function pods(amount: number): string {
  return amount === 1 ? "1 pod" : `${amount} pods`;
}

/** Whole seconds where they are few, minutes otherwise: `45 s`, `10 min`. */
export function span(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

/** `spec.updateStrategy.type` of a StatefulSet or DaemonSet is OnDelete: new pods come only where somebody deletes old ones. */
export function isOnDelete(object: KubeObject): boolean {
  return dig(object, "spec", "updateStrategy", "type") === "OnDelete";
}
