import type { PortError } from "../../model/errors.ts";
import type { ExitCode } from "../../model/exit.ts";
import { GitError } from "../../model/git.ts";
import type { Action, Hold, Pending, Plan } from "../../model/plan.ts";
import type { Policy } from "../../model/policy.ts";
import { mapPool } from "../../model/pool.ts";
import { compareRefs, formatRef } from "../../model/ref.ts";
import type { Refusal } from "../../model/refusals.ts";
import type { CommittedRecord } from "../../model/state.ts";
import type { Ports } from "../../ports.ts";
import type { Survey } from "../../survey/survey.ts";
import type { FluxReading } from "../flux-reading.ts";
import { exitOf } from "./exit.ts";
import { type PreparedRepository, prepareRepository } from "./prepared.ts";
import { groupByRepository } from "./repositories.ts";
import { seekTargets } from "./targets.ts";

/** An action that no commit can ask for. */
export interface RefusedAction {
  readonly action: Action;
  readonly refusal: Refusal;
}

/** A commit that somebody took back: the restart is owed, and not asked for again. */
export interface TakenBack {
  readonly action: Action;
  readonly committed: CommittedRecord;
}

/** Repositories looked into at the same time. */
const width = 2;

/** Where everything that is due in git mode goes. */
export interface Resolved {
  /** As it was planned, but what no commit can ask for is asked for directly, or owed, as `git.onUnresolvable` says. */
  readonly plan: Plan;
  readonly repositories: readonly PreparedRepository[];
  readonly refused: readonly RefusedAction[];
  /** What was committed before and taken back since, found out by this run. */
  readonly takenBack: readonly TakenBack[];
  readonly exits: readonly ExitCode[];
  readonly close: () => Promise<void>;
}

/** Finds the owner, the repository and the line of everything that is due in git mode. Writes nothing. */
export async function resolveCommits(
  ports: Ports,
  policy: Policy,
  survey: Survey,
  { whole }: FluxReading,
): Promise<Resolved> {
  const { plan } = survey;
  const wanted = plan.actions.filter(({ mode }) => mode === "git");
  if (wanted.length === 0)
    return { plan, repositories: [], refused: [], takenBack: [], exits: [], close: async () => {} };
  const records = new Map(survey.surveyed.map(({ workload, record }) => [formatRef(workload.ref), record]));
  const committedOf = ({ workload, stamp }: Action): CommittedRecord | undefined => {
    const committed = records.get(formatRef(workload))?.committed;
    return committed?.stamp === stamp ? committed : undefined;
  };
  const held: { readonly action: Action; readonly hold: Hold; readonly exit?: ExitCode }[] = [];
  const open: Action[] = [];
  for (const action of wanted) {
    const committed = committedOf(action);
    if (committed?.reverted) held.push({ action, hold: revertedHold(action, committed) });
    else open.push(action);
  }
  const flux = await whole();
  const found = await seekTargets(ports.cluster, policy, flux, open);
  const refused: RefusedAction[] = [];
  for (const each of found) {
    if (each.is === "refused") refused.push(each);
    if (each.is === "unknown")
      held.push({ action: each.action, hold: unknownHold(each.error), exit: exitOf(each.error) });
  }
  const groups = groupByRepository(
    found.flatMap((each) => (each.is === "sought" ? [each.sought] : [])),
    flux,
  );
  const looked = await mapPool(groups, width, async (group) => {
    try {
      return await prepareRepository(ports, policy.git, group, ({ action }) => committedOf(action));
    } catch (error) {
      if (!(error instanceof GitError) && !isPortError(error)) throw error;
      const hold: Hold = { reason: "unobserved", message: error.message };
      for (const { action } of group.sought) held.push({ action, hold, exit: exitOf(error) });
      return undefined;
    }
  });
  const repositories = looked.filter((each) => each !== undefined);
  const takenBack = repositories.flatMap(({ gone }) =>
    gone.takenBack.map(({ sought: { action }, committed }) => ({ action, committed })),
  );
  for (const { action, committed } of takenBack) held.push({ action, hold: revertedHold(action, committed) });
  for (const { placed, sought } of repositories) {
    const actionOf = new Map(sought.map(({ action, target }) => [formatRef(target.workload), action]));
    for (const { target, refusal } of placed.refused) {
      const action = actionOf.get(formatRef(target.workload));
      if (action) refused.push({ action, refusal });
    }
  }
  const close = async () => {
    await Promise.all(repositories.map(({ repository }) => repository?.close()));
  };
  return {
    plan: replan(plan, refused, held, policy, survey),
    repositories,
    refused: inOrder(refused),
    takenBack,
    exits: held.flatMap(({ exit }) => exit ?? []),
    close,
  };
}

/** The same after the branch was moved by somebody else, on whose tip some of it has no place any more. */
export function refuseLate(
  resolved: Resolved,
  refused: readonly RefusedAction[],
  policy: Policy,
  survey: Survey,
): Resolved {
  if (refused.length === 0) return resolved;
  return {
    ...resolved,
    plan: replan(resolved.plan, refused, [], policy, survey),
    refused: inOrder([...resolved.refused, ...refused]),
  };
}

function inOrder(refused: readonly RefusedAction[]): RefusedAction[] {
  return refused.toSorted((a, b) => compareRefs(a.action.workload, b.action.workload));
}

/** What stands in the way today and passes by itself: the work is owed, whatever is done with what no commit can ask for. */
const passing: ReadonlySet<Refusal["code"]> = new Set(["SUSPENDED"]);

function replan(
  plan: Plan,
  refused: readonly RefusedAction[],
  held: readonly { readonly action: Action; readonly hold: Hold }[],
  { git: { onUnresolvable } }: Policy,
  { surveyed, now }: Survey,
): Plan {
  const pendingSince = new Map(
    surveyed.map(({ workload, record }) => [formatRef(workload.ref), record?.pending?.since]),
  );
  const refusalOf = new Map(refused.map(({ action, refusal }) => [action, refusal]));
  const holdOf = new Map(held.map(({ action, hold }) => [action, hold]));
  const actions: Action[] = [];
  const pending: Pending[] = [];
  for (const action of plan.actions) {
    const refusal = refusalOf.get(action);
    const hold = holdOf.get(action) ?? (refusal && refusalHold(refusal));
    if (!hold) actions.push(action);
    else if (refusal && onUnresolvable === "direct" && !passing.has(refusal.code)) actions.push(asDirect(action));
    else {
      const { workload, because } = action;
      pending.push({ workload, because, ...hold, since: pendingSince.get(formatRef(workload)) ?? now });
    }
  }
  return {
    ...plan,
    actions,
    pending: [...plan.pending, ...pending].sort((a, b) => compareRefs(a.workload, b.workload)),
  };
}

/** The same restart, asked for by a patch. */
function asDirect(action: Action): Action {
  return { ...action, mode: "direct", stamp: action.directStamp };
}

function refusalHold({ code, message }: Refusal): Hold {
  return { reason: passing.has(code) ? "suspended" : "unresolvable", message: `${code}: ${message}` };
}

function revertedHold({ workload }: Action, { commit, repository, byOthers }: CommittedRecord): Hold {
  const why = byOthers ? "somebody took it back" : "Flux could not apply it, so it was taken back";
  const message = `commit ${commit.slice(0, 12)} asked for it in ${repository}, and ${why}; it is committed anew once the content changes, or after reroll retry ${formatRef(workload)}`;
  return { reason: "reverted", message };
}

function unknownHold(error: PortError): Hold {
  return { reason: "unobserved", message: error.message };
}

function isPortError(error: unknown): error is PortError {
  return error instanceof Error && error.name === "PortError";
}
