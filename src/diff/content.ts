import type { EligibleSource } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import type { Change } from "../model/plan.ts";
import { compareText } from "../model/ref.ts";
import type { KeyDigests, Source, WatchedKeys } from "../model/source.ts";
import type { SourceRecord } from "../model/state.ts";
import type { BaseEntry } from "./base.ts";

/** The answer to "is this what was rolled out?". `new-keys`: what both know is equal, but keys are watched that were not. */
export type Likeness = "equal" | "different" | "new-keys" | "incomparable" | "key-lost";

const watches = (keys: WatchedKeys, key: string) => keys === "*" || keys.includes(key);

/** Names of the keys whose digests differ, among those watched; sorted. */
export function differingKeys(before: KeyDigests, now: KeyDigests, keys: WatchedKeys): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((key) => watches(keys, key) && before[key] !== now[key]).sort(compareText);
}

/** Compares a source as it is now with what a workload rolled out with, under the key that was used then. */
export function compareContent(
  before: Exclude<BaseEntry, string>,
  source: Source,
  keys: WatchedKeys,
  previous: SourceRecord | undefined,
  digester: Digester,
): Likeness {
  const now = source.digests.get(before.keyId);
  if (!digester.knows(before.keyId) || !now) return "key-lost";
  if (before.shape === digester.shape(before.keyId, keys)) {
    return digester.combine(before.keyId, now, keys) === before.digest ? "equal" : "different";
  }
  const then = snapshotOf(before, previous, digester);
  if (then && before.keys !== undefined) return compareSharedKeys(then, now, before.keys, keys);
  return before.keys !== undefined && digester.combine(before.keyId, now, before.keys) === before.digest
    ? watchesMore(before.keys, keys, now)
      ? "new-keys"
      : "equal"
    : "incomparable";
}

/** The digests of the keys that were rolled out, where the last snapshot still holds exactly them. */
function snapshotOf(
  before: Exclude<BaseEntry, string>,
  previous: SourceRecord | undefined,
  digester: Digester,
): KeyDigests | undefined {
  if (!previous || previous.keyId !== before.keyId || before.keys === undefined) return undefined;
  return digester.combine(before.keyId, previous.digests, before.keys) === before.digest ? previous.digests : undefined;
}

function watchesMore(before: WatchedKeys, keys: WatchedKeys, now: KeyDigests): boolean {
  const candidates = keys === "*" ? Object.keys(now) : keys;
  return candidates.some((key) => !watches(before, key));
}

function compareSharedKeys(then: KeyDigests, now: KeyDigests, before: WatchedKeys, keys: WatchedKeys): Likeness {
  const moved = differingKeys(then, now, before).some((key) => watches(keys, key));
  return moved ? "different" : watchesMore(before, keys, now) ? "new-keys" : "equal";
}

/** Whether a watched key moved since the last snapshot. Where the digest key is gone, nothing shows that it did. */
export function movedSince(previous: SourceRecord, source: Source, keys: WatchedKeys): boolean {
  const now = source.digests.get(previous.keyId);
  return now !== undefined && differingKeys(previous.digests, now, keys).length > 0;
}

/** A change for people. Key names are those that differ from the last snapshot, and those already known to be owed. */
export function describeChange(
  { ref, keys, sight, previous }: EligibleSource,
  change: Change["change"],
  owedKeys: readonly string[],
): Change {
  const now = previous && sight.is === "present" ? sight.source.digests.get(previous.keyId) : undefined;
  const differing = previous && now ? differingKeys(previous.digests, now, keys) : [];
  return { source: ref, change, keys: [...new Set([...differing, ...owedKeys])].sort(compareText) };
}
