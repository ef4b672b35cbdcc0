import { stampAnnotations } from "../model/annotations.ts";
import { kindOf } from "../model/kinds.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Policy } from "../model/policy.ts";
import { mapPool } from "../model/pool.ts";
import { formatRef } from "../model/ref.ts";
import type { Unverified } from "../model/state.ts";
import { strategyRow } from "../model/strategies.ts";
import type { Workload } from "../model/workload.ts";
import type { Ports } from "../ports.ts";
import type { Surveyed } from "../survey/subjects.ts";
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
}

/** How long, and whom to tell. */
export interface Waiting {
  readonly signal: AbortSignal;
  /** Local clock, milliseconds since the epoch. */
  readonly until: number;
  readonly onProgress: (line: string) => void;
}

/** Watches what was patched in this run, and what earlier runs left without a verdict. What waits for Flux is none of its concern. */
export async function settleAll(
  ports: Ports,
  policy: Policy,
  { survey }: Prepared,
  works: readonly Work[],
  waiting: Waiting,
): Promise<Settled[]> {
  const surveyed = new Map(survey.surveyed.map((each) => [formatRef(each.workload.ref), each]));
  const touched = new Set(
    works
      .filter(({ act }) => act.is === "patched" || act.is === "committed")
      .map(({ action }) => formatRef(action.workload)),
  );
  const left = survey.surveyed.filter(({ workload }) => !touched.has(formatRef(workload.ref)));
  const targets = [
    ...works.flatMap((work) => startedNow(work, surveyed.get(formatRef(work.action.workload))?.workload)),
    ...left.flatMap((each) => startedBefore(each, survey.now)),
  ];
  return mapPool(targets, policy.concurrency, (target) => settleOne(ports, policy, target, waiting));
}

/** Watches one rollout. */
export async function settleOne(
  ports: Ports,
  policy: Policy,
  { workload, unverified }: Target,
  { signal, until, onProgress }: Waiting,
): Promise<Settled> {
  const { ref, uid, podSelector } = workload;
  const target = {
    workload: ref,
    kind: kindOf(ref, policy.kinds),
    uid,
    podSelector,
    stampAnnotation: stampAnnotations[unverified.mode ?? "direct"],
    stamp: unverified.stamp,
    startedAt: Date.parse(unverified.startedAt),
    rollout: policy.timeouts.rollout,
    baseline: unverified.baseline,
  };
  const name = formatRef(ref);
  const say = (message: string) => onProgress(`${name}: ${message}`);
  return { outcome: await settle(ports, target, { signal, until, onProgress: say }), unverified };
}

/** What there is to watch of a work. */
export function startedNow({ unverified }: Work, workload: Workload | undefined): Target[] {
  return unverified && workload ? [{ workload, unverified }] : [];
}

/** Left `verifying` by an earlier run, patched by one that was killed before it could write that down, or committed by one and applied since. */
function startedBefore({ workload, record, comparison, strategy, mode }: Surveyed, now: string): Target[] {
  if (strategy.is === "known" && strategyRow(strategy.name).unwatched) return [];
  if (record?.unverified) return [{ workload, unverified: record.unverified }];
  const name = mode.is === "known" ? mode.name : "direct";
  const stamp = workload.stamps[name];
  if (comparison.origin !== "stamp" || !record || stamp === undefined || workload.manual) return [];
  const unverified: Unverified = {
    stamp,
    ...(name === "git" ? { mode: name } : {}),
    startedAt: now,
    because: record.pending?.causes ?? [],
  };
  return [{ workload, unverified }];
}
