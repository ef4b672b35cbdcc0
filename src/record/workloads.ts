import type { Comparison, SourceComparison } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import { equalPlain } from "../model/equal.ts";
import type { LoopMemory } from "../model/loops.ts";
import type { Mode } from "../model/mode.ts";
import type { Change, Pending } from "../model/plan.ts";
import { localName, type SourceKind } from "../model/ref.ts";
import type {
  CommittedRecord,
  LedgerCause,
  RolledOut,
  TemplateRecord,
  Unverified,
  WorkloadRecord,
} from "../model/state.ts";
import { usesText, watchedSources } from "../model/watched.ts";
import type { Outline, StampPair, Workload } from "../model/workload.ts";

/** What a run did to one workload, as far as the record needs it. */
export interface Done {
  /** Set where the stamp was written: what is live now. */
  readonly patched:
    | {
        readonly stamp: string;
        readonly mode: Mode;
        readonly generation: number;
        readonly workload?: Workload | undefined;
      }
    | undefined;
  /** A rollout that has no verdict yet. */
  readonly unverified: Unverified | undefined;
  /** A restart that is owed still. */
  readonly pending: Pick<Pending, "since" | "reason" | "because"> | undefined;
  /** A commit that nobody has seen on the live object yet. */
  readonly committed?: CommittedRecord | undefined;
  /** What the loop breaker is to remember. */
  readonly loops?: LoopMemory | undefined;
}

/** Changes in the words of the state. */
export function toCauses(changes: readonly Change[]): LedgerCause[] {
  return changes.map(({ source, change, keys }) => ({ source: localName(source), change, keys }));
}

/** What folding goes by besides the workload itself. */
export interface FoldRules {
  readonly digester: Digester;
  /** ISO 8601. */
  readonly now: string;
  /** Kinds of source that nobody looks at: what a workload rolled out with of them stays. */
  readonly ignored: readonly SourceKind[];
}

/** What the state remembers of a workload after this run. What of a record says nothing new stays as it is. */
export function foldWorkload(
  comparison: Comparison,
  previous: WorkloadRecord | undefined,
  done: Done,
  { digester, now, ignored }: FoldRules,
): WorkloadRecord {
  const { workload } = comparison;
  const fingerprint = (stamp: string | undefined) => (stamp === undefined ? null : digester.fingerprint(stamp));
  const { patched } = done;
  const live: StampPair = patched ? { ...workload.stamps, [patched.mode]: patched.stamp } : workload.stamps;
  const stripped = strippedNow(comparison, previous, live, now);
  const pending = owedNow(done, previous, ignored);
  const known = done.patched ? done.patched.workload : workload;
  const record: WorkloadRecord = {
    uid: workload.uid,
    generation: done.patched?.generation ?? workload.generation ?? 0,
    uses: usesNow(comparison, previous, done, digester),
    seen: { direct: fingerprint(live.direct), git: fingerprint(live.git) },
    rolledOut: rolledOut(comparison, previous, done, ignored),
    // The generation of a borrower says nothing of the template it borrows, so that is read in every run.
    ...(known && !known.borrows ? { template: templateRecord(known) } : {}),
    recordedAt: now,
    ...(done.unverified ? { unverified: done.unverified } : {}),
    ...(pending ? { pending } : {}),
    ...(done.committed ? { committed: done.committed } : {}),
    ...(stripped ? { stripped } : {}),
  };
  const same = previous && saysTheSame(previous, record);
  return withLoops(previous, same ? { ...record, recordedAt: previous.recordedAt } : record, done.loops);
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

/** Scaling moves the generation, an edited template may use what it used, and loops are a matter of their own: nothing that is told of rollouts. */
export function saysTheSame(previous: WorkloadRecord, next: WorkloadRecord): boolean {
  const { recordedAt, generation, template, loops } = previous;
  return equalPlain(previous, { ...next, recordedAt, generation, template, loops });
}

/**
 * Whether memory alone shows that nothing is to be done, to be looked at, to be said or to be remembered anew. `comparison` is that of an
 * outline with its record, without pods.
 */
export function isAtRest(
  comparison: Comparison<Outline>,
  record: WorkloadRecord | undefined,
  { digester, ignored }: Pick<FoldRules, "digester" | "ignored">,
): boolean {
  if (
    !record ||
    record.pending ||
    record.unverified ||
    record.committed ||
    record.stripped ||
    record.loops?.quarantines
  )
    return false;
  if (comparison.origin !== "record" || comparison.needsPods || comparison.undecided) return false;
  const nothing = { patched: undefined };
  return (
    comparison.sources.every(({ standing }) => standing !== "due") &&
    record.uses === usesNow(comparison, record, nothing, digester) &&
    equalPlain(record.rolledOut, rolledOut(comparison, record, nothing, ignored))
  );
}

function templateRecord({ uses, templateAnnotations: annotations, metadata }: Workload): TemplateRecord {
  const { pulling = [], reading = [] } = Object.groupBy(uses, ({ pull }) => (pull ? "pulling" : "reading"));
  const keys = watchedSources(reading, "").map(({ ref, keys }) => [localName(ref), keys]);
  const pulls = watchedSources(pulling, "").map(({ ref }) => ref.name);
  return {
    uses: Object.fromEntries(keys),
    ...(pulls.length > 0 ? { pulls } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    ...(metadata?.stamped ? { stampsObject: true } : {}),
  };
}

function usesNow(
  comparison: Comparison<Outline>,
  previous: WorkloadRecord | undefined,
  done: Pick<Done, "patched">,
  digester: Digester,
): string {
  if (newAndUnread(comparison, done)) return previous?.uses ?? "";
  return digester.fingerprint(usesText(comparison.workload.uses));
}

function rolledOut(
  comparison: Comparison<Outline>,
  previous: WorkloadRecord | undefined,
  done: Pick<Done, "patched">,
  ignored: readonly SourceKind[],
): Record<string, RolledOut> {
  const unseen = Object.entries(previous?.rolledOut ?? {}).filter(([name]) => isOf(ignored, name));
  const entries = comparison.sources.map((source): [string, RolledOut | undefined] => {
    const { ref, standing, before, after } = source;
    const open = !done.patched && (standing === "due" || isNewAndUnread(source, comparison));
    return [localName(ref), open ? before : after];
  });
  return Object.fromEntries([
    ...unseen,
    ...entries.filter((entry): entry is [string, RolledOut] => entry[1] !== undefined),
  ]);
}

/** Came to a known workload and could not be looked at: it stays new until it can be. */
function isNewAndUnread({ standing, before }: SourceComparison, { origin }: Comparison<Outline>): boolean {
  return standing === "kept-unobserved" && before === undefined && origin !== "first-sight";
}

function newAndUnread(comparison: Comparison<Outline>, done: Pick<Done, "patched">): boolean {
  return !done.patched && comparison.sources.some((source) => isNewAndUnread(source, comparison));
}

/** Whether a source (`Kind/name`) is of one of those kinds. */
function isOf(kinds: readonly SourceKind[], name: string): boolean {
  return kinds.some((kind) => name.startsWith(`${kind}/`));
}

/** What is owed after this run: also for sources that nobody looks at now, until a restart gives the pods all there is. */
function owedNow(
  { pending, patched }: Done,
  previous: WorkloadRecord | undefined,
  ignored: readonly SourceKind[],
): WorkloadRecord["pending"] {
  const before = patched ? undefined : previous?.pending;
  const unseen = (before?.causes ?? []).filter(({ source }) => isOf(ignored, source));
  if (!before || unseen.length === 0) return pending && pendingRecord(pending);
  if (!pending) return { ...before, causes: unseen };
  const now = pendingRecord(pending);
  return { ...now, causes: [...now.causes, ...unseen] };
}

function pendingRecord({ since, reason, because }: NonNullable<Done["pending"]>) {
  return { since, reason, causes: toCauses(because) };
}

function strippedNow(
  { origin, workload }: Comparison,
  previous: WorkloadRecord | undefined,
  live: StampPair,
  now: string,
): WorkloadRecord["stripped"] {
  if (live.direct !== undefined || live.git !== undefined) return undefined;
  return origin === "stripped" ? { since: now, managers: workload.templateManagers } : previous?.stripped;
}
