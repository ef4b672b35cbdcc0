import { isNoWorse, wasBroken, wasDown } from "./baseline.ts";
import type { Counts, LiveFacts, Reading } from "./facts.ts";
import { count, isOnDelete, pods } from "./fields.ts";
import { isReadySince, place } from "./pod.ts";
import { notAvailable, notUpdated, onDelete, rolledOut } from "./progress.ts";
import { splitPods } from "./revision.ts";

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
  if (!wasBroken(baseline) || wasDown(baseline) || !baseline.notReadyAt) return lacking;
  if (Math.min(updated, available) < desired - baseline.notReadyAt.length) return lacking;
  const excused = facts.pods && excusedPlaces(facts, baseline.notReadyAt);
  if (!excused) return { ...lacking, needsPods: true };
  const message = `${available} of ${pods(desired)} available; not ready before the restart and still not: ${excused.join(", ")}`;
  return { status: "Current", reason: "NotWorseThanBefore", message };
}

/** The nodes that may stay as they are, when every other node has its new pod available and no old pod is left; otherwise `undefined`. */
function excusedPlaces(facts: LiveFacts, notReadyAt: readonly string[]): string[] | undefined {
  const { kind, object, now } = facts;
  const { updated, old } = splitPods(facts);
  const minReady = count(object, "spec", "minReadySeconds") * 1000;
  const available = new Set(updated.filter((pod) => isReadySince(pod, minReady, now)).map((pod) => place(kind, pod)));
  const excused = notReadyAt.filter((node) => !available.has(node));
  const enough = count(object, "status", "desiredNumberScheduled") - excused.length;
  return old.length === 0 && available.size >= enough ? excused : undefined;
}
