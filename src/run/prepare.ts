import type { Digester } from "../model/digest.ts";
import { isAccessError, type PortError, UsageError } from "../model/errors.ts";
import { type ExitCode, worstExit } from "../model/exit.ts";
import type { Plan } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { compareRefs } from "../model/ref.ts";
import type { Coverage, PlanReport } from "../model/report.ts";
import type { Ports } from "../ports.ts";
import { loadState, type Remembered } from "../record/remember.ts";
import { createDigester } from "../snapshot/digest.ts";
import { isAdopted } from "../survey/subjects.ts";
import { type Survey, survey } from "../survey/survey.ts";
import { findGaps, type Gaps } from "./gaps.ts";
import { type OpenKeyring, openKeyring } from "./keyring.ts";

/** What every command that looks at the cluster begins with. */
export interface Prepared {
  readonly remembered: Remembered;
  readonly keyring: OpenKeyring;
  readonly digester: Digester;
  readonly survey: Survey;
  /** What is missing of what earlier runs knew. */
  readonly gaps: Gaps;
}

/** Reads state and key, then surveys the cluster. `write` allows to make the digest key where there is none; `keep`: see `SurveyInput`. */
export async function prepare(
  ports: Ports,
  policy: Policy,
  stateName: string,
  write: boolean,
  keep = false,
): Promise<Prepared> {
  const remembered = await loadState(ports.states, stateName);
  const keyring = await openKeyring(ports.keys, write);
  const digester = createDigester(keyring.keyring);
  const { cluster, clock } = ports;
  const found = await survey({ cluster, policy, state: remembered.state, digester, localTime: clock.now(), keep });
  const gaps = findGaps(ports.states.namespace, remembered, keyring, found);
  return { remembered, keyring, digester, survey: found, gaps };
}

/** The state's namespace must exist: reroll never makes it, because whoever owns it decides who may read it. */
export async function requireNamespace(ports: Ports): Promise<void> {
  if (await ports.states.namespaceExists()) return;
  const { namespace } = ports.states;
  throw new UsageError(
    `the namespace ${namespace}, where the state is kept, does not exist. Make it with:\n  kubectl create namespace ${namespace}\nor name another one (state.namespace, REROLL_STATE_NAMESPACE)`,
  );
}

/** What was found out about Flux. */
export interface FluxReport extends Pick<PlanReport, "git" | "refusals" | "reconciles"> {
  readonly exits: readonly ExitCode[];
}

/** The part of a report that a plan and a run share. */
export function planReport({ survey: found, remembered, gaps }: Prepared, flux?: FluxReport): PlanReport {
  const { plan, surveyed } = found;
  const firsts = surveyed.filter(isAdopted);
  return {
    ...plan,
    issues: [...gaps.issues, ...plan.issues],
    coverage: coverageOf(found),
    adopted: firsts.map(({ workload }) => workload.ref).sort(compareRefs),
    firstRun: remembered.first,
    keyMissing: gaps.keyMissing,
    git: flux?.git ?? [],
    refusals: flux?.refusals ?? [],
    reconciles: flux?.reconciles ?? [],
    exitCode: worstExit([blindnessExit(found), ...quarantineExit(plan), ...(flux?.exits ?? [])]),
  };
}

function coverageOf({ seen, sights, unmoved, surveyed, quiet }: Survey): Coverage {
  return {
    workloads: surveyed.length + quiet.length,
    workloadsSeen: seen.workloads,
    sources: sights.length + unmoved.length,
    sourcesSeen: seen.sources,
  };
}

function quarantineExit({ quarantines }: Plan): ExitCode[] {
  return quarantines.some(({ holds }) => holds) ? [6] : [];
}

/** What could not be observed shows in the exit code: 3 where a right is missing, 75 where it may heal by itself. */
function blindnessExit({ observation, sights, surveyed, unread }: Survey): ExitCode {
  const errors = [
    ...observation.blind.map(({ error }) => error),
    ...sights.flatMap(({ error }) => error ?? []),
    ...unread.flatMap(({ error }) => (error.code === "bad-answer" ? [] : error)),
    ...surveyed.flatMap(({ podsError }) => podsError ?? []),
  ];
  return worstExit(errors.map(exitOf));
}

/** The exit code of a failed call. */
export function exitOf(error: PortError): ExitCode {
  return isAccessError(error) ? 3 : 75;
}
