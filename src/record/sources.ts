import { ownKey } from "../model/annotations.ts";
import { equalPlain } from "../model/equal.ts";
import { meaning, settings } from "../model/settings.ts";
import { equalDigests, type KeyDigests, type Sight, type Source } from "../model/source.ts";
import type { SourceRecord } from "../model/state.ts";

/** When a run began, and when it had read everything, ISO 8601. */
export interface RunTimes {
  readonly now: string;
  readonly readBy: string;
}

/** What the state remembers of a source after this run. `undefined`: nothing. A record that says nothing new stays as it is. */
export function foldSource(
  previous: SourceRecord | undefined,
  sight: Sight,
  currentKeyId: string,
  times: RunTimes,
): SourceRecord | undefined {
  if (sight.is === "unobserved") return previous;
  if (sight.is === "absent") return previous && (previous.goneSince ? previous : { ...previous, goneSince: times.now });
  const digests = sight.source.digests.get(currentKeyId);
  return digests ? seen(previous, sight.source, currentKeyId, digests, times) : previous;
}

function seen(
  previous: SourceRecord | undefined,
  source: Source,
  keyId: string,
  digests: KeyDigests,
  { now, readBy }: RunTimes,
): SourceRecord {
  const before = previous && source.digests.get(previous.keyId);
  const same = previous && before && equalDigests(previous.digests, before);
  // The names of the keys are the same under every digest key.
  const timesTell = source.rotatedAt !== undefined;
  const shrunk = previous && !timesTell && Object.keys(previous.digests).some((key) => !Object.hasOwn(digests, key));
  const shrunkAt = shrunk ? readBy : previous?.shrunkAt;
  const said = source.annotations[ownKey(settings.reloadOnDelete.annotation)];
  const reloadOnDelete = said === undefined ? undefined : meaning("reloadOnDelete", said);
  const record: SourceRecord = {
    uid: source.uid,
    resourceVersion: source.resourceVersion,
    keyId,
    digests,
    observedAt: same ? previous.observedAt : now,
    ...(shrunkAt === undefined ? {} : { shrunkAt }),
    ...(reloadOnDelete === undefined ? {} : { reloadOnDelete }),
    ...(source.rotatedAt ? { rotatedAt: new Date(source.rotatedAt).toISOString() } : {}),
  };
  return previous && equalPlain(previous, record) ? previous : record;
}
