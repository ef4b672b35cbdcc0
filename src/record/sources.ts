import { equalPlain } from "../model/equal.ts";
import { equalDigests, type KeyDigests, type Sight, type Source } from "../model/source.ts";
import type { SourceRecord } from "../model/state.ts";

/** What the state remembers of a source after this run. `undefined`: nothing. `now` is ISO 8601. A record that says nothing new stays as it is. */
export function foldSource(
  previous: SourceRecord | undefined,
  sight: Sight,
  currentKeyId: string,
  now: string,
): SourceRecord | undefined {
  if (sight.is === "unobserved") return previous;
  if (sight.is === "absent") return previous && (previous.goneSince ? previous : { ...previous, goneSince: now });
  const digests = sight.source.digests.get(currentKeyId);
  return digests ? seen(previous, sight.source, currentKeyId, digests, now) : previous;
}

function seen(
  previous: SourceRecord | undefined,
  source: Source,
  keyId: string,
  digests: KeyDigests,
  now: string,
): SourceRecord {
  const before = previous && source.digests.get(previous.keyId);
  const same = previous && before && equalDigests(previous.digests, before);
  const shrunk = previous && before && Object.keys(previous.digests).some((key) => !Object.hasOwn(before, key));
  const shrunkAt = shrunk ? now : previous?.shrunkAt;
  const record: SourceRecord = {
    uid: source.uid,
    resourceVersion: source.resourceVersion,
    keyId,
    digests,
    observedAt: same ? previous.observedAt : now,
    ...(shrunkAt === undefined ? {} : { shrunkAt }),
  };
  return previous && equalPlain(previous, record) ? previous : record;
}
