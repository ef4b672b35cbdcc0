import { dig, number, text } from "../model/object.ts";
import { isNoWorse } from "./baseline.ts";
import type { LiveFacts, Reading } from "./facts.ts";
import { clip, condition, count, pods, span, time } from "./fields.ts";
import { notAvailable, notUpdated, rolledOut, scaledToZero } from "./progress.ts";

/** How long pods may be refused, by a quota or an admission, before nobody expects them any more. Milliseconds. */
const refusedFor = 30_000;

type Words = Pick<Reading, "status" | "reason" | "message">;

/**
 * A Deployment by its status, as `kubectl rollout status` reads it (kubectl `DeploymentStatusViewer`), and two ends kubectl gets
 * wrong: a passed progress deadline counts only where it is newer than our patch, because the controller keeps an old one until
 * it sees progress; a paused Deployment is `Suspended`, because it goes no further by itself.
 */
export function deploymentStatus(facts: LiveFacts): Reading {
  const { object, baseline } = facts;
  const desired = number(dig(object, "spec", "replicas")) ?? 1;
  const updated = count(object, "status", "updatedReplicas");
  const old = Math.max(0, count(object, "status", "replicas") - updated);
  const counts = { desired, wanted: desired, updated, old, available: count(object, "status", "availableReplicas") };
  const lacking = lack(counts);
  const words = desired === 0 ? scaledToZero : lacking ? stuck(facts, lacking, updated < desired) : rolledOut(counts);
  return { ...words, counts, excusable: isNoWorse(counts, baseline) };
}

function lack(counts: Reading["counts"]): Words | undefined {
  const { desired, updated, old, available } = counts;
  if (updated < desired) return notUpdated(counts);
  if (old > 0)
    return { status: "InProgress", reason: "OldPodsRemain", message: `${pods(old)} of an old revision left` };
  return available < updated ? notAvailable(available, updated) : undefined;
}

/** Why a rollout that lacks something will not get it, or what it lacks. */
function stuck(facts: LiveFacts, lacking: Words, short: boolean): Words {
  const progressing = condition(facts.object, "Progressing");
  if (
    progressing?.status === "False" &&
    progressing.reason === "ProgressDeadlineExceeded" &&
    time(progressing.lastUpdateTime) > facts.startedAt
  ) {
    const seconds = count(facts.object, "spec", "progressDeadlineSeconds");
    const message = `${lacking.message}; no progress for ${span(seconds * 1000)} (progressDeadlineSeconds)`;
    return { status: "Failed", reason: "ProgressDeadlineExceeded", message };
  }
  if (dig(facts.object, "spec", "paused") === true) {
    return { status: "InProgress", reason: "Suspended", message: `${lacking.message}; the Deployment is paused` };
  }
  return (short && refused(facts, lacking)) || lacking;
}

/** `ReplicaFailure` may come from an old ReplicaSet too (`DeploymentController.getReplicaFailures`), so it counts only while pods are missing. */
function refused({ object, startedAt, now }: LiveFacts, lacking: Words): Words | undefined {
  const failure = condition(object, "ReplicaFailure");
  if (failure?.status !== "True") return undefined;
  const since = Math.max(startedAt, time(failure.lastTransitionTime));
  if (!(now - since > refusedFor)) return undefined;
  const message = clip(`${lacking.message}; ${text(failure.message) ?? "pods cannot be created"}`);
  return { status: "Failed", reason: text(failure.reason) || "ReplicaFailure", message };
}
