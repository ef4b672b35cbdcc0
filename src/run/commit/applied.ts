import { type Progress, progressOf } from "../../flux/progress.ts";
import { stampAnnotations } from "../../model/annotations.ts";
import { isAccessError, PortError } from "../../model/errors.ts";
import { kindOf } from "../../model/kinds.ts";
import type { KubeObject } from "../../model/object.ts";
import type { Policy } from "../../model/policy.ts";
import { mapPool } from "../../model/pool.ts";
import { liveStamp } from "../../model/strategies.ts";
import type { Ports } from "../../ports.ts";
import { readWorkload } from "../../snapshot/workload.ts";
import { finish, type Work } from "../act.ts";
import { chainReader } from "./chain.ts";
import { type AwaitedWork, type CommittedRepository, nameOf, toWatch } from "./commit.ts";
import { tipOf } from "./prepared.ts";

/** Between two looks, milliseconds. */
const pause = 2000;

/** How a run waits for Flux. */
export interface Waiting {
  readonly signal: AbortSignal;
  /** Local clock, milliseconds since the epoch. */
  readonly until: number;
  readonly onProgress: (line: string) => void;
  /** Called as soon as a workload carries the stamp; what it returns is waited for. */
  readonly onApplied: (work: Work) => Promise<void>;
}

/** What Flux made of the commits of one repository. */
export interface Applied {
  /** One for each that was awaited, those left out that `failure` names. */
  readonly works: readonly Work[];
  /** What Flux cannot build or apply; absent where there is no such thing. */
  readonly failure: Failure | undefined;
}

/** Works that Flux will not apply. */
export interface Failure {
  readonly awaited: readonly AwaitedWork[];
  readonly reason: string;
  /** Those of them that fail because of the commit, as far as can be told. */
  readonly ours: readonly AwaitedWork[];
}

/** What is said of one work, and whether waiting longer makes sense. */
type Told = { readonly each: AwaitedWork } & Progress;

/**
 * Waits until every awaited workload carries its stamp, until Flux says that it cannot apply the commit, until nothing that is waited for can
 * come by itself, or until time is over. What the objects of Flux say are hints for people; that the pod template has the stamp is the
 * truth, whichever commit brought it.
 */
export async function awaitApplied(
  ports: Pick<Ports, "cluster" | "clock">,
  policy: Policy,
  { awaited, prepared: { base } }: CommittedRepository,
  { signal, until, onProgress, onApplied }: Waiting,
): Promise<Applied> {
  const { cluster, clock } = ports;
  const works: Work[] = [];
  const following: Promise<void>[] = [];
  let left: readonly AwaitedWork[] = awaited;
  let told: readonly Told[] = [];
  let failed: readonly Told[] = [];
  while (left.length > 0) {
    const looked = await mapPool(left, policy.concurrency, async (each) => ({
      each,
      live: await liveObject(cluster, policy, each),
    }));
    for (const { each, live } of looked) {
      if (!live) continue;
      const work = appliedWork(each, live, cluster.serverTime() ?? clock.now(), policy);
      works.push(work);
      following.push(onApplied(work));
    }
    left = looked.filter(({ live }) => !live).map(({ each }) => each);
    const before = new Map(told.map(({ each, message }) => [each, message]));
    told = await tellAll(cluster, left, told, base?.id);
    for (const { each, message } of told) {
      if (before.get(each) !== message) onProgress(`${nameOf(each)}: ${message}`);
    }
    failed = told.filter(({ state, final }) => final && state === "failed");
    const over = told.every(({ final }) => final) || failed.some(({ ours }) => ours);
    if (over || signal.aborted || clock.now() >= until) break;
    await clock.sleep(Math.min(pause, Math.max(1, until - clock.now())), signal);
  }
  const open = told.filter((each) => !failed.includes(each));
  works.push(...open.map(openWork));
  await Promise.all(following);
  return { works, failure: failureOf(failed) };
}

function failureOf(failed: readonly Told[]): Failure | undefined {
  if (failed.length === 0) return undefined;
  return {
    awaited: failed.map(({ each }) => each),
    reason: [...new Set(failed.map(({ message }) => message))].join("; "),
    ours: failed.filter(({ ours }) => ours).map(({ each }) => each),
  };
}

const unseen: Progress = { state: "waiting", message: "Flux has not applied it yet", final: false, ours: false };

/** Where the objects of Flux cannot be read now, what was said before stands. */
async function tellAll(
  cluster: Ports["cluster"],
  left: readonly AwaitedWork[],
  before: readonly Told[],
  base: string | undefined,
): Promise<Told[]> {
  const read = chainReader(cluster);
  return Promise.all(
    left.map(async (each): Promise<Told> => {
      const { owned } = each.sought.target;
      try {
        return { each, ...progressOf(tipOf(each.committed), await read(owned), owned, base) };
      } catch (error) {
        if (!(error instanceof PortError)) throw error;
        if (isAccessError(error))
          return { each, ...unseen, message: `${unseen.message}, as far as can be seen: ${error.message}` };
        return before.find((known) => known.each === each) ?? { each, ...unseen };
      }
    }),
  );
}

/** The object where it carries the stamp; a look that fails is one that saw nothing. */
async function liveObject(
  cluster: Ports["cluster"],
  policy: Policy,
  { work: { action } }: AwaitedWork,
): Promise<KubeObject | undefined> {
  const { workload, stamp } = action;
  const kind = kindOf(workload, policy.kinds);
  try {
    const object = await cluster.get(kind, workload.namespace, workload.name);
    return object && liveStamp(kind, object, stampAnnotations.git) === stamp ? object : undefined;
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return undefined;
  }
}

/** From here on it is like any other restart. */
function appliedWork(awaited: AwaitedWork, object: KubeObject, seenAt: number, policy: Policy): Work {
  const { work, made } = awaited;
  const kind = kindOf(work.action.workload, policy.kinds);
  const done = finish(work.action, { is: "patched", object }, seenAt, kind);
  return {
    ...done,
    ...(made ? {} : { committedBefore: true }),
    after: readWorkload(object, kind, policy),
    unverified: done.unverified ? toWatch(awaited, seenAt) : undefined,
  };
}

function openWork({ each: { work, committed, made }, message: said }: Told): Work {
  const { workload } = work.action;
  const what = `commit ${committed.commit.slice(0, 12)}${made ? "" : ", which was there already,"}`;
  const message = `${what} on ${committed.branch} of ${committed.repository} asks for it; ${said}`;
  const reason = made ? "Committed" : "AlreadyCommitted";
  return { ...work, outcome: { workload, outcome: "committed", reason, message, durationMs: 0 } };
}
