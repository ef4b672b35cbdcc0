import { stampAnnotation } from "../model/annotations.ts";
import { findWorkloadKind } from "../model/kinds.ts";
import type { KubeObject } from "../model/object.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Policy } from "../model/policy.ts";
import { mapPool } from "../model/pool.ts";
import { formatRef } from "../model/ref.ts";
import type { Unverified } from "../model/state.ts";
import type { Workload } from "../model/workload.ts";
import type { Ports } from "../ports.ts";
import { toCauses } from "../record/workloads.ts";
import type { Surveyed } from "../survey/survey.ts";
import { takeBaseline } from "../verify/baseline.ts";
import { settle } from "../verify/settle.ts";
import type { Work } from "./act.ts";
import type { Prepared } from "./prepare.ts";

/** A rollout that was watched, with what to remember where there is no verdict yet. */
export interface Settled {
  readonly outcome: Outcome;
  readonly unverified: Unverified;
}

interface Target {
  readonly workload: Workload;
  readonly unverified: Unverified;
  /** Its status is still the one from before the patch: the controller has not acted yet. */
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
  const surveyed = new Map(survey.surveyed.map((each) => [formatRef(each.workload.ref), each]));
  const touched = new Set(
    works.filter(({ act }) => act.is === "patched").map(({ action }) => formatRef(action.workload)),
  );
  const left = survey.surveyed.filter(({ workload }) => !touched.has(formatRef(workload.ref)));
  const targets = [
    ...works.flatMap((work) => startedNow(work, surveyed.get(formatRef(work.action.workload)))),
    ...left.flatMap((each) => startedBefore(each, survey.now)),
  ];
  return mapPool(targets, policy.concurrency, async ({ workload, unverified, patched }) => {
    const { ref, uid, podSelector } = workload;
    const kind = findWorkloadKind(ref.kind);
    const target = {
      workload: ref,
      uid,
      podSelector,
      stampAnnotation,
      stamp: unverified.stamp,
      startedAt: Date.parse(unverified.startedAt),
      rollout: policy.timeouts.rollout,
      baseline: kind && patched && takeBaseline(kind, patched),
    };
    const name = formatRef(ref);
    const say = (message: string) => onProgress(`${name}: ${message}`);
    return { outcome: await settle(ports, target, { signal, until, onProgress: say }), unverified };
  });
}

function startedNow({ action, act, startedAt, object, outcome }: Work, surveyed: Surveyed | undefined): Target[] {
  if (act.is !== "patched" || outcome || !surveyed) return [];
  const started = new Date(startedAt).toISOString();
  const unverified = { stamp: action.stamp, startedAt: started, because: toCauses(action.because) };
  return [{ workload: surveyed.workload, unverified, patched: object }];
}

/** Left `verifying` by an earlier run, or patched by one that was killed before it could write that down. */
function startedBefore({ workload, record, comparison }: Surveyed, now: string): Target[] {
  const { stamps } = workload;
  if (record?.unverified) return [{ workload, unverified: record.unverified, patched: undefined }];
  if (comparison.origin !== "stamp" || !record || stamps.direct === undefined || workload.manual) return [];
  const unverified = { stamp: stamps.direct, startedAt: now, because: record.pending?.causes ?? [] };
  return [{ workload, unverified, patched: undefined }];
}
