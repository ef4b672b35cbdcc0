import { dig, number, text } from "../model/object.ts";
import { isNoWorse } from "./baseline.ts";
import type { Counts, LiveFacts, Reading } from "./facts.ts";
import { clip, condition, count } from "./fields.ts";
import { notAvailable, notUpdated, rolledOut, scaledToZero } from "./progress.ts";

type Words = Pick<Reading, "status" | "reason" | "message">;

/** A status that does not say which generation it is about may be that from before the patch. Milliseconds. */
const grace = 10_000;

/** Conditions that tell something whatever the kind (kstatus, generic.go and the API conventions): the value that is bad, and what it means. */
const signs: readonly {
  readonly type: string;
  readonly bad: readonly string[];
  readonly reason?: RegExp;
  readonly means: "Failed" | "InProgress";
}[] = [
  { type: "Stalled", bad: ["True"], means: "Failed" },
  { type: "Progressing", bad: ["False"], reason: /DeadlineExceeded$/, means: "Failed" },
  { type: "Reconciling", bad: ["True"], means: "InProgress" },
  { type: "Ready", bad: ["False", "Unknown"], means: "InProgress" },
  { type: "Available", bad: ["False", "Unknown"], means: "InProgress" },
];

/** A kind nobody wrote rules for: by the conditions that kinds have in common, and by counts of replicas where there are any. */
export function commonStatus(facts: LiveFacts): Reading {
  const { object, baseline } = facts;
  const counts = countsOf(object);
  const words = waits(facts) ?? signOf(object) ?? lack(object, counts);
  return { ...words, counts, excusable: isNoWorse(counts, baseline) };
}

/** Nothing tells how its pods are: patched is all that is known. */
export function unknownHealth({ object }: LiveFacts): Reading {
  const message = "patched; how its pods come up is not looked at (health: none)";
  return { status: "Current", reason: "NotWatched", message, counts: countsOf(object), excusable: false };
}

function waits({ object, now, startedAt }: LiveFacts): Words | undefined {
  if (dig(object, "status", "observedGeneration") !== undefined || now - startedAt >= grace) return undefined;
  return { status: "InProgress", reason: "NotObserved", message: "its status may still be that from before" };
}

function signOf(object: LiveFacts["object"]): Words | undefined {
  for (const { type, bad, reason, means } of signs) {
    const found = condition(object, type);
    const why = text(found?.reason) ?? "";
    if (!found || !bad.includes(text(found.status) ?? "") || !(reason?.test(why) ?? true)) continue;
    const message = clip(
      `condition ${type} is ${text(found.status)}${why && `, ${why}`}: ${text(found.message) ?? ""}`,
    );
    return { status: means, reason: means === "Failed" ? why || type : `${type}Condition`, message };
  }
  return undefined;
}

function countsOf(object: LiveFacts["object"]): Counts {
  const status = (field: string) => number(dig(object, "status", field));
  const replicas = status("replicas");
  const desired = number(dig(object, "spec", "replicas")) ?? replicas ?? 0;
  const updated = status("updatedReplicas") ?? desired;
  const available = status("availableReplicas") ?? status("readyReplicas") ?? desired;
  return { desired, wanted: desired, updated, available, old: Math.max(0, (replicas ?? updated) - updated) };
}

function lack(object: LiveFacts["object"], counts: Counts): Words {
  const { desired, updated, available } = counts;
  if (number(dig(object, "spec", "replicas")) === 0) return scaledToZero;
  if (updated < desired) return notUpdated(counts);
  if (available < desired) return notAvailable(available, desired);
  const told = count(object, "status", "replicas") > 0 || dig(object, "status", "conditions") !== undefined;
  return told ? rolledOut(counts) : { status: "Current", reason: "NotTold", message: "its status tells nothing bad" };
}
