import type { Comparison, EligibleSource, SourceComparison } from "../model/comparison.ts";
import { equalPlain } from "../model/equal.ts";
import { compareRefs, localName } from "../model/ref.ts";
import type { RolledOut, WorkloadRecord } from "../model/state.ts";
import type { Outline, PodFacts } from "../model/workload.ts";
import { type BaseEntry, findBase } from "./base.ts";
import { describeChange } from "./content.ts";
import { type Case, type CompareRules, judge, owedCause, type Verdict } from "./judge.ts";
import { compareSeal } from "./seal.ts";

/**
 * Compares a workload with what it last rolled out with, source by source. Pure; call it without `pods` first, and again with them
 * where `needsPods` says that their age decides. Order of `eligible` does not matter.
 */
export function compareWorkload<Seen extends Outline>(
  workload: Seen,
  record: WorkloadRecord | undefined,
  eligible: readonly EligibleSource[],
  rules: CompareRules,
  pods: PodFacts | undefined,
): Comparison<Seen> {
  const base = findBase(record, workload.stamps, rules.mode, rules.digester, workload.uid);
  const sorted = [...eligible].sort((a, b) => compareRefs(a.ref, b.ref));
  const at: Case = { workload, record, base, pods, rules, seal: compareSeal(base, record, sorted, rules.digester) };
  const verdicts = sorted.map((source) => ({ source, verdict: judge(source, at) }));
  const due = verdicts.filter(({ source, verdict }) => verdict.standing === "due" && !source.paused);
  return {
    workload,
    origin: base.origin,
    sources: verdicts.map(({ source, verdict }) => describe(source, verdict, at)),
    maybeStale: verdicts.filter(({ verdict }) => verdict.stale).map(({ source }) => source.ref),
    needsPods: verdicts.some(({ verdict }) => verdict.needsPods),
    undecided: at.seal === "incomparable",
    underWay: due.length > 0 && due.every(({ verdict }) => verdict.underWay),
  };
}

function describe(eligible: EligibleSource, verdict: Verdict, at: Case): SourceComparison {
  const { ref, keys, paused } = eligible;
  const before = verdict.disowned ? undefined : toRolledOut(at.base.of(localName(ref)), keys);
  const change = verdict.change && describeChange(eligible, verdict.change, owedCause(ref, at)?.keys ?? []);
  const next = after(eligible, verdict, before, at);
  const known = at.record?.rolledOut[localName(ref)];
  const { standing } = verdict;
  return { ref, keys, standing, change, before: held(before, known), after: held(next, known), paused };
}

/** The record's own entry where that says the same: one object, and not three, for every source in use. */
function held<Entry extends RolledOut | undefined>(entry: Entry, known: RolledOut | undefined): Entry {
  return known !== undefined && equalPlain(entry, known) ? (known as Entry) : entry;
}

function after(
  { keys, sight }: EligibleSource,
  verdict: Verdict,
  before: RolledOut | undefined,
  { rules: { digester } }: Case,
): RolledOut {
  if (sight.is === "unobserved") return before ?? "unknown";
  if (sight.is === "absent") {
    return verdict.standing !== "due" && typeof before === "object" ? { ...before, gone: true } : "absent";
  }
  const digests = sight.source.digests.get(digester.currentId);
  const digest = digests && digester.combine(digester.currentId, digests, keys);
  return digest ? { keyId: digester.currentId, digest, keys } : "unknown";
}

function toRolledOut(entry: BaseEntry | undefined, keys: EligibleSource["keys"]): RolledOut | undefined {
  if (entry === undefined || typeof entry === "string") return entry;
  const { keyId, digest, gone } = entry;
  return { keyId, digest, keys: entry.keys ?? keys, ...(gone ? { gone } : {}) };
}
