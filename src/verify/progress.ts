import type { Counts, Reading, Trail } from "./facts.ts";
import { pods } from "./fields.ts";

type Words = Pick<Reading, "status" | "reason" | "message">;

/** Shared words of all kinds. */
export const scaledToZero: Words = {
  status: "Current",
  reason: "ScaledToZero",
  message: "scaled to zero: pods will start with the new content",
};

/** Shared words of the kinds that know OnDelete. */
export function onDelete({ wanted, updated }: Counts): Words {
  const left = `${updated} of ${pods(wanted)} updated`;
  return {
    status: "Unknown",
    reason: "OnDelete",
    message: `${left}; the update strategy is OnDelete: delete the pods to restart them`,
  };
}

/** Fewer pods updated than wanted. */
export function notUpdated({ updated, wanted }: Counts): Words {
  return { status: "InProgress", reason: "PodsNotUpdated", message: `${updated} of ${pods(wanted)} updated` };
}

/** Fewer pods available than there should be. */
export function notAvailable(available: number, of: number): Words {
  return { status: "InProgress", reason: "PodsNotAvailable", message: `${available} of ${pods(of)} available` };
}

/** Everything that was to be replaced is replaced and available. */
export function rolledOut({ updated }: Counts): Words {
  return { status: "Current", reason: "RolledOut", message: `${pods(updated)} updated and available` };
}

/** A negative end that leaves the workload no worse than it was. */
export function asBefore(counts: string): Words {
  return {
    status: "Current",
    reason: "NotWorseThanBefore",
    message: `${counts}; the workload was no better before the restart`,
  };
}

function isFurther(counts: Counts, best: Counts): boolean {
  return counts.updated > best.updated || counts.available > best.available || counts.old < best.old;
}

/**
 * Remembers the furthest the rollout has come (the idea of `deploymentutil.DeploymentProgressing`, against the best instead of
 * the last counts: a crash-looping pod is available for an instant after every restart). A change of size starts anew.
 */
export function follow(trail: Trail, counts: Counts, now: number): Trail {
  const { best } = trail;
  if (!best) return { ...trail, best: counts };
  if (counts.desired !== best.desired || counts.wanted !== best.wanted) {
    return { ...trail, best: counts, progressedAt: now };
  }
  if (!isFurther(counts, best)) return trail;
  const furthest = {
    ...counts,
    updated: Math.max(counts.updated, best.updated),
    available: Math.max(counts.available, best.available),
    old: Math.min(counts.old, best.old),
  };
  return { ...trail, best: furthest, progressedAt: now };
}
