import type { Policy } from "../model/policy.ts";
import { localName } from "../model/ref.ts";
import type { AdoptReport } from "../model/report-adopt.ts";
import type { Ports } from "../ports.ts";
import { foldState, type RunFacts } from "../record/fold.ts";
import { saveState } from "../record/remember.ts";
import { toCauses } from "../record/workloads.ts";
import { adoptSurvey, type GivenUp } from "../run/adopted.ts";
import { runFacts } from "../run/facts.ts";
import { acquireLock } from "../run/lock.ts";
import { planReport, prepare, requireNamespace } from "../run/prepare.ts";

/**
 * Takes today as the baseline: what is due or owed is so no more, and nothing is restarted. Writes the state under the lock; what the
 * policy leaves out stays as it is. Fails with a `UsageError` or a `PortError` before anything was written.
 */
export async function adopt(ports: Ports, policy: Policy, stateName: string): Promise<AdoptReport> {
  await requireNamespace(ports);
  const lock = await acquireLock(ports, "command");
  if (!("release" in lock)) return lockedReport(lock);
  try {
    const prepared = await prepare(ports, policy, stateName, true);
    const { survey, givenUp } = adoptSurvey(prepared.survey);
    const facts = runFacts({ ...prepared, survey }, [], []);
    const ledger = [...facts.ledger, ...givenUp.map((each) => ledgerLine(each, survey.now))];
    await saveState(ports.states, prepared.remembered, foldState(prepared.remembered.state, { ...facts, ledger }));
    const { adopted, coverage, issues, exitCode } = planReport({
      ...prepared,
      survey: { ...prepared.survey, plan: survey.plan },
    });
    const firsts = new Set(adopted.map((ref) => `${ref.namespace}/${localName(ref)}`));
    const cancelled = givenUp.filter(({ workload }) => !firsts.has(`${workload.namespace}/${localName(workload)}`));
    return { cancelled, adopted, coverage, issues, lockedBy: undefined, exitCode };
  } finally {
    await lock.release();
  }
}

function ledgerLine({ workload, because }: GivenUp, at: string): RunFacts["ledger"][number] {
  const reason = "today's content was taken as the baseline by hand (reroll adopt)";
  const entry = { at, workload: localName(workload), outcome: "adopted", reason, durationMs: 0 } as const;
  return { namespace: workload.namespace, entry: { ...entry, because: toCauses(because) } };
}

function lockedReport(lockedBy: NonNullable<AdoptReport["lockedBy"]>): AdoptReport {
  return {
    cancelled: [],
    adopted: [],
    coverage: { workloads: 0, workloadsSeen: 0, sources: 0, sourcesSeen: 0 },
    issues: [],
    lockedBy: { holder: lockedBy.holder, until: lockedBy.until },
    exitCode: 0,
  };
}
