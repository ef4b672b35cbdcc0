import type { Comparison, SourceComparison } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import { equalPlain } from "../model/equal.ts";
import type { LoopMemory } from "../model/loops.ts";
import type { Change, Pending } from "../model/plan.ts";
import { localName } from "../model/ref.ts";
import type { LedgerCause, RolledOut, Unverified, WorkloadRecord } from "../model/state.ts";
import { usesText } from "../model/watched.ts";

/** What a run did to one workload, as far as the record needs it. */
export interface Done {
  /** Set where the stamp was written: what is live now. */
  readonly patched: { readonly stamp: string; readonly generation: number } | undefined;
  /** A rollout that has no verdict yet. */
  readonly unverified: Unverified | undefined;
  /** A restart that is owed still. */
  readonly pending: Pick<Pending, "since" | "reason" | "because"> | undefined;
  /** What the loop breaker is to remember. */
  readonly loops?: LoopMemory | undefined;
}

/** Changes in the words of the state. */
export function toCauses(changes: readonly Change[]): LedgerCause[] {
  return changes.map(({ source, change, keys }) => ({ source: localName(source), change, keys }));
}

/** What the state remembers of a workload after this run. `now` is ISO 8601. A record that says nothing new stays as it is. */
export function foldWorkload(
  comparison: Comparison,
  previous: WorkloadRecord | undefined,
  done: Done,
  digester: Digester,
  now: string,
): WorkloadRecord {
  const { workload } = comparison;
  const fingerprint = (stamp: string | undefined) => (stamp === undefined ? null : digester.fingerprint(stamp));
  const direct = done.patched?.stamp ?? workload.stamps.direct;
  const stripped = strippedNow(comparison, previous, direct, now);
  const unread = newAndUnread(comparison, done);
  const record: WorkloadRecord = {
    uid: workload.uid,
    generation: done.patched?.generation ?? workload.generation,
    uses: unread ? (previous?.uses ?? "") : digester.fingerprint(usesText(workload.uses)),
    seen: { direct: fingerprint(direct), git: fingerprint(workload.stamps.git) },
    rolledOut: rolledOut(comparison, done),
    recordedAt: now,
    ...(done.unverified ? { unverified: done.unverified } : {}),
    ...(done.pending ? { pending: pendingRecord(done.pending) } : {}),
    ...(stripped ? { stripped } : {}),
  };
  return withLoops(previous, previous && saysTheSame(previous, record) ? previous : record, done.loops);
}

/** What only the loop breaker learned does not count as learning something about the workload. */
function withLoops(
  previous: WorkloadRecord | undefined,
  { loops: _, ...record }: WorkloadRecord,
  loops: LoopMemory | undefined,
): WorkloadRecord {
  const next = loops ? { ...record, loops } : record;
  return previous && equalPlain(previous, next) ? previous : next;
}

function rolledOut(comparison: Comparison, done: Done): Record<string, RolledOut> {
  const entries = comparison.sources.map((source): [string, RolledOut | undefined] => {
    const { ref, standing, before, after } = source;
    const open = !done.patched && (standing === "due" || isNewAndUnread(source, comparison));
    return [localName(ref), open ? before : after];
  });
  return Object.fromEntries(entries.filter((entry): entry is [string, RolledOut] => entry[1] !== undefined));
}

/** Came to a known workload and could not be looked at: it stays new until it can be. */
function isNewAndUnread({ standing, before }: SourceComparison, { origin }: Comparison): boolean {
  return standing === "kept-unobserved" && before === undefined && origin !== "first-sight";
}

function newAndUnread(comparison: Comparison, done: Done): boolean {
  return !done.patched && comparison.sources.some((source) => isNewAndUnread(source, comparison));
}

function pendingRecord({ since, reason, because }: NonNullable<Done["pending"]>) {
  return { since, reason, causes: toCauses(because) };
}

function strippedNow(
  { origin, workload }: Comparison,
  previous: WorkloadRecord | undefined,
  direct: string | undefined,
  now: string,
): WorkloadRecord["stripped"] {
  if (direct !== undefined) return undefined;
  return origin === "stripped" ? { since: now, managers: workload.templateManagers } : previous?.stripped;
}

/** Scaling moves the generation and nothing that is remembered, so it alone is no reason to write. */
function saysTheSame(previous: WorkloadRecord, next: WorkloadRecord): boolean {
  const { recordedAt, generation, loops } = previous;
  return equalPlain(previous, { ...next, recordedAt, generation, loops });
}
