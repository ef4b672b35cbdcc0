import { compareText } from "./ref.ts";

/** What a stamp says about one source. `shape` tells which keys were watched: `*` is all of them, otherwise 4 hex digits. */
export type StampEntry = { readonly digest: string; readonly shape: string } | "absent" | "unknown";

/**
 * The value of a stamp annotation, parsed. It says what the pods below it were started with.
 * `combined`: a stamp of too many sources carries one digest over all of them instead of one each.
 */
export interface Stamp {
  readonly keyId: string;
  readonly entries: ReadonlyMap<string, StampEntry>;
  readonly combined: { readonly count: number; readonly digest: string; readonly shape: string } | undefined;
  /**
   * 1, or more where the same content has to be rolled out again because pods started on other content in between:
   * Kubernetes starts no rollout for a template that did not change.
   */
  readonly turn: number;
}

/** Longest stamp that lists its sources one by one, in characters. */
export const stampLimit = 1024;

const entryPattern =
  /^(?<name>[A-Za-z]+\/[^=\s]+)=(?:(?<digest>[0-9a-f]{12})\.(?<shape>\*|[0-9a-f]{4})|(?<word>absent|unknown))$/;
const combinedPattern = /^(?<count>\d+)-sources=(?<digest>[0-9a-f]{12})\.(?<shape>[0-9a-f]{4})$/;
const turnPattern = /^turn=(?<turn>[1-9]\d{0,8})$/;

function formatEntry([name, entry]: readonly [string, StampEntry]): string {
  return typeof entry === "string" ? `${name}=${entry}` : `${name}=${entry.digest}.${entry.shape}`;
}

/** The entries as they stand in a stamp, sorted by source: one source, one line of a commit's diff or of `kubectl get -o yaml`. */
export function formatEntries(entries: ReadonlyMap<string, StampEntry>): string[] {
  return [...entries].sort(([a], [b]) => compareText(a, b)).map(formatEntry);
}

/** The annotation's value. */
export function formatStamp(stamp: Stamp): string {
  const { combined } = stamp;
  const body = combined
    ? [`${combined.count}-sources=${combined.digest}.${combined.shape}`]
    : formatEntries(stamp.entries);
  return [stamp.keyId, ...body, ...(stamp.turn > 1 ? [`turn=${stamp.turn}`] : [])].join(" ");
}

/** Reads an annotation's value; `undefined` where it is no stamp, for instance edited by hand. */
export function parseStamp(value: string): Stamp | undefined {
  const [keyId, ...tokens] = value.split(" ");
  if (!keyId || !/^[0-9a-f]{8}$/.test(keyId)) return undefined;
  const entries = new Map<string, StampEntry>();
  let combined: Stamp["combined"];
  let turn = 1;
  for (const token of tokens) {
    const entry = entryPattern.exec(token)?.groups;
    const all = combinedPattern.exec(token)?.groups;
    const again = turnPattern.exec(token)?.groups;
    if (entry?.name) entries.set(entry.name, readEntry(entry));
    else if (all) combined = { count: Number(all.count), digest: all.digest ?? "", shape: all.shape ?? "" };
    else if (again) turn = Number(again.turn);
    else return undefined;
  }
  return { keyId, entries, combined, turn };
}

function readEntry(groups: Readonly<Record<string, string | undefined>>): StampEntry {
  if (groups.word === "absent" || groups.word === "unknown") return groups.word;
  return { digest: groups.digest ?? "", shape: groups.shape ?? "" };
}

/**
 * Whether a stamp says the same as the one that is wanted, and is no older than the live one: then what it stands on was made for this very
 * change, by a run that did not come to write it, or by one beside this.
 */
export function isLaterTurn(found: string | undefined, wanted: string, live: string | undefined): boolean {
  if (found === undefined || found === live) return false;
  const [theirs, ours] = [parseStamp(found), parseStamp(wanted)];
  const since = (live === undefined ? undefined : parseStamp(live))?.turn ?? 0;
  if (!theirs || !ours || theirs.turn < since) return false;
  return formatStamp({ ...theirs, turn: 1 }) === formatStamp({ ...ours, turn: 1 });
}
