import { dig, number, text } from "../model/object.ts";
import { isNoWorse } from "./baseline.ts";
import type { Counts, LiveFacts, Reading } from "./facts.ts";
import { clip, count, pods, time } from "./fields.ts";
import { notAvailable, notUpdated, rolledOut, scaledToZero } from "./progress.ts";

type Words = Pick<Reading, "status" | "reason" | "message">;

/**
 * An Argo Rollout by `status.phase`, which its controller has computed since 1.0, and by its counts where there is none
 * (utils/rollout/rolloututil.go, GetRolloutPhase). Where the stamp stands on the object it was restarted by `spec.restartAt`: that is done
 * when `status.restartedAt` says the same (rollout/restart.go), whatever a canary beside it is doing.
 */
export function argoRolloutStatus(facts: LiveFacts): Reading {
  const { object, baseline, expected } = facts;
  const desired = number(dig(object, "spec", "replicas")) ?? 1;
  const updated = count(object, "status", "updatedReplicas");
  const old = Math.max(0, count(object, "status", "replicas") - updated);
  const counts = { desired, wanted: desired, updated, old, available: count(object, "status", "availableReplicas") };
  const inPlace = object.metadata.annotations?.[expected.stampAnnotation] === expected.stamp;
  const words = desired === 0 ? scaledToZero : inPlace ? restarted(object, counts) : byPhase(object, counts);
  return { ...words, counts, excusable: isNoWorse(counts, baseline) };
}

function restarted(object: LiveFacts["object"], { desired, available }: Counts): Words {
  const asked = time(dig(object, "spec", "restartAt"));
  if (!(time(dig(object, "status", "restartedAt")) >= asked)) {
    const message = `pods are restarted one after the other, ${available} of ${pods(desired)} available`;
    return { status: "InProgress", reason: "PodsNotRestarted", message };
  }
  if (available < desired) return notAvailable(available, desired);
  return { status: "Current", reason: "RolledOut", message: `${pods(desired)} restarted and available` };
}

function byPhase(object: LiveFacts["object"], counts: Counts): Words {
  const said = clip(text(dig(object, "status", "message")) ?? "");
  const suffix = said && `; ${said}`;
  const missing = lack(counts);
  switch (dig(object, "status", "phase")) {
    case "Healthy":
      return missing ?? rolledOut(counts);
    case "Degraded":
      return { status: "Failed", reason: "Degraded", message: `the Rollout is degraded${suffix}` };
    case "Paused": {
      const message = `${counts.updated} of ${pods(counts.wanted)} updated; the Rollout is paused and waits${suffix}`;
      return { status: "InProgress", reason: "Suspended", message };
    }
    case undefined:
      return missing ?? rolledOut(counts);
    default: {
      const words = missing ?? { status: "InProgress", reason: "StepsRemain", message: "not every step is done" };
      return { ...words, message: `${words.message}${suffix}` };
    }
  }
}

function lack(counts: Counts): Words | undefined {
  if (counts.updated < counts.desired) return notUpdated(counts);
  return counts.available < counts.updated ? notAvailable(counts.available, counts.updated) : undefined;
}
