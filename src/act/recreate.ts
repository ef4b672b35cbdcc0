import { recreateAnnotation, stampAnnotation } from "../model/annotations.ts";
import { finishedAs, isHalted, isSuspended } from "../model/batch.ts";
import { PortError } from "../model/errors.ts";
import { resources, type WorkloadKind } from "../model/kinds.ts";
import { dig, type KubeObject, number, stringMap } from "../model/object.ts";
import type { Action } from "../model/plan.ts";
import { isControlledBy } from "../model/revision.ts";
import type { Cluster, Ports } from "../ports.ts";
import { type Act, failed, type Judge, moved, patchUnderGuard } from "./direct.ts";
import { forgetPatch, resumePatch, suspendPatch } from "./patch.ts";

const second = 1000;
/** Between two looks. */
const pause = second;
/** What the controller and the nodes get on top of the pods' own grace period. */
const allowance = 30 * second;
const longestWait = 10 * 60 * second;
/** `core/v1.DefaultTerminationGracePeriodSeconds`. */
const defaultGrace = 30;

type Needs = Pick<Ports, "cluster" | "clock">;

/**
 * Makes the pods of a Job anew without deleting the Job: suspends it, waits until they are gone, and resumes it. The intent is an annotation
 * that comes and goes in the same two patches, so a Job that is found with it is resumed, whoever finds it. A run that is told to stop still
 * resumes it where its pods are on their way out.
 */
export async function recreate(ports: Needs, action: Action, kind: WorkloadKind, stop: AbortSignal): Promise<Act> {
  const { namespace, name } = action.workload;
  try {
    const before = await ports.cluster.get(kind, namespace, name);
    const gone = moved(action, kind, before);
    if (gone || !before) return gone as Act;
    if (finishedAs(before)) return ended;
    const intent = intentOf(before);
    if (intent !== undefined && !isSuspended(before)) return await forget(ports.cluster, action, kind, intent);
    if (intent === undefined) {
      if (isSuspended(before)) return someoneElse;
      const suspended = await suspend(ports.cluster, action, kind);
      if (suspended.is !== "patched") return suspended;
    }
    const halted = await untilHalted(ports, action, kind, before, stop);
    if ("is" in halted) return halted as Act;
    const act = await resume(ports.cluster, action, kind, halted);
    return act.is === "patched" ? { ...act, before } : act;
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return failed(error);
  }
}

const ended: Act = { is: "superseded", message: "the Job has come to its end meanwhile; nothing of it runs any more" };
const someoneElse: Act = {
  is: "held",
  reason: "suspended",
  message:
    "the Job is suspended (spec.suspend), and not by reroll; its pods start with the new content once it is resumed",
};

function intentOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[recreateAnnotation];
}

/**
 * Somebody resumed what an earlier run had suspended. The intent has to go before anything else: with it left behind, whoever suspends the
 * Job some day would see it resumed.
 */
async function forget(cluster: Cluster, action: Action, kind: WorkloadKind, intent: string): Promise<Act> {
  const message = "somebody resumed the Job that an earlier run had suspended; the next run looks again";
  const judge: Judge = (object, error) =>
    object && intentOf(object) === intent && !isSuspended(object) ? failed(error) : { is: "superseded", message };
  const act = await patchUnderGuard(cluster, action, kind, forgetPatch(action, intent), judge);
  return act.is === "patched" ? { is: "superseded", message } : act;
}

function suspend(cluster: Cluster, action: Action, kind: WorkloadKind): Promise<Act> {
  const judge: Judge = (object, error) => {
    if (object && intentOf(object) === action.stamp && isSuspended(object)) return { is: "patched", object };
    return moved(action, kind, object) ?? failed(error);
  };
  return patchUnderGuard(cluster, action, kind, suspendPatch(action), judge);
}

function resume(cluster: Cluster, action: Action, kind: WorkloadKind, halted: KubeObject): Promise<Act> {
  const { uid, generation } = halted.metadata;
  const judge: Judge = (object, error) => {
    const same = object?.metadata.uid === uid;
    if (same && object?.metadata.annotations?.[stampAnnotation] === action.stamp && !isSuspended(object))
      return { is: "patched", object };
    if (same && object?.metadata.generation === generation && intentOf(object) === intentOf(halted))
      return failed(error);
    return { is: "superseded", message: "the Job was changed while its pods ended; the next run looks again" };
  };
  return patchUnderGuard(cluster, action, kind, resumePatch(action, halted, intentOf(halted) ?? ""), judge);
}

/** The Job once its pods are gone, or on their way out and no more time is left to wait for them. */
async function untilHalted(
  { cluster, clock }: Needs,
  { workload: { namespace, name }, guard }: Action,
  kind: WorkloadKind,
  before: KubeObject,
  stop: AbortSignal,
): Promise<KubeObject | Act> {
  const grace = number(dig(before, "spec", "template", "spec", "terminationGracePeriodSeconds")) ?? defaultGrace;
  const until = clock.now() + Math.min(grace * second + allowance, longestWait);
  for (;;) {
    const job = await cluster.get(kind, namespace, name);
    if (job?.metadata.uid !== guard.uid) return { is: "superseded", message: "the workload was deleted meanwhile" };
    if (finishedAs(job)) return ended;
    if (intentOf(job) === undefined || !isSuspended(job))
      return { is: "superseded", message: "somebody resumed the Job while its pods ended; the next run looks again" };
    const over = stop.aborted || clock.now() >= until;
    if (isHalted(job) && (over || (await havePodsGone(cluster, job, namespace)))) return job;
    if (over) return unobserved(stop);
    await clock.sleep(pause, stop);
  }
}

function unobserved({ aborted }: AbortSignal): Act {
  const message = "the Job is suspended, and its controller has not acted on that yet; the next run resumes it";
  return { is: "held", reason: aborted ? "interrupted" : "rollout-not-observed", message };
}

async function havePodsGone(cluster: Cluster, job: KubeObject, namespace: string): Promise<boolean> {
  const labels = Object.entries(stringMap(dig(job, "spec", "selector", "matchLabels")));
  const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(",");
  const fieldSelector = "status.phase!=Succeeded,status.phase!=Failed";
  for await (const { items } of cluster.list(resources.pod, {
    namespace,
    labelSelector,
    fieldSelector,
    metadataOnly: true,
  }))
    if (items.some((pod) => isControlledBy(pod, job.metadata.uid))) return false;
  return true;
}
