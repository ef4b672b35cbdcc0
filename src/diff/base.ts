import type { Origin } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import { type Mode, modes } from "../model/mode.ts";
import type { WatchedKeys } from "../model/source.ts";
import { parseStamp, type Stamp, type StampEntry } from "../model/stamp.ts";
import type { RolledOut, WorkloadRecord } from "../model/state.ts";
import type { Outline, StampPair } from "../model/workload.ts";

/** What a workload last rolled out with, as far as anything tells. */
export interface Base {
  readonly origin: Origin;
  readonly of: (source: string) => BaseEntry | undefined;
  /** Set where all that is known is one digest over all sources. */
  readonly combined: Stamp | undefined;
}

/** Like `RolledOut`, but a stamp tells the watched keys only by their shape. */
export type BaseEntry =
  | {
      readonly keyId: string;
      readonly digest: string;
      readonly shape: string | undefined;
      readonly keys: WatchedKeys | undefined;
      readonly gone?: true;
    }
  | "absent"
  | "unknown";

/** Whether the stamps now live are those the record saw. */
export function sawStamps(record: WorkloadRecord, live: Outline["stamps"], digester: Digester): boolean {
  if (live === "as-recorded") return true;
  return modes.every((mode) => record.seen[mode] === fingerprintOf(live[mode], digester));
}

function fingerprintOf(stamp: string | undefined, digester: Digester): string | null {
  return stamp === undefined ? null : digester.fingerprint(stamp);
}

/**
 * What the workload last rolled out with, the first that applies: the record, if the stamps it saw are live; the live stamp of the mode
 * in force; the other mode's; the record although its stamp is gone; nothing. Stamps are never compared as whole strings.
 */
export function findBase(
  record: WorkloadRecord | undefined,
  live: Outline["stamps"],
  mode: Mode,
  digester: Digester,
  uid: string,
): Base {
  if (record && sawStamps(record, live, digester)) return fromRecord(record, "record", digester);
  if (live === "as-recorded") return firstSight;
  const order: readonly Mode[] = spokenFirst(record, live, mode, digester);
  const [first, other] = order.map((each) => live[each]);
  const ownStamp = first === undefined ? undefined : parseStamp(first);
  if (ownStamp) return fromStamp(ownStamp, "stamp", record, digester);
  const otherStamp = other === undefined ? undefined : parseStamp(other);
  if (otherStamp) return fromStamp(otherStamp, "other-stamp", record, digester);
  if (record) return fromRecord(record, record.uid === uid ? "stripped" : "record", digester);
  return firstSight;
}

/**
 * A workload in git mode is patched where no commit can restart it. The commit's stamp stays behind then, so where only the direct one moved
 * since the record was written, that is the newer one.
 */
function spokenFirst(
  record: WorkloadRecord | undefined,
  live: StampPair,
  mode: Mode,
  digester: Digester,
): readonly Mode[] {
  if (mode === "direct") return ["direct", "git"];
  const moved = (each: Mode) => record && record.seen[each] !== fingerprintOf(live[each], digester);
  return live.direct !== undefined && moved("direct") && !moved("git") ? ["direct", "git"] : ["git", "direct"];
}

const firstSight: Base = { origin: "first-sight", of: () => undefined, combined: undefined };

function fromRecord(record: WorkloadRecord, origin: Origin, digester: Digester): Base {
  return { origin, of: (source) => recorded(record.rolledOut[source], digester), combined: undefined };
}

function recorded(entry: RolledOut | undefined, digester: Digester): BaseEntry | undefined {
  if (entry === undefined || typeof entry === "string") return entry;
  return { ...entry, shape: digester.shape(entry.keyId, entry.keys) };
}

function fromStamp(stamp: Stamp, origin: Origin, record: WorkloadRecord | undefined, digester: Digester): Base {
  const stamped = (source: string): BaseEntry | undefined => {
    const entry: StampEntry | undefined = stamp.entries.get(source);
    if (entry === undefined || typeof entry === "string") return entry;
    const known = recorded(record?.rolledOut[source], digester);
    const sameShape = typeof known === "object" && known.keyId === stamp.keyId && known.shape === entry.shape;
    const keys = entry.shape === "*" ? "*" : sameShape ? known.keys : undefined;
    return { keyId: stamp.keyId, digest: entry.digest, shape: entry.shape, keys };
  };
  const of = stamp.combined ? (source: string) => recorded(record?.rolledOut[source], digester) : stamped;
  return { origin, of, combined: stamp.combined ? stamp : undefined };
}
