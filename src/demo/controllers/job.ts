import { dig, objects } from "../../model/object.ts";
import { type Fields, fields, type Stored, timestamp } from "../object.ts";
import { type Access, counted, kubelet, removeObject, writeStatus } from "./access.ts";
import { conditionOf, conditionsOf } from "./conditions.ts";
import { activePods, createPod, freshPodName, isReady, nodeFor } from "./pods.ts";

/** Whether a Job has come to its end (`jobutil.IsJobFinished`). */
export function isFinished(job: Stored): boolean {
  return ["Complete", "Failed"].some((type) => conditionOf(conditionsOf(job), type)?.status === "True");
}

/**
 * Runs the pods of a Job to their end (`pkg/controller/job`). They complete as soon as they have started, unless they carry the
 * annotation `lab/stays: "true"`; those with `lab/fails: "true"` fail. A suspended Job has none that are active.
 */
export function reconcileJob(access: Access, job: Stored): void {
  if (isFinished(job)) return;
  for (const pod of activePods(access, job)) endPod(access, pod);
  const spec = fields(job, "spec");
  const amount = (field: string, otherwise: number) => (typeof spec[field] === "number" ? spec[field] : otherwise);
  const ended = (phase: string) =>
    access.owned.of(job.metadata.uid, "Pod").filter((pod) => dig(pod, "status", "phase") === phase).length;
  const [succeeded, failed] = [ended("Succeeded"), ended("Failed")];
  const completions = amount("completions", amount("parallelism", 1));
  const over = succeeded >= completions ? "Complete" : failed > amount("backoffLimit", 6) ? "Failed" : undefined;
  const wanted =
    over || spec.suspend === true ? 0 : Math.min(amount("parallelism", 1), Math.max(0, completions - succeeded));
  const active = activePods(access, job);
  for (const pod of active.slice(wanted)) removeObject(access, pod);
  for (let missing = wanted - active.length; missing > 0; missing -= 1) {
    const name = freshPodName(access, job);
    createPod(access, job, spec.template, { name, node: nodeFor(access, name) });
  }
  const pods = activePods(access, job);
  const status = fields(job, "status");
  const now = timestamp(access.now());
  writeStatus(access, job, {
    ...counted({ active: pods.length, succeeded, failed }),
    ready: pods.filter(isReady).length,
    terminating: 0,
    uncountedTerminatedPods: {},
    ...(spec.suspend === true ? {} : { startTime: status.startTime ?? now }),
    ...(over === "Complete" ? { completionTime: now } : {}),
    ...conditions(job, spec.suspend === true, over, now),
  });
}

function conditions(job: Stored, suspended: boolean, over: "Complete" | "Failed" | undefined, now: string): Fields {
  const before = conditionsOf(job);
  const known = conditionOf(before, "Suspended");
  const saying = (type: string, status: string, reason: string, message: string): Fields => ({
    ...{ type, status, reason, message, lastProbeTime: now, lastTransitionTime: now },
  });
  const others = before.filter(({ type }) => type !== "Suspended");
  const resumed = saying("Suspended", "False", "JobResumed", "Job resumed");
  const halted = saying("Suspended", "True", "JobSuspended", "Job suspended");
  const own =
    suspended === (known?.status === "True") ? (known ? [known] : []) : suspended ? [halted] : known ? [resumed] : [];
  const end = {
    Complete: [saying("Complete", "True", "CompletionsReached", "Reached expected number of succeeded pods")],
    Failed: [saying("Failed", "True", "BackoffLimitExceeded", "Job has reached the specified backoff limit")],
  };
  const all = [...others, ...own, ...(over ? end[over] : [])];
  return all.length > 0 ? { conditions: all } : {};
}

/** What the containers of a Job do once they have started. */
function endPod(access: Access, pod: Stored): void {
  const { annotations = {} } = pod.metadata;
  const fails = annotations["lab/fails"] === "true";
  if (!isReady(pod) || (annotations["lab/stays"] === "true" && !fails)) return;
  const now = timestamp(access.now());
  const [phase, reason, exitCode] = fails ? ["Failed", "Error", 1] : ["Succeeded", "Completed", 0];
  const conditions = objects(dig(pod, "status", "conditions")).map((condition) =>
    condition.type === "Ready" || condition.type === "ContainersReady"
      ? { ...condition, status: "False", reason: "PodCompleted", lastTransitionTime: now }
      : condition,
  );
  const containerStatuses = objects(dig(pod, "status", "containerStatuses")).map((container) => ({
    ...container,
    ready: false,
    started: false,
    state: { terminated: { exitCode, reason, startedAt: now, finishedAt: now } },
  }));
  writeStatus(access, pod, { ...fields(pod, "status"), phase, conditions, containerStatuses }, { manager: kubelet });
}
