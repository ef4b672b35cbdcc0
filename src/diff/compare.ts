import type { Comparison, EligibleSource, SourceComparison, Standing } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import type { Change } from "../model/plan.ts";
import { compareRefs, localName, type SourceRef } from "../model/ref.ts";
import type { Source } from "../model/source.ts";
import { formatEntries, type StampEntry } from "../model/stamp.ts";
import type { RolledOut, WorkloadRecord } from "../model/state.ts";
import type { PodFacts, Workload } from "../model/workload.ts";
import { type Base, type BaseEntry, findBase, type Mode } from "./base.ts";
import { compareContent, describeChange, movedSince } from "./content.ts";
import { isFresh, mayBeStale } from "./freshness.ts";

/** What deciding needs besides the workload itself. */
export interface CompareRules {
  readonly mode: Mode;
  readonly digester: Digester;
  readonly reloadOnCreate: boolean;
  readonly reloadOnDelete: boolean;
  readonly catchUp: boolean;
}

interface Case {
  readonly workload: Workload;
  readonly record: WorkloadRecord | undefined;
  readonly base: Base;
  readonly pods: PodFacts | undefined;
  readonly rules: CompareRules;
  readonly sealedEqual: boolean;
}

interface Verdict {
  readonly standing: Standing;
  readonly change?: Change["change"];
  /** Pods have to be looked at before this can be said. */
  readonly needsPods?: boolean;
  readonly stale?: boolean;
}

/**
 * Compares a workload with what it last rolled out with, source by source. Pure; call it without `pods` first, and again with them
 * where `needsPods` says that their age decides. Order of `eligible` does not matter.
 */
export function compareWorkload(
  workload: Workload,
  record: WorkloadRecord | undefined,
  eligible: readonly EligibleSource[],
  rules: CompareRules,
  pods: PodFacts | undefined,
): Comparison {
  const base = findBase(record, workload.stamps, rules.mode, rules.digester, workload.uid);
  const sorted = [...eligible].sort((a, b) => compareRefs(a.ref, b.ref));
  const at: Case = { workload, record, base, pods, rules, sealedEqual: isSealedEqual(base, sorted, rules.digester) };
  const verdicts = sorted.map((source) => ({ source, verdict: judge(source, at) }));
  return {
    workload,
    origin: base.origin,
    sources: verdicts.map(({ source, verdict }) => describe(source, verdict, at)),
    maybeStale: verdicts.filter(({ verdict }) => verdict.stale).map(({ source }) => source.ref),
    needsPods: verdicts.some(({ verdict }) => verdict.needsPods),
  };
}

/** Whether a stamp that holds one digest over all sources says that nothing has moved. */
function isSealedEqual(base: Base, eligible: readonly EligibleSource[], digester: Digester): boolean {
  const { combined, keyId } = base.combined ?? {};
  if (!combined || keyId === undefined) return false;
  const entries = new Map(
    eligible.map(({ ref, keys, sight }): [string, StampEntry] => {
      const digests = sight.is === "present" ? sight.source.digests.get(keyId) : undefined;
      const digest = digests && digester.combine(keyId, digests, keys);
      const word = sight.is === "unobserved" ? "unknown" : "absent";
      return [localName(ref), digest ? { digest, shape: digester.shape(keyId, keys) ?? "" } : word];
    }),
  );
  return digester.seal(keyId, formatEntries(entries))?.digest === combined.digest;
}

function judge(eligible: EligibleSource, at: Case): Verdict {
  const before = at.base.of(localName(eligible.ref));
  if (eligible.sight.is === "unobserved") return { standing: "kept-unobserved" };
  if (eligible.sight.is === "absent") return judgeAbsent(before, at);
  if (at.sealedEqual) return { standing: "unchanged" };
  return judgePresent(eligible, eligible.sight.source, before, at);
}

function judgeAbsent(before: BaseEntry | undefined, at: Case): Verdict {
  const hadContent = typeof before === "object";
  return at.rules.reloadOnDelete && hadContent ? { standing: "due", change: "removed" } : { standing: "kept-absent" };
}

function judgePresent(eligible: EligibleSource, source: Source, before: BaseEntry | undefined, at: Case): Verdict {
  const { keys, previous } = eligible;
  if (at.base.origin === "first-sight") return judgeFirstSight(eligible, source, at);
  if (typeof before === "object") {
    const likeness = compareContent(before, source, keys, previous, at.rules.digester);
    if (likeness === "equal") return { standing: owedCause(eligible.ref, at) ? "reverted" : "unchanged" };
    // What is owed was seen to differ; that it cannot be compared any more does not undo it.
    if (likeness === "key-lost" && !owedCause(eligible.ref, at)) return { standing: "key-lost" };
    if (likeness === "different" || likeness === "incomparable") return unlessFresh(eligible, source, at, "modified");
  }
  if (owedCause(eligible.ref, at)) return unlessFresh(eligible, source, at, "modified");
  const appeared = before === "absent" || (before === undefined && appearedSinceRecord(eligible, source, at));
  if (appeared) return at.rules.reloadOnCreate ? unlessFresh(eligible, source, at, "added") : { standing: "adopted" };
  if (before === "unknown") return { standing: "adopted" };
  if (!templateMayHaveChanged(at) && previous) {
    return movedSince(previous, source, keys) ? unlessFresh(eligible, source, at, "modified") : { standing: "adopted" };
  }
  return unlessFresh(eligible, source, at, "added");
}

function judgeFirstSight(eligible: EligibleSource, source: Source, at: Case): Verdict {
  if (!at.pods) return { standing: "adopted", needsPods: true };
  const stale = mayBeStale(source, eligible.previous, at.pods);
  return at.rules.catchUp && stale ? { standing: "due", change: "modified", stale } : { standing: "adopted", stale };
}

function unlessFresh(eligible: EligibleSource, source: Source, at: Case, change: Change["change"]): Verdict {
  if (!at.pods) return { standing: "due", change, needsPods: true };
  return isFresh(source, eligible.previous, at.pods) ? { standing: "fresh", change } : { standing: "due", change };
}

function owedCause(ref: SourceRef, at: Case) {
  return at.record?.pending?.causes.find((cause) => cause.source === localName(ref));
}

/** A pattern may come to match a source that did not exist when the workload was last looked at. */
function appearedSinceRecord(eligible: EligibleSource, source: Source, at: Case): boolean {
  return eligible.byPattern && at.record !== undefined && source.createdAt > Date.parse(at.record.recordedAt);
}

/** While generation and uid stand, nobody has edited the template: sources and keys that are new are newly asked for, not newly used. */
function templateMayHaveChanged(at: Case): boolean {
  return at.record?.generation !== at.workload.generation || at.record.uid !== at.workload.uid;
}

function describe(eligible: EligibleSource, verdict: Verdict, at: Case): SourceComparison {
  const { ref, keys } = eligible;
  const before = toRolledOut(at.base.of(localName(ref)), keys);
  const change = verdict.change && describeChange(eligible, verdict.change, owedCause(ref, at)?.keys ?? []);
  return { ref, keys, standing: verdict.standing, change, before, after: after(eligible, verdict, before, at) };
}

function after(
  { keys, sight }: EligibleSource,
  verdict: Verdict,
  before: RolledOut | undefined,
  { rules: { digester } }: Case,
): RolledOut {
  if (sight.is === "unobserved") return before ?? "unknown";
  if (sight.is === "absent") {
    return verdict.standing === "due" || before === undefined || before === "unknown" ? "absent" : before;
  }
  const digests = sight.source.digests.get(digester.currentId);
  const digest = digests && digester.combine(digester.currentId, digests, keys);
  return digest ? { keyId: digester.currentId, digest, keys } : "unknown";
}

function toRolledOut(entry: BaseEntry | undefined, keys: EligibleSource["keys"]): RolledOut | undefined {
  if (entry === undefined || typeof entry === "string") return entry;
  return { keyId: entry.keyId, digest: entry.digest, keys: entry.keys ?? keys };
}
