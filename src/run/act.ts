import { type Act, restart } from "../act/direct.ts";
import { recreate } from "../act/recreate.ts";
import { trigger } from "../act/trigger.ts";
import { PortError } from "../model/errors.ts";
import type { GitError } from "../model/git.ts";
import { kindOf, type WorkloadKind } from "../model/kinds.ts";
import type { KubeObject } from "../model/object.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Action, PendingReason } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { mapPool } from "../model/pool.ts";
import { formatRef } from "../model/ref.ts";
import type { CommittedRecord, Unverified } from "../model/state.ts";
import { type StrategyName, strategyRow } from "../model/strategies.ts";
import type { Workload } from "../model/workload.ts";
import type { Ports } from "../ports.ts";
import { toCauses } from "../record/workloads.ts";
import { readWorkload } from "../snapshot/workload.ts";
import { takeBaseline } from "../verify/baseline.ts";

/** What became of an action in git mode. */
type CommitAct =
  /** The branch asks for it; `made`: by a commit of this run. */
  | { readonly is: "committed"; readonly committed: CommittedRecord; readonly made: boolean }
  | { readonly is: "not-pushed"; readonly message: string; readonly error: GitError }
  /** Flux could not apply the commit, so it was taken back. */
  | { readonly is: "reverted"; readonly committed: CommittedRecord; readonly message: string }
  /** It has no place in a repository, and that counts as failed. */
  | { readonly is: "refused"; readonly message: string };

type DirectAct = Exclude<Work["act"], CommitAct>;

/** One action with what became of it. */
export interface Work {
  readonly action: Action;
  readonly act: Act | CommitAct | { readonly is: "interrupted"; readonly message: string };
  /** The commit that asked for it was made by an earlier run. */
  readonly committedBefore?: true;
  /** API server's clock, milliseconds since the epoch. */
  readonly startedAt: number;
  /** Generation of the patched object. */
  readonly generation: number | undefined;
  /** The patched object; absent where the answer could not be read as a workload. */
  readonly after?: Workload;
  /** What is to be watched; absent where nothing is. */
  readonly unverified: Unverified | undefined;
  /** Set where there is nothing to watch any more. */
  readonly outcome: Outcome | undefined;
}

/** Restarts what is due, a bounded number at a time; one failure never stops the others. Once `stop` is aborted nothing new is started. */
export async function actAll(
  ports: Ports,
  policy: Policy,
  actions: readonly Action[],
  stop: AbortSignal,
): Promise<Work[]> {
  // Waiting for the pods of a Job to end must not keep others from their patch.
  const { last = [], first = [] } = Object.groupBy(actions, ({ strategy }) =>
    strategy === "recreate" ? "last" : "first",
  );
  const order = [...first, ...last];
  const works = await mapPool(order, policy.concurrency, async (action) => {
    const startedAt = ports.cluster.serverTime() ?? ports.clock.now();
    if (stop.aborted) {
      return finish(
        action,
        { is: "interrupted", message: "the run was ended before its turn; the next run does it" },
        startedAt,
      );
    }
    const kind = kindOf(action.workload, policy.kinds);
    const act = await perform(ports, action, kind, startedAt, stop);
    const fields = { workload: formatRef(action.workload), stamp: action.stamp, because: action.because };
    if (act.is === "patched") ports.journal.info("restart asked for", fields);
    else ports.journal.warn("restart not done", { ...fields, reason: act.message });
    const after = act.is === "patched" ? readAnswer(act.object, kind, policy) : undefined;
    return { ...finish(action, act, startedAt, kind), ...(after ? { after } : {}) };
  });
  const workOf = new Map(works.map((work) => [work.action, work]));
  return actions.flatMap((action) => workOf.get(action) ?? []);
}

/** A strategy without a row here is one guarded patch. */
const performers: Partial<Record<StrategyName, typeof perform>> = {
  trigger: ({ cluster }, action, kind, at) => trigger(cluster, action, kind, new Date(at).toISOString()),
  recreate: (ports, action, kind, _at, stop) => recreate(ports, action, kind, stop),
};

function perform(ports: Ports, action: Action, kind: WorkloadKind, startedAt: number, stop: AbortSignal): Promise<Act> {
  const performer = performers[action.strategy];
  if (performer) return performer(ports, action, kind, startedAt, stop);
  return restart(ports.cluster, action, kind, new Date(startedAt).toISOString());
}

/** What was written, with whatever admission made of it. */
function readAnswer(object: KubeObject, kind: WorkloadKind, policy: Policy): Workload | undefined {
  try {
    const read = readWorkload(object, kind, policy);
    return read.borrows ? undefined : read;
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return undefined;
  }
}

/** A work with its outcome where it has one by now, and what is to be watched where it has none. */
export function finish(action: Action, act: DirectAct, startedAt: number, kind?: WorkloadKind): Work {
  const outcome = outcomeNow(action, act);
  if (act.is !== "patched" || !kind)
    return { action, act, startedAt, outcome, generation: undefined, unverified: undefined };
  const { generation } = act.object.metadata;
  return {
    action,
    act,
    startedAt,
    outcome,
    generation,
    unverified: outcome ? undefined : toWatch(action, act.before ?? act.object, startedAt, kind),
  };
}

/** The answer to the patch still has the status from before it: the controller has not acted yet. */
function toWatch(action: Action, object: KubeObject, startedAt: number, kind: WorkloadKind): Unverified {
  return {
    stamp: action.stamp,
    startedAt: new Date(startedAt).toISOString(),
    because: toCauses(action.because),
    baseline: takeBaseline(kind, object),
  };
}

/** The code of an outcome that is the reason of what stays owed: `job-running` -> `JobRunning`. */
function outcomeReason(reason: PendingReason): string {
  return reason.replaceAll(/(?:^|-)([a-z])/g, (_, first: string) => first.toUpperCase());
}

const manualMessages: Readonly<Record<NonNullable<Action["manual"]>, string>> = {
  OnDelete: "the update strategy is OnDelete: each pod takes the new content when you delete it",
  Partition: "the partition covers every replica: lower it to let the pods restart",
  NoTrigger: "it has no ConfigChange trigger, so a new template does not roll out: start it with oc rollout latest",
};

const nextJob = { reason: "NextJob", message: "the job template has the new stamp: the next Job is made from it" };

function outcomeNow({ workload, manual, strategy }: Action, act: DirectAct): Outcome | undefined {
  if (act.is === "patched") {
    if (strategyRow(strategy).unwatched) {
      return { workload, outcome: "restarted", ...(act.said ?? nextJob), durationMs: 0 };
    }
    if (!manual) return undefined;
    return { workload, outcome: "needs-manual", reason: manual, message: manualMessages[manual], durationMs: 0 };
  }
  if (act.is !== "failed") {
    const outcome = act.is === "superseded" ? "superseded" : "deferred";
    const reason = outcomeReason(act.is === "held" ? act.reason : act.is);
    return { workload, outcome, reason, message: act.message, durationMs: 0 };
  }
  const { retryable, code } = act.error;
  const reason = code === "forbidden" || code === "unauthorized" ? "Forbidden" : "PatchRefused";
  return { workload, outcome: retryable ? "deferred" : "failed", reason, message: act.message, durationMs: 0 };
}
