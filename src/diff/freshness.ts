import type { Source } from "../model/source.ts";
import type { SourceRecord } from "../model/state.ts";
import type { PodFacts } from "../model/workload.ts";

/** Times of the API have a resolution of one second, and a pod reads its sources a moment after it was created. Milliseconds. */
const margin = 2000;

/** A source lost a key since its last snapshot. No time of the object tells when. */
export function hasShrunk(source: Source, previous: SourceRecord | undefined): boolean {
  const now = previous && source.digests.get(previous.keyId);
  if (!previous || !now) return false;
  return Object.keys(previous.digests).some((key) => !Object.hasOwn(now, key));
}

/** The newest moment at which the source is known to have been written; `undefined` where nothing tells. Milliseconds since the epoch. */
function lastKnownWrite(source: Source, previous: SourceRecord | undefined): number | undefined {
  if (source.lastWrite === undefined) return undefined;
  const shrunkAt = previous?.shrunkAt ? Date.parse(previous.shrunkAt) : source.lastWrite;
  return Math.max(source.lastWrite, shrunkAt);
}

/** Every pod that counts was created after the source's last write, so all of them read today's content. No pods: not fresh. */
export function isFresh(source: Source, previous: SourceRecord | undefined, pods: PodFacts): boolean {
  const written = lastKnownWrite(source, previous);
  if (written === undefined || hasShrunk(source, previous)) return false;
  return pods.oldestCurrent !== undefined && pods.oldestCurrent > written + margin;
}

/** Some pod is older than the last write, so it may run with content from before. */
export function mayBeStale(source: Source, previous: SourceRecord | undefined, pods: PodFacts): boolean {
  const written = lastKnownWrite(source, previous) ?? source.createdAt;
  return pods.oldest !== undefined && pods.oldest < written;
}
