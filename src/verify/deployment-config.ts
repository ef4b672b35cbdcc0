import { dig, number, text } from "../model/object.ts";
import { isNoWorse } from "./baseline.ts";
import type { Counts, LiveFacts, Reading } from "./facts.ts";
import { clip, condition, count, pods, time } from "./fields.ts";
import { notAvailable, notUpdated, rolledOut, scaledToZero } from "./progress.ts";

type Words = Pick<Reading, "status" | "reason" | "message">;

/** Reasons of the condition Progressing that end a rollout (openshift/library-go, appsutil/const.go). */
const ends: ReadonlySet<string> = new Set([
  "ProgressDeadlineExceeded",
  "RolloutCancelled",
  "ReplicationControllerCreateError",
]);

/**
 * An OpenShift DeploymentConfig by its status, as `oc rollout status` reads it (DeploymentConfigStatusViewer). A reason that ends a rollout
 * counts only where it is newer than our patch: the condition of the former rollout stays until the next one moves.
 */
export function deploymentConfigStatus({ object, baseline, startedAt }: LiveFacts): Reading {
  const desired = number(dig(object, "spec", "replicas")) ?? 1;
  const updated = count(object, "status", "updatedReplicas");
  const old = Math.max(0, count(object, "status", "replicas") - updated);
  const counts = { desired, wanted: desired, updated, old, available: count(object, "status", "availableReplicas") };
  const words = desired === 0 ? scaledToZero : (ended(object, counts, startedAt) ?? lack(object, counts, startedAt));
  return { ...words, counts, excusable: isNoWorse(counts, baseline) };
}

function ended(object: LiveFacts["object"], { updated, wanted }: Counts, startedAt: number): Words | undefined {
  const progressing = condition(object, "Progressing");
  const reason = text(progressing?.reason) ?? "";
  const at = Math.max(time(progressing?.lastUpdateTime) || 0, time(progressing?.lastTransitionTime) || 0);
  if (!ends.has(reason) || at < startedAt) return undefined;
  const message = clip(`${updated} of ${pods(wanted)} updated; ${text(progressing?.message) ?? reason}`);
  return { status: "Failed", reason, message };
}

function lack(object: LiveFacts["object"], counts: Counts, startedAt: number): Words {
  const { desired, updated, old, available } = counts;
  if (dig(object, "spec", "paused") === true) {
    const message = `${updated} of ${pods(desired)} updated; the DeploymentConfig is paused`;
    return { status: "InProgress", reason: "Suspended", message };
  }
  if (updated < desired) return notUpdated(counts);
  if (old > 0)
    return { status: "InProgress", reason: "OldPodsRemain", message: `${pods(old)} of an old revision left` };
  if (available < updated) return notAvailable(available, updated);
  return awaits(object, startedAt) ?? rolledOut(counts);
}

/**
 * The trigger controller acts after the config controller has said which generation it saw: until the new ReplicationController is there,
 * the counts are those of the former one.
 */
function awaits(object: LiveFacts["object"], startedAt: number): Words | undefined {
  const progressing = condition(object, "Progressing");
  const at = Math.max(time(progressing?.lastUpdateTime) || 0, time(progressing?.lastTransitionTime) || 0);
  const second = 1000;
  if (!progressing || at + second > startedAt) return undefined;
  return { status: "InProgress", reason: "NotObserved", message: "no rollout has begun yet" };
}
