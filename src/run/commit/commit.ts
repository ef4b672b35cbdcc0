import type { CommitTarget } from "../../model/commit.ts";
import type { GitError } from "../../model/git.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { Action } from "../../model/plan.ts";
import type { Policy } from "../../model/policy.ts";
import { mapPool } from "../../model/pool.ts";
import { formatRef } from "../../model/ref.ts";
import type { CommittedRecord, Unverified } from "../../model/state.ts";
import type { Ports } from "../../ports.ts";
import { toCauses } from "../../record/workloads.ts";
import type { Work } from "../act.ts";
import type { PreparedRepository } from "./prepared.ts";
import { type Pushed, pushCommit } from "./push.ts";
import type { RefusedAction, Resolved, TakenBack } from "./resolve.ts";
import type { Sought } from "./targets.ts";

/** A repository with what became of its commit. */
export interface CommittedRepository {
  readonly prepared: PreparedRepository;
  readonly pushed: Pushed | undefined;
  /** The works that were committed, now or earlier, and are not known to be applied. */
  readonly awaited: readonly AwaitedWork[];
}

/** A restart that Flux has been asked for. */
export interface AwaitedWork {
  readonly work: Work;
  readonly sought: Sought;
  readonly committed: CommittedRecord;
  /** By this run. */
  readonly made: boolean;
}

/** What was asked for by commits. */
export interface Committed {
  readonly repositories: readonly CommittedRepository[];
  /** One for each action in git mode that had a place, and one for each that counts as failed since it has none. */
  readonly works: readonly Work[];
  /** What had a place until somebody else moved the branch. */
  readonly refused: readonly RefusedAction[];
}

/** Repositories committed to at the same time. */
const width = 2;

/** One commit for each repository that needs one. What could not be pushed is owed; one repository never stops another. */
export async function commitAll(
  ports: Ports,
  policy: Policy,
  resolved: Resolved,
  stop: AbortSignal,
): Promise<Committed> {
  const startedAt = ports.cluster.serverTime() ?? ports.clock.now();
  const repositories = await mapPool(resolved.repositories, width, async (prepared): Promise<CommittedRepository> => {
    const { repository, base, standing } = prepared;
    if (!repository || !base) {
      const awaited = standing.map(({ sought, committed }) => toAwaited(sought, committed, false, startedAt));
      return { prepared, pushed: undefined, awaited };
    }
    if (stop.aborted) return { prepared, pushed: undefined, awaited: [] };
    const pushed = await pushCommit(ports, policy, prepared, repository, base, stop);
    if (pushed.is === "failed") return { prepared, pushed, awaited: [] };
    const already = new Map(pushed.placed.placed.map(({ target, already }) => [target, already]));
    const awaited = prepared.sought.flatMap((sought) => {
      const was = already.get(sought.target);
      if (was === undefined) return [];
      const made = pushed.made && !was;
      const committed = recordOf(prepared, sought, pushed.committed, made);
      return [toAwaited(sought, committed, made, startedAt)];
    });
    return { prepared, pushed, awaited };
  });
  const refused = repositories.flatMap(refusedLate);
  const failed = policy.git.onUnresolvable === "fail" ? [...resolved.refused, ...refused] : [];
  const works = [
    ...resolved.takenBack.map((each) => takenBackWork(each, startedAt)),
    ...repositories.flatMap((each) => worksOf(each, startedAt, stop.aborted)),
    ...failed.map((each) => refusedWork(each, startedAt)),
  ];
  return { repositories, works, refused };
}

/** A branch that moved on still holds what was committed before: that stays the commit which asked for it, as old as it was. */
function recordOf(
  { committedOf, gone }: PreparedRepository,
  sought: Sought,
  { commit, ...where }: Omit<CommittedRecord, "stamp">,
  made: boolean,
): CommittedRecord {
  const { stamp } = sought.action;
  const before = made ? undefined : committedOf(sought);
  if (before) return { ...before, tip: commit };
  return { stamp, ...where, commit, ...(gone.anew.has(sought.target) ? { again: true } : {}) };
}

function refusedLate({ prepared, pushed }: CommittedRepository): RefusedAction[] {
  const actionOf = new Map<CommitTarget, Action>(prepared.sought.map(({ action, target }) => [target, action]));
  return (pushed?.placed.refused ?? []).flatMap(({ target, refusal }) => {
    const action = actionOf.get(target);
    return action && !isRefused(prepared, target) ? [{ action, refusal }] : [];
  });
}

function isRefused({ placed }: PreparedRepository, target: CommitTarget): boolean {
  return placed.refused.some((each) => each.target === target);
}

function toAwaited(sought: Sought, committed: CommittedRecord, made: boolean, startedAt: number): AwaitedWork {
  const { action } = sought;
  const work: Work = {
    action,
    act: { is: "committed", committed, made },
    startedAt,
    generation: undefined,
    unverified: undefined,
    outcome: undefined,
  };
  return { work, sought, committed, made };
}

function worksOf({ prepared, pushed, awaited }: CommittedRepository, startedAt: number, stopped: boolean): Work[] {
  const works = awaited.map(({ work }) => work);
  const rest = prepared.sought.filter(
    ({ action, target }) => !isRefused(prepared, target) && !works.some((work) => work.action === action),
  );
  if (pushed?.is === "failed") {
    const refused = new Set(pushed.placed.refused.map(({ target }) => target));
    return [
      ...works,
      ...rest
        .filter(({ target }) => !refused.has(target))
        .map(({ action }) => failedWork(action, pushed.error, startedAt)),
    ];
  }
  if (!stopped || pushed) return works;
  const message = "the run was ended before its turn; the next run does it";
  return [...works, ...rest.map(({ action }) => deferredWork(action, "Interrupted", message, startedAt))];
}

function plain(
  action: Action,
  act: Work["act"],
  startedAt: number,
  outcome: Omit<Outcome, "workload" | "durationMs">,
): Work {
  const { workload } = action;
  return {
    action,
    act,
    startedAt,
    generation: undefined,
    unverified: undefined,
    outcome: { workload, ...outcome, durationMs: 0 },
  };
}

function failedWork(action: Action, error: GitError, startedAt: number): Work {
  const { message, retryable } = error;
  const outcome = { outcome: retryable ? "deferred" : "failed", reason: reasonOf(error), message } as const;
  return plain(action, { is: "not-pushed", message, error }, startedAt, outcome);
}

function deferredWork(action: Action, reason: string, message: string, startedAt: number): Work {
  return plain(action, { is: "interrupted", message }, startedAt, { outcome: "deferred", reason, message });
}

/** What is said of it is among what is owed. */
function takenBackWork({ action, committed }: TakenBack, startedAt: number): Work {
  const work = { action, startedAt, generation: undefined, unverified: undefined, outcome: undefined };
  return { ...work, act: { is: "reverted", committed, message: "taken back" } };
}

function refusedWork({ action, refusal: { code, message } }: RefusedAction, startedAt: number): Work {
  return plain(action, { is: "refused", message }, startedAt, { outcome: "failed", reason: code, message });
}

/** `moved` -> `BranchMoved`: stable, as reasons are. */
const reasons: Readonly<Partial<Record<GitError["code"], string>>> = {
  moved: "BranchMoved",
  declined: "PushDeclined",
  unauthorized: "GitUnauthorized",
  forbidden: "GitForbidden",
  "read-only": "READ_ONLY_KEY",
  "not-found": "RepositoryNotFound",
  "too-large": "PushTooLarge",
};

function reasonOf({ code }: GitError): string {
  return reasons[code] ?? "GitUnreachable";
}

/** What is to be watched of a workload that carries the stamp of a commit now. */
export function toWatch({ work, sought }: AwaitedWork, seenAt: number): Unverified {
  return {
    stamp: work.action.stamp,
    mode: "git",
    startedAt: new Date(seenAt).toISOString(),
    because: toCauses(work.action.because),
    baseline: sought.baseline,
  };
}

/** Who is meant, for people. */
export function nameOf({ work }: AwaitedWork): string {
  return formatRef(work.action.workload);
}
