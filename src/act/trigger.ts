import { stampAnnotation } from "../model/annotations.ts";
import { concurrencyOf, finishedAs, isSuspended } from "../model/batch.ts";
import { PortError } from "../model/errors.ts";
import { resources, type WorkloadKind } from "../model/kinds.ts";
import type { KubeObject, NewObject } from "../model/object.ts";
import type { Action } from "../model/plan.ts";
import { isControlledBy } from "../model/revision.ts";
import { isLaterTurn } from "../model/stamp.ts";
import type { Cluster } from "../ports.ts";
import { type Act, failed, isRefusal, moved, restart } from "./direct.ts";
import { instantiateAnnotation, jobFrom } from "./job-manifest.ts";

const { job: jobs } = resources;

/**
 * Makes one Job from a CronJob's template, then writes the stamp. In that order: a run that ends in between leaves a Job that bears the stamp,
 * and the next one finds it instead of making another. What suspend and concurrencyPolicy say is asked once more, of fresh objects.
 */
export async function trigger(cluster: Cluster, action: Action, kind: WorkloadKind, now: string): Promise<Act> {
  let made: KubeObject | Act;
  try {
    made = await ensureJob(cluster, action, kind);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return failed(error);
  }
  if ("is" in made) return made as Act;
  const act = await restart(cluster, action, kind, now);
  const message = `made Job ${made.metadata.name} from its job template; how that ends is not waited for`;
  return act.is === "patched" ? { ...act, said: { reason: "JobCreated", message } } : act;
}

async function ensureJob(cluster: Cluster, action: Action, kind: WorkloadKind): Promise<KubeObject | Act> {
  const { namespace, name } = action.workload;
  const cronJob = await cluster.get(kind, namespace, name);
  const gone = moved(action, kind, cronJob);
  if (gone || !cronJob) return gone as Act;
  const children = await childrenOf(cluster, cronJob, namespace);
  const live = action.guard.stamps.direct;
  const known = children.find(({ metadata: { annotations } }) =>
    isLaterTurn(annotations?.[stampAnnotation], action.stamp, live),
  );
  if (known) return known;
  const running = children.filter((job) => finishedAs(job) === undefined);
  const hold = holdNow(cronJob, running);
  if (hold) return hold;
  if (concurrencyOf(cronJob) === "Replace") {
    for (const job of running.filter(isReplaceable)) await remove(cluster, namespace, job);
  }
  return create(cluster, namespace, jobFrom(cronJob, action.stamp));
}

async function childrenOf(cluster: Cluster, { metadata: { uid } }: KubeObject, namespace: string) {
  const children: KubeObject[] = [];
  for await (const page of cluster.list(jobs, { namespace }))
    children.push(...page.items.filter((job) => isControlledBy(job, uid)));
  return children;
}

function holdNow(cronJob: KubeObject, running: readonly KubeObject[]): Act | undefined {
  if (isSuspended(cronJob)) {
    return {
      is: "held",
      reason: "suspended",
      message: "the CronJob is suspended (spec.suspend); a Job is made once it is not",
    };
  }
  const [first] = running;
  if (!first || concurrencyOf(cronJob) !== "Forbid") return undefined;
  const message = `Job ${first.metadata.name} still runs and the concurrencyPolicy is Forbid; one is made once it has ended`;
  return { is: "held", reason: "job-running", message };
}

/** The CronJob controller replaces the Jobs of its schedule, and never one that a person started by hand. */
function isReplaceable({ metadata: { annotations = {} } }: KubeObject): boolean {
  return annotations[instantiateAnnotation] !== "manual" || annotations[stampAnnotation] !== undefined;
}

async function remove(cluster: Cluster, namespace: string, { metadata: { name, uid } }: KubeObject): Promise<void> {
  try {
    await cluster.remove(jobs, namespace, name, uid);
  } catch (error) {
    if (!(error instanceof PortError) || isRefusal(error)) throw error;
    const left = await cluster.get(jobs, namespace, name);
    if (left?.metadata.uid === uid && !left.metadata.deletionTimestamp) throw error;
  }
}

/** Whatever is not a plain yes is settled by reading: a Job of that name that bears our stamp is the one. */
async function create(cluster: Cluster, namespace: string, job: NewObject): Promise<KubeObject> {
  try {
    return await cluster.create(jobs, namespace, job);
  } catch (error) {
    if (!(error instanceof PortError) || isRefusal(error)) throw error;
    const found = await cluster.get(jobs, namespace, job.metadata.name);
    const isOurs = found?.metadata.annotations?.[stampAnnotation] === job.metadata.annotations?.[stampAnnotation];
    if (found && isOurs) return found;
    if (error.code !== "already-exists") throw error;
    const message = `there is a Job ${job.metadata.name} that was not made for this change: delete it, and the next run makes its own`;
    throw new PortError("already-exists", message, { cause: error });
  }
}
