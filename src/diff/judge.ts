import type { EligibleSource, Standing } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import type { Mode } from "../model/mode.ts";
import type { Change } from "../model/plan.ts";
import { localName, type SourceRef } from "../model/ref.ts";
import type { Source } from "../model/source.ts";
import type { LedgerCause, WorkloadRecord } from "../model/state.ts";
import { usesText } from "../model/watched.ts";
import type { Outline, PodFacts, Workload } from "../model/workload.ts";
import type { Base, BaseEntry } from "./base.ts";
import { compareContent, movedSince } from "./content.ts";
import { freshness, mayBeStale, startedBetween } from "./freshness.ts";
import type { Seal } from "./seal.ts";

/** What deciding needs besides the workload itself. */
export interface CompareRules {
  readonly mode: Mode;
  readonly digester: Digester;
  readonly catchUp: boolean;
}

/** One workload with all that its sources are judged by. */
export interface Case {
  readonly workload: Outline & Partial<Pick<Workload, "manual">>;
  readonly record: WorkloadRecord | undefined;
  readonly base: Base;
  readonly pods: PodFacts | undefined;
  readonly rules: CompareRules;
  readonly seal: Seal;
}

/** What is said of one source. */
export interface Verdict {
  readonly standing: Standing;
  readonly change?: Change["change"];
  /** Pods have to be looked at before this can be said. */
  readonly needsPods?: boolean;
  readonly stale?: boolean;
  /** Due only because pods of an older revision still run; those of the current one are fresh. */
  readonly underWay?: boolean;
  /** What was rolled out before is not what every pod runs with: nothing can be compared with it any more. */
  readonly disowned?: boolean;
}

/** How the workload stands to one of its sources. */
export function judge(eligible: EligibleSource, at: Case): Verdict {
  const before = at.base.of(localName(eligible.ref));
  if (eligible.sight.is === "unobserved") return { standing: "kept-unobserved" };
  if (eligible.sight.is === "absent") return judgeAbsent(eligible, before);
  if (at.seal === "equal") return { standing: "unchanged" };
  return judgePresent(eligible, eligible.sight.source, before, at);
}

/** The restart that the state says is owed for a source. */
export function owedCause(ref: SourceRef, at: Case): LedgerCause | undefined {
  return at.record?.pending?.causes.find((cause) => cause.source === localName(ref));
}

function judgeAbsent({ reloadOnDelete }: EligibleSource, before: BaseEntry | undefined): Verdict {
  const newlyGone = typeof before === "object" && !before.gone;
  return reloadOnDelete && newlyGone ? { standing: "due", change: "removed" } : { standing: "kept-absent" };
}

function judgePresent(eligible: EligibleSource, source: Source, before: BaseEntry | undefined, at: Case): Verdict {
  if (at.base.origin === "first-sight") return judgeFirstSight(eligible, source, at);
  const owed = owedCause(eligible.ref, at);
  if (typeof before === "object") {
    const likeness = compareContent(before, source, eligible.keys, eligible.previous, at.rules.digester);
    if (likeness === "equal") {
      return (
        judgeStripped(eligible, source, at) ?? judgeDisproved(eligible, source, at) ?? judgeEqual(eligible, source, at)
      );
    }
    // What is owed was seen to differ; that it cannot be compared any more does not undo it.
    if (likeness === "key-lost" && !owed) return { standing: "key-lost" };
    if (likeness === "different" || likeness === "incomparable") return unlessFresh(eligible, source, at, "modified");
  }
  if (owed) return unlessFresh(eligible, source, at, owed.change === "removed" ? "modified" : owed.change);
  if (before === undefined && at.seal !== "none") return judgeSealed(eligible, source, at);
  if (before === "absent") {
    return eligible.reloadOnCreate ? unlessFresh(eligible, source, at, "added") : { standing: "adopted" };
  }
  if (before === "unknown") return moved(eligible, source, at) ?? judgeFirstSight(eligible, source, at);
  return judgeNewlyWatched(eligible, source, before, at);
}

/** What was owed is cancelled, unless a pod started while it was. */
function judgeEqual(eligible: EligibleSource, source: Source, at: Case): Verdict {
  const { record, pods } = at;
  if (!owedCause(eligible.ref, at)) return { standing: "unchanged" };
  if (!pods) return { standing: "due", change: "modified", needsPods: true };
  const since = Date.parse(record?.pending?.since ?? "");
  return startedBetween(source, eligible.previous, pods, since)
    ? { standing: "due", change: "modified" }
    : { standing: "reverted" };
}

/**
 * A rollout of ours that is undone before its old pods are gone leaves them as they were, under a template that has no stamp. Pods that are
 * older than the record never saw what it says; where the template was only reset, all are younger.
 */
function judgeStripped(eligible: EligibleSource, source: Source, at: Case): Verdict | undefined {
  const { base, record, pods } = at;
  if (base.origin !== "stripped" || !mayPrecede(record, pods)) return undefined;
  return { ...unlessFresh(eligible, source, at, "modified"), disowned: true };
}

/** The same where the stamp from before says nothing of the source, or not of all of its keys. */
function judgeUndone(eligible: EligibleSource, source: Source, at: Case): Verdict | undefined {
  const { base, record, pods } = at;
  const stamped = base.origin === "stamp" || base.origin === "other-stamp";
  if (!stamped || typeof record?.rolledOut[localName(eligible.ref)] !== "object") return undefined;
  return mayPrecede(record, pods) ? { ...unlessFresh(eligible, source, at, "modified"), disowned: true } : undefined;
}

function mayPrecede(record: WorkloadRecord | undefined, pods: PodFacts | undefined): boolean {
  if (!record || !pods) return record !== undefined;
  return pods.oldestCurrent !== undefined && pods.oldestCurrent <= Date.parse(record.recordedAt);
}

/** The live template was rolled out with something else than the record says, as after a rollout that was undone; of which source, nothing tells. */
function judgeDisproved(eligible: EligibleSource, source: Source, at: Case): Verdict | undefined {
  return at.seal === "changed" ? { ...unlessFresh(eligible, source, at, "modified"), disowned: true } : undefined;
}

function judgeFirstSight(eligible: EligibleSource, source: Source, at: Case): Verdict {
  if (!at.pods) return { standing: "adopted", needsPods: true };
  const stale = mayBeStale(source, eligible.previous, at.pods);
  return at.rules.catchUp && stale ? { standing: "due", change: "modified", stale } : { standing: "adopted", stale };
}

/** One digest over all sources is all there is, and it is not that of today. */
function judgeSealed(eligible: EligibleSource, source: Source, at: Case): Verdict {
  if (at.seal === "key-lost") return { standing: "key-lost" };
  if (at.seal === "incomparable") return { standing: "kept-unobserved" };
  return unlessFresh(eligible, source, at, "modified");
}

/** It, or a key of it, was not watched before: newly used is due, newly asked for is taken as it is unless it moved. */
function judgeNewlyWatched(eligible: EligibleSource, source: Source, before: BaseEntry | undefined, at: Case): Verdict {
  if (eligible.used && templateMayHaveChanged(at)) return unlessFresh(eligible, source, at, "added");
  const undone = judgeUndone(eligible, source, at);
  if (undone) return undone;
  const appeared = before === undefined && appearedSinceRecord(eligible, source, at);
  if (appeared && eligible.reloadOnCreate) return unlessFresh(eligible, source, at, "added");
  return moved(eligible, source, at) ?? { standing: "adopted" };
}

/** What the last snapshot shows, whoever it was taken for. */
function moved(eligible: EligibleSource, source: Source, at: Case): Verdict | undefined {
  const { previous, keys } = eligible;
  return previous && movedSince(previous, source, keys) ? unlessFresh(eligible, source, at, "modified") : undefined;
}

function unlessFresh(eligible: EligibleSource, source: Source, at: Case, change: Change["change"]): Verdict {
  if (!at.pods) return { standing: "due", change, needsPods: true };
  const pods = freshness(source, eligible.previous, at.pods);
  if (pods === "stale") return { standing: "due", change };
  // Old pods that never used the source are none of its concern, and those that only a person replaces will be.
  const oldOnesCount = change === "modified" && at.workload.manual === undefined;
  return pods === "fresh" || !oldOnesCount
    ? { standing: "fresh", change }
    : { standing: "due", change, underWay: true, disowned: true };
}

/** A pattern may come to match a source that did not exist when the workload was last looked at. */
function appearedSinceRecord(eligible: EligibleSource, source: Source, at: Case): boolean {
  return eligible.byPattern && at.record !== undefined && source.createdAt > Date.parse(at.record.recordedAt);
}

/** While the template uses what it used, sources and keys that are new are newly asked for, not newly used. */
function templateMayHaveChanged({ record, workload, rules }: Case): boolean {
  if (record?.uid !== workload.uid) return true;
  return record.uses === undefined
    ? record.generation !== (workload.generation ?? 0)
    : record.uses !== rules.digester.fingerprint(usesText(workload.uses));
}
