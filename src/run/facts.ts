import { dueChanges, owedUnseen } from "../model/comparison.ts";
import { loopText, type Quarantine } from "../model/loops.ts";
import type { Pending } from "../model/plan.ts";
import { formatRef, localName } from "../model/ref.ts";
import type { CommittedRecord, LedgerCause, LedgerEntry, WorkloadRecord } from "../model/state.ts";
import type { RunFacts } from "../record/fold.ts";
import { type Done, toCauses } from "../record/workloads.ts";
import { isAdopted, type Surveyed } from "../survey/subjects.ts";
import type { Work } from "./act.ts";
import type { Prepared } from "./prepare.ts";
import type { Settled } from "./settle.ts";

/** What a run has to say to the state: before the verdicts are in, with `settled` empty, and after. */
export function runFacts(
  { survey, digester }: Prepared,
  works: readonly Work[],
  settled: readonly Settled[],
): RunFacts {
  const workOf = new Map(works.map((work) => [formatRef(work.action.workload), work]));
  const settledOf = new Map(settled.map((each) => [formatRef(each.outcome.workload), each]));
  const recordOf = new Map(survey.surveyed.map(({ workload, record }) => [formatRef(workload.ref), record]));
  const pendingOf = new Map(survey.plan.pending.map((pending) => [formatRef(pending.workload), pending]));
  const { observation, sights, unmoved, quiet, silent, unread, reader, now, readBy } = survey;
  const workloads = survey.surveyed
    .filter((each) => each.comparison.origin !== "first-sight" || isAdopted(each))
    .map((surveyed) => {
      const ref = formatRef(surveyed.workload.ref);
      const done = doneOf(surveyed, workOf.get(ref), settledOf.get(ref), pendingOf.get(ref), now);
      return { comparison: surveyed.comparison, done };
    });
  const ledger = [
    ...works.filter((work) => isNews(work, recordOf)).flatMap((work) => actEntry(work, now)),
    ...settled.flatMap((each) => settledEntry(each, now)),
  ];
  return {
    observation,
    sights,
    unmoved,
    workloads,
    kept: [...quiet, ...unread.map(({ ref }) => ref)],
    silent,
    reader,
    ledger: [
      ...ledger,
      ...survey.surveyed.flatMap((each) => loopEntries(each, now)),
      ...adoptionEntries(survey.surveyed, now),
    ],
    digester,
    now,
    readBy,
  };
}

function doneOf(
  { comparison, record, loops }: Surveyed,
  work: Work | undefined,
  settled: Settled | undefined,
  pending: Pending | undefined,
  now: string,
): Done {
  const patched = work?.act.is === "patched";
  const live = patched
    ? { stamp: work.action.stamp, mode: work.action.mode, generation: work.generation ?? 0, workload: work.after }
    : undefined;
  const since = record?.pending?.since ?? now;
  const unseen = owedUnseen(comparison, record);
  const owed =
    work && !patched ? { since, reason: notDone(work), because: [...work.action.because, ...unseen] } : pending;
  return {
    patched: live,
    unverified: unverifiedOf(record?.unverified, work, settled),
    pending: owed,
    committed: patched || !owed ? undefined : (committedBy(work) ?? record?.committed),
    loops: work && isRestart(work) ? loops.afterRestart : loops.memory,
  };
}

/** A commit counts when it is made, and not once more when Flux applies it. */
function isRestart({ act, committedBefore }: Work): boolean {
  if (act.is === "committed") return act.made;
  return act.is === "patched" && !committedBefore;
}

function committedBy(work: Work | undefined): CommittedRecord | undefined {
  if (work?.act.is === "committed") return work.act.committed;
  return work?.act.is === "reverted" ? { ...work.act.committed, reverted: true } : undefined;
}

/** An act that says itself what the work that is left is to be called. */
const selfNamed = ["interrupted", "superseded", "committed", "reverted"] as const;

function notDone({ act }: Work): Pending["reason"] {
  if (act.is === "held") return act.reason;
  if (act.is === "refused") return "unresolvable";
  return selfNamed.find((name) => name === act.is) ?? "failed";
}

function unverifiedOf(
  before: Done["unverified"],
  work: Work | undefined,
  settled: Settled | undefined,
): Done["unverified"] {
  if (settled) return settled.outcome.outcome === "verifying" ? settled.unverified : undefined;
  return work?.act.is === "patched" ? work.unverified : before;
}

type Entry = { readonly namespace: string; readonly entry: LedgerEntry };

function entry(outcome: Settled["outcome"], because: readonly LedgerCause[], at: string): Entry[] {
  const { workload, message: reason, durationMs } = outcome;
  return [
    {
      namespace: workload.namespace,
      entry: { at, workload: localName(workload), outcome: outcome.outcome, reason, durationMs, because },
    },
  ];
}

function actEntry({ action, outcome }: Work, now: string): Entry[] {
  return outcome && outcome.outcome !== "deferred" ? entry(outcome, toCauses(action.because), now) : [];
}

/** That a commit still waits for Flux was told when it was made. */
function isNews({ action, act, outcome }: Work, recordOf: ReadonlyMap<string, WorkloadRecord | undefined>): boolean {
  if (act.is !== "committed" || outcome?.outcome !== "committed") return true;
  return recordOf.get(formatRef(action.workload))?.committed?.stamp !== act.committed.stamp;
}

function settledEntry({ outcome, unverified }: Settled, now: string): Entry[] {
  return outcome.outcome === "verifying" ? [] : entry(outcome, unverified.because, now);
}

/** Quarantines that began or ended in this run. */
function loopEntries({ workload, comparison, loops }: Surveyed, at: string): Entry[] {
  const changes = toCauses(dueChanges(comparison));
  const line = (outcome: "quarantined" | "released", reason: string, { source }: Quarantine): Entry => ({
    namespace: workload.ref.namespace,
    entry: {
      at,
      workload: localName(workload.ref),
      outcome,
      reason,
      durationMs: 0,
      because: changes.filter((cause) => source === undefined || source === cause.source),
    },
  });
  return [
    ...loops.tripped.map((each) => line("quarantined", loopText(each), each)),
    ...loops.released.map((each) => line("released", "the content has not changed for long enough", each)),
  ];
}

/** One line per namespace, however many workloads were seen for the first time. */
function adoptionEntries(surveyed: readonly Surveyed[], at: string): Entry[] {
  const firsts = surveyed.filter(isAdopted);
  const byNamespace = Map.groupBy(firsts, ({ workload }) => workload.ref.namespace);
  return [...byNamespace].map(([namespace, group]) => {
    const reason = group.length === 1 ? "seen for the first time" : `${group.length} workloads seen for the first time`;
    const workload = group.length === 1 && group[0] ? localName(group[0].workload.ref) : "*";
    return { namespace, entry: { at, workload, outcome: "adopted", reason, durationMs: 0, because: [] } };
  });
}
