import { dig, type KubeObject, number } from "../model/object.ts";
import { isNoWorse } from "./baseline.ts";
import type { Counts, LiveFacts, Reading } from "./facts.ts";
import { clip, condition, count, pods } from "./fields.ts";
import { notAvailable, rolledOut, scaledToZero } from "./progress.ts";

type Words = Pick<Reading, "status" | "reason" | "message">;

/** How many pods of a Job run at the same time now (`job_controller.manageJob`): fewer towards its end. */
function wantedPods(job: KubeObject): number {
  const parallelism = number(dig(job, "spec", "parallelism")) ?? 1;
  const completions = number(dig(job, "spec", "completions"));
  const left = completions === undefined ? parallelism : completions - count(job, "status", "succeeded");
  return Math.max(0, Math.min(parallelism, left));
}

/** A Job that was resumed: its pods are back and ready, or it has come to its end. Whether that end was a good one is its own matter. */
export function jobStatus({ object, baseline }: LiveFacts): Reading {
  const wanted = wantedPods(object);
  const ready = count(object, "status", "ready");
  const counts: Counts = {
    desired: wanted,
    wanted,
    updated: count(object, "status", "active"),
    available: Math.min(ready, wanted),
    old: 0,
  };
  const words = ending(object) ?? progress(object, counts);
  return { ...words, counts, excusable: isNoWorse(counts, baseline) };
}

function ending(job: KubeObject): Words | undefined {
  if (condition(job, "Complete")?.status === "True") {
    return { status: "Current", reason: "Completed", message: "resumed, and has completed since" };
  }
  const failed = condition(job, "Failed");
  if (failed?.status !== "True") return undefined;
  const why = clip(`${String(failed.reason ?? "")}: ${String(failed.message ?? "")}`);
  return { status: "Failed", reason: "JobFailed", message: `the Job has failed since it was resumed (${why})` };
}

function progress(job: KubeObject, counts: Counts): Words {
  if (dig(job, "spec", "suspend") === true) {
    return { status: "InProgress", reason: "Suspended", message: "the Job was suspended again, and not by reroll" };
  }
  if (condition(job, "Suspended")?.status === "True") {
    return { status: "InProgress", reason: "NotObserved", message: "its controller has not taken notice yet" };
  }
  if (counts.wanted === 0) return scaledToZero;
  if (counts.updated < counts.wanted) {
    const message = `${counts.updated} of ${pods(counts.wanted)} started`;
    return { status: "InProgress", reason: "PodsNotUpdated", message };
  }
  return counts.available < counts.wanted ? notAvailable(counts.available, counts.wanted) : rolledOut(counts);
}
