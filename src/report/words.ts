import { instant } from "../model/instant.ts";
import type { ChangeKind } from "../model/plan.ts";
import { formatRef, localName } from "../model/ref.ts";
import type { Style } from "./style.ts";

/** Key names shown before the rest is only counted. */
const shownKeys = 6;

/** `1 workload`, `3 workloads`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

const units = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
] as const;

/** `1m12s`, `3d4h`: the two largest units. Milliseconds in; less than a second is `<1s`. */
export function duration(milliseconds: number): string {
  let seconds = Math.floor(milliseconds / 1000);
  if (seconds < 1) return "<1s";
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const amount = Math.floor(seconds / size);
    seconds -= amount * size;
    if (amount > 0) parts.push(`${amount}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join("");
}

/** An instant in the past, with how long ago where the style knows the time. */
export function past(iso: string, { now }: Style): string {
  const passed = now === undefined ? Number.NaN : Date.parse(now) - Date.parse(iso);
  return Number.isFinite(passed) && passed >= 1000 ? `${instant(iso)} (${duration(passed)} ago)` : instant(iso);
}

interface Named {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The source as seen from the workload: its namespace is told only where it is another one. */
export function sourceName(source: Named, workload: Named): string {
  return source.namespace === workload.namespace
    ? localName(source)
    : formatRef(source as Parameters<typeof formatRef>[0]);
}

/** Names of keys, the first few; a change of which only the whole is known says so. */
export function keyNames(keys: readonly string[], change: ChangeKind): string {
  if (keys.length === 0) return change === "modified" ? "(which keys is not known)" : "";
  return listed(keys, shownKeys);
}

/** `a, b and 3 more`. */
export function listed(names: readonly string[], most: number): string {
  const rest = names.length - most;
  return rest > 1 ? `${names.slice(0, most).join(", ")} and ${rest} more` : names.join(", ");
}

/** A size for people: `912 bytes`, `14 KiB`. */
export function bytes(number: number): string {
  return number < 1024 ? count(number, "byte") : `${Math.round(number / 1024)} KiB`;
}
