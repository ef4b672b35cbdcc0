import { isNoWorse, wasDown } from "./baseline.ts";
import type { Counts, LiveFacts, Reading } from "./facts.ts";
import { condition, count, isOnDelete, pods, time } from "./fields.ts";
import { isReadySince, place } from "./pod.ts";
import { notAvailable, notUpdated, onDelete, rolledOut } from "./progress.ts";
import { ownPods, splitPods } from "./revision.ts";

/**
 * A DaemonSet by its status (kubectl `DaemonSetStatusViewer`), relative to how it was before: nodes whose pod was not ready before
 * the patch and still is not do not hold up the verdict. A node lost later does: the new pod may have brought it down.
 */
export function daemonSetStatus(facts: LiveFacts): Reading {
  const { object, baseline } = facts;
  const desired = count(object, "status", "desiredNumberScheduled");
  const updated = count(object, "status", "updatedNumberScheduled");
  const available = count(object, "status", "numberAvailable");
  const counts: Counts = { desired, wanted: desired, updated, available, old: Math.max(0, desired - updated) };
  // With places known they decide; by numbers alone, a node that broke could hide behind one that healed.
  const byNumber = isNoWorse(counts, baseline, baseline ? baseline.desired - baseline.available : 0);
  const excusable = baseline?.notReadyAt && !wasDown(baseline) ? false : byNumber;
  const base = { counts, excusable };
  if (desired === 0) return { ...base, status: "Current", reason: "NoNodes", message: "no node wants its pod" };
  if (updated >= desired && available >= desired) return { ...base, ...rolledOut(counts) };
  if (isOnDelete(object) && updated < desired) return { ...base, ...onDelete(counts) };
  return { ...base, ...unfinished(facts, counts) };
}

function unfinished(facts: LiveFacts, counts: Counts): Omit<Reading, "counts" | "excusable"> {
  const { desired, updated, available } = counts;
  const lacking = updated < desired ? notUpdated(counts) : notAvailable(available, desired);
  const { baseline } = facts;
  if (wasDown(baseline)) return lacking;
  const excused = excusedNodes(facts);
  if (excused.length === 0) {
    const missing = baseline ? baseline.desired - baseline.available : 0;
    return { ...lacking, needsPods: missing > 0 && Math.min(updated, available) >= desired - missing };
  }
  const nodes = excused.join(", ");
  const message = `${available} of ${pods(desired)} available; not ready before the restart and still not: ${nodes}`;
  return { status: "Current", reason: "NotWorseThanBefore", message };
}

/** The nodes that may stay as they are; none unless every other node has its new pod available, and no old pod is left. */
function excusedNodes(facts: LiveFacts): string[] {
  const { kind, object, now, baseline } = facts;
  const { updated, old } = splitPods(facts);
  const minReady = count(object, "spec", "minReadySeconds") * 1000;
  const available = new Set(updated.filter((pod) => isReadySince(pod, minReady, now)).map((pod) => place(kind, pod)));
  const excused = (baseline?.notReadyAt ?? lostBefore(facts)).filter((node) => !available.has(node));
  const enough = count(object, "status", "desiredNumberScheduled") - excused.length;
  return old.length === 0 && available.size >= enough ? excused : [];
}

/**
 * Nodes whose pod, by its own account, was not ready before the patch: on a dead node it stays in deletion for ever, so this
 * tells them apart also where nobody took a baseline. Condition times are cut to seconds.
 */
function lostBefore(facts: LiveFacts): string[] {
  const lost = ownPods(facts).filter((pod) => {
    const ready = condition(pod, "Ready");
    return ready?.status !== "True" && time(ready?.lastTransitionTime) + 1000 <= facts.startedAt;
  });
  return [...new Set(lost.map((pod) => place(facts.kind, pod) ?? ""))].filter((node) => node !== "").sort();
}
