import type { KubeObject } from "../model/object.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Policy } from "../model/policy.ts";
import { mapPool } from "../model/pool.ts";
import { formatRef, type WorkloadRef } from "../model/ref.ts";
import type { Unverified } from "../model/state.ts";
import type { Ports } from "../ports.ts";
import { toCauses } from "../record/workloads.ts";
import type { Surveyed } from "../survey/survey.ts";
import { settle } from "../verify/settle.ts";
import type { Work } from "./act.ts";
import type { Prepared } from "./prepare.ts";

/** A rollout that was watched, with what to remember where there is no verdict yet. */
export interface Settled {
  readonly outcome: Outcome;
  readonly unverified: Unverified;
}

interface Target {
  readonly workload: WorkloadRef;
  readonly uid: string;
  readonly unverified: Unverified;
  readonly patched: KubeObject | undefined;
}

interface Waiting {
  readonly signal: AbortSignal;
  /** Local clock, milliseconds since the epoch. */
  readonly until: number;
  readonly onProgress: (line: string) => void;
}

/** Watches what was restarted in this run, and what earlier runs left without a verdict. */
export async function settleAll(
  ports: Ports,
  policy: Policy,
  { survey }: Prepared,
  works: readonly Work[],
  { signal, until, onProgress }: Waiting,
): Promise<Settled[]> {
  const touched = new Set(
    works.filter(({ act }) => act.is === "patched").map(({ action }) => formatRef(action.workload)),
  );
  const left = survey.surveyed.filter(({ workload }) => !touched.has(formatRef(workload.ref)));
  const targets = [...works.flatMap(startedNow), ...left.flatMap((each) => startedBefore(each, survey.now))];
  return mapPool(targets, Math.max(policy.concurrency, 1), async ({ workload, uid, unverified, patched }) => {
    const outcome = await settle(
      ports,
      { workload, uid, stamp: unverified.stamp, startedAt: Date.parse(unverified.startedAt), patched },
      { signal, until, rolloutTimeout: policy.timeouts.rollout, onProgress },
    );
    return { outcome, unverified };
  });
}

function startedNow({ action, act, startedAt, object, outcome }: Work): Target[] {
  if (act.is !== "patched" || outcome) return [];
  const started = new Date(startedAt).toISOString();
  const unverified = { stamp: action.stamp, startedAt: started, because: toCauses(action.because) };
  return [{ workload: action.workload, uid: action.guard.uid, unverified, patched: object }];
}

/** Left `verifying` by an earlier run, or patched by one that was killed before it could write that down. */
function startedBefore({ workload, record, comparison }: Surveyed, now: string): Target[] {
  const { ref, uid, stamps } = workload;
  if (record?.unverified) return [{ workload: ref, uid, unverified: record.unverified, patched: undefined }];
  if (comparison.origin !== "stamp" || !record || stamps.direct === undefined || workload.manual) return [];
  const unverified = { stamp: stamps.direct, startedAt: now, because: record.pending?.causes ?? [] };
  return [{ workload: ref, uid, unverified, patched: undefined }];
}
