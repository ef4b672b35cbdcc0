import { dig, number } from "../model/object.ts";
import { isNoWorse } from "./baseline.ts";
import type { Counts, LiveFacts, Reading } from "./facts.ts";
import { count, isOnDelete, pods } from "./fields.ts";
import { notAvailable, notUpdated, onDelete, rolledOut, scaledToZero } from "./progress.ts";

type Words = Pick<Reading, "status" | "reason" | "message">;

/**
 * A StatefulSet by its status (kubectl `StatefulSetStatusViewer`, kstatus `stsConditions`), stricter: pods must be available, which
 * includes minReadySeconds, and a partition that covers every pod is no success, because nothing restarts.
 */
export function statefulSetStatus({ object, baseline }: LiveFacts): Reading {
  const desired = number(dig(object, "spec", "replicas")) ?? 1;
  const partition = count(object, "spec", "updateStrategy", "rollingUpdate", "partition");
  const byHand = isOnDelete(object);
  const wanted = byHand ? desired : Math.max(0, desired - partition);
  const updated = count(object, "status", "updatedReplicas");
  const ready = count(object, "status", "readyReplicas");
  const available = Math.min(ready, number(dig(object, "status", "availableReplicas")) ?? ready);
  const counts: Counts = { desired, wanted, updated, available, old: Math.max(0, wanted - updated) };
  const words = verdict(counts, count(object, "status", "replicas"), byHand) ?? completed(object, counts, byHand);
  return { ...words, counts, excusable: isNoWorse(counts, baseline) };
}

function verdict(counts: Counts, existing: number, byHand: boolean): Words | undefined {
  const { desired, wanted, updated, available } = counts;
  if (desired === 0) return scaledToZero;
  if (wanted === 0) {
    const message = `the partition covers all ${pods(desired)}: nothing restarts until it is lowered`;
    return { status: "Unknown", reason: "Partition", message };
  }
  if (updated < wanted) return byHand ? onDelete(counts) : notUpdated(counts);
  if (existing > desired) {
    return { status: "InProgress", reason: "ExtraPods", message: `${pods(existing - desired)} too many` };
  }
  return existing < desired || available < desired ? notAvailable(available, desired) : undefined;
}

/** `currentRevision` follows when the controller closes the update (`completeRollingUpdate`); under OnDelete or a partition it never does. */
function completed(object: LiveFacts["object"], counts: Counts, byHand: boolean): Words {
  const { desired, wanted, updated } = counts;
  if (wanted < desired) {
    const message = `${updated} of ${pods(desired)} updated and available, the others are kept by the partition`;
    return { status: "Current", reason: "Partial", message };
  }
  const closed = dig(object, "status", "currentRevision") === dig(object, "status", "updateRevision") || byHand;
  if (closed) return rolledOut(counts);
  return {
    status: "InProgress",
    reason: "RevisionNotCurrent",
    message: "the controller has not closed the update yet",
  };
}
