import { PortError, UsageError } from "./model/errors.ts";
import { type ExitCode, worstExit } from "./model/exit.ts";
import type { Outcome } from "./model/outcome.ts";
import type { Issue } from "./model/plan.ts";
import type { Policy } from "./model/policy.ts";
import type { PlanReport, RunReport } from "./model/report.ts";
import type { Ports } from "./ports.ts";
import { foldState } from "./record/fold.ts";
import { type Remembered, saveState } from "./record/remember.ts";
import { actAll, type Work } from "./run/act.ts";
import { exitOf as exitOfGit } from "./run/commit/exit.ts";
import { runFacts } from "./run/facts.ts";
import { lookAtFlux } from "./run/flux-part.ts";
import { acquireLock, type HeldByOther } from "./run/lock.ts";
import { exitOf, type Prepared, planReport, prepare, requireNamespace } from "./run/prepare.ts";
import { type Settled, settleAll } from "./run/settle.ts";

/** What a run is told from outside. */
export interface RunOptions {
  /** Name of the ConfigMap that holds the state. */
  readonly stateName: string;
  /** Aborted by the first SIGTERM or SIGINT: nothing new is started, what is known is written. */
  readonly signal: AbortSignal;
  /** Short lines for people who wait. */
  readonly onProgress: (line: string) => void;
}

/**
 * One run, top to bottom: observe, compare, plan, act, verify, record. Fails with a `UsageError` or a `PortError` only before the first
 * write; from then on everything that goes wrong is in the report.
 */
export async function run(ports: Ports, policy: Policy, options: RunOptions): Promise<RunReport> {
  await requireNamespace(ports);
  const lock = await acquireLock(ports, "run");
  if (!("release" in lock)) return lockedReport(lock);
  try {
    const stop = AbortSignal.any([options.signal, lock.lost]);
    const surveyed = await prepare(ports, policy, options.stateName, true);
    const until = ports.clock.now() + policy.timeouts.run;
    const flux = await lookAtFlux(ports, policy, surveyed);
    try {
      const committed = await flux.commit(stop);
      const { prepared } = committed;
      const direct = prepared.survey.plan.actions.filter(({ mode }) => mode === "direct");
      const acted = await actAll(ports, policy, direct, stop);
      await committed.askReaders();
      const interim = await recordActs(ports, prepared, [...committed.works, ...acted]);
      const waiting = { ...options, signal: stop, until };
      const [followed, watched] = await Promise.all([
        committed.follow(waiting),
        settleAll(ports, policy, prepared, [...committed.works, ...acted], waiting),
      ]);
      const works = [...followed.works, ...acted];
      const settled = [...watched, ...followed.settled];
      const final = await record(ports, prepared, interim.remembered, works, settled);
      return runReport(planReport(prepared, committed.report()), works, settled, final, lock.lost.aborted);
    } finally {
      await flux.close();
    }
  } finally {
    await lock.release();
  }
}

interface Recorded {
  readonly remembered: Remembered;
  readonly issues: readonly Issue[];
  readonly exits: readonly ExitCode[];
}

/** What was patched or committed is remembered before anybody waits for it. */
async function recordActs(ports: Ports, prepared: Prepared, works: readonly Work[]): Promise<Recorded> {
  const done = works.some(({ act }) => act.is === "patched" || (act.is === "committed" && act.made));
  return done
    ? record(ports, prepared, prepared.remembered, works, [])
    : { remembered: prepared.remembered, issues: [], exits: [] };
}

/** Writes the state; where that fails the stamps on the workloads still tell the next run what happened. */
async function record(
  ports: Ports,
  prepared: Prepared,
  remembered: Remembered,
  works: readonly Work[],
  settled: readonly Settled[],
): Promise<Recorded> {
  const state = foldState(prepared.remembered.state, runFacts(prepared, works, settled));
  try {
    return { remembered: await saveState(ports.states, remembered, state), issues: [], exits: [] };
  } catch (error) {
    if (!(error instanceof PortError || error instanceof UsageError)) throw error;
    const exit = error instanceof UsageError ? 2 : exitOf(error);
    const message = `the state could not be written: ${error.message}. The stamps on the workloads tell the next run what was done`;
    return { remembered, issues: [{ code: "state-not-written", path: remembered.name, message }], exits: [exit] };
  }
}

function runReport(
  report: PlanReport,
  works: readonly Work[],
  settled: readonly Settled[],
  final: Recorded,
  lockLost: boolean,
): RunReport {
  const outcomes = outcomesOf(works, settled);
  const lost = "the Lease could not be kept, so nothing more was started; the next run goes on";
  const issues = [...final.issues, ...(lockLost ? [{ code: "lock-lost", path: "Lease reroll", message: lost }] : [])];
  return {
    ...report,
    issues: [...report.issues, ...issues],
    outcomes,
    lockedBy: undefined,
    exitCode: worstExit([
      report.exitCode,
      ...final.exits,
      ...works.flatMap(exitOfWork),
      ...settled.flatMap(({ outcome }) => exitOfVerdict(outcome)),
      ...(lockLost ? ([75] as const) : []),
    ]),
  };
}

function exitOfWork({ act, outcome }: Work): ExitCode[] {
  if (act.is === "failed") return [act.error.code === "invalid" ? 5 : exitOf(act.error)];
  if (act.is === "not-pushed") return [exitOfGit(act.error)];
  return outcome?.outcome === "failed" ? [5] : [];
}

/** Reasons why nobody could watch a rollout to its end. */
const unseen: Readonly<Record<string, ExitCode>> = { Forbidden: 3, Unreachable: 75 };

function exitOfVerdict({ outcome, reason }: Outcome): ExitCode {
  return outcome === "failed" ? 5 : outcome === "verifying" ? (unseen[reason] ?? 0) : 0;
}

function outcomesOf(works: readonly Work[], settled: readonly Settled[]): Outcome[] {
  return [...works.flatMap(({ outcome }) => outcome ?? []), ...settled.map(({ outcome }) => outcome)];
}

function lockedReport({ holder, until }: HeldByOther): RunReport {
  return {
    actions: [],
    git: [],
    refusals: [],
    reconciles: [],
    pending: [],
    quarantines: [],
    skips: [],
    issues: [],
    coverage: { workloads: 0, workloadsSeen: 0, sources: 0, sourcesSeen: 0 },
    adopted: [],
    firstRun: false,
    keyMissing: false,
    outcomes: [],
    lockedBy: { holder, until },
    exitCode: 0,
  };
}
