import type { SourceComparison } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import type { SeenContent, Trail } from "../model/loops.ts";
import type { RolledOut } from "../model/state.ts";

/** Contents kept of one source: enough for three writers and the largest number of returns that can be configured. */
const trailLimit = 32;
/** Stands for the content of a source that is gone. */
const gone = "-";

/** What a workload could read of a source in this run; `undefined`: nobody knows. `of` absent: it is gone, whatever the key. */
interface Content {
  readonly of: string | undefined;
  readonly digest: string;
}

/** A source that is gone is a content like others only where that restarts workloads; elsewhere what is known is kept. */
export function contentOf({ standing, after }: SourceComparison, digester: Digester): Content | undefined {
  if (standing === "kept-unobserved" || after === "unknown") return undefined;
  if (after === "absent") return { of: undefined, digest: gone };
  if (after.gone) return undefined;
  return { of: trailOf(after, digester), digest: after.digest };
}

function trailOf({ keyId, keys }: Exclude<RolledOut, string>, digester: Digester): string {
  return `${keyId}.${digester.shape(keyId, keys) ?? ""}`;
}

/**
 * The trail with what was seen now at its end. There is none before the first change: what was rolled out is then where it begins. Under
 * another digest key, or with other keys watched, nothing can be compared, and it begins anew.
 */
export function extendTrail(
  trail: Trail | undefined,
  content: Content | undefined,
  known: { readonly rolledOut: RolledOut | undefined; readonly at: string },
  digester: Digester,
  now: string,
): Trail | undefined {
  if (!content) return trail;
  const before = trail ?? firstOf(known, digester);
  if (!before) return undefined;
  const of = content.of ?? before.of;
  const seen = of === before.of ? before.seen : [];
  if (seen.at(-1)?.digest === content.digest) return trail;
  if (!trail && seen.length === 0) return undefined;
  return { of, seen: [...seen, { at: now, digest: content.digest }].slice(-trailLimit) };
}

function firstOf(
  { rolledOut, at }: { readonly rolledOut: RolledOut | undefined; readonly at: string },
  digester: Digester,
): Trail | undefined {
  if (typeof rolledOut !== "object" || rolledOut.gone) return undefined;
  return { of: trailOf(rolledOut, digester), seen: [{ at, digest: rolledOut.digest }] };
}

/** How often the content that came back most did so, after an instant in milliseconds since the epoch. */
export function mostReturns({ seen }: Trail, after: number): number {
  const times = new Map<SeenContent["digest"], number>();
  for (const { at, digest } of seen) {
    const before = times.get(digest);
    if (before === undefined) times.set(digest, 0);
    else if (Date.parse(at) > after) times.set(digest, before + 1);
  }
  return Math.max(0, ...times.values());
}

/** Without what went before the content that was there at an instant in milliseconds since the epoch. */
export function forgetOld({ of, seen }: Trail, before: number): Trail {
  const last = seen.findLastIndex(({ at }) => Date.parse(at) <= before);
  return { of, seen: seen.slice(Math.max(0, last)) };
}
