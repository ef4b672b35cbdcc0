import type { Source } from "../model/source.ts";
import type { SourceRecord } from "../model/state.ts";
import type { PodFacts } from "../model/workload.ts";

/** Times of the API have a resolution of one second, and a pod reads its sources a moment after it was created. Milliseconds. */
const margin = 2000;

/** A source lost a key since its last snapshot. No time of the object tells when. */
export function hasShrunk(source: Source, previous: SourceRecord | undefined): boolean {
  // The names of the keys are the same under every digest key.
  const now = previous && (source.digests.get(previous.keyId) ?? source.digests.values().next().value);
  if (!previous || !now || source.rotatedAt !== undefined) return false;
  return Object.keys(previous.digests).some((key) => !Object.hasOwn(now, key));
}

/** The newest moment at which the source is known to have been written; `undefined` where nothing tells. Milliseconds since the epoch. */
function lastKnownWrite(source: Source, previous: SourceRecord | undefined): number | undefined {
  if (source.lastWrite === undefined) return undefined;
  const shrunkAt = previous?.shrunkAt ? Date.parse(previous.shrunkAt) : source.lastWrite;
  return Math.max(source.lastWrite, shrunkAt);
}

/** `fresh`: every pod was created after the source's last write, so all of them read today's content. `partly`: those of the current revision. No pods: `stale`. */
export type Freshness = "fresh" | "partly" | "stale";

/** What the age of its pods tells about a workload and one of its sources. */
export function freshness(source: Source, previous: SourceRecord | undefined, pods: PodFacts): Freshness {
  const written = lastKnownWrite(source, previous);
  if (written === undefined || hasShrunk(source, previous)) return "stale";
  const after = (created: number | undefined) => created !== undefined && created > written + margin;
  if (!after(pods.oldestCurrent)) return "stale";
  return after(pods.oldest) ? "fresh" : "partly";
}

/** Some pod was created since then, and not after the source's last write: it may have read what the source held in between. */
export function startedBetween(source: Source, previous: SourceRecord | undefined, pods: PodFacts, since: number) {
  const written = lastKnownWrite(source, previous);
  const until = written === undefined ? Number.POSITIVE_INFINITY : written + margin;
  return pods.created.some((created) => created > since && created <= until);
}

/** Some pod is older than the last write, so it may run with content from before. */
export function mayBeStale(source: Source, previous: SourceRecord | undefined, pods: PodFacts): boolean {
  const written = lastKnownWrite(source, previous) ?? source.createdAt;
  return pods.oldest !== undefined && pods.oldest < written;
}
