import { type Comparison, pressing } from "../model/comparison.ts";
import { formatDuration } from "../model/duration.ts";
import { heldBy, type InForce, type LoopVerdict, loopText } from "../model/loops.ts";
import type { Change, Hold, Quarantined } from "../model/plan.ts";
import { formatRef, localName, parseSourceName, type WorkloadRef } from "../model/ref.ts";

/**
 * What keeps a workload from restarting where all that is due is in quarantine. With anything else due it restarts, and its pods then read
 * all sources as they are, so that nothing is owed for the others either.
 */
export function quarantineHold(comparison: Comparison, { quarantines }: LoopVerdict): Hold | undefined {
  const held = pressing(comparison).map(({ ref }) => heldBy(quarantines, localName(ref)));
  const [first] = held;
  if (!first || held.includes(undefined)) return undefined;
  return {
    reason: "quarantined",
    message: `${loopText(first)}. ${endText(first, formatRef(comparison.workload.ref))}`,
  };
}

/** A quarantine as the plan shows it. `because` are the changes for which a restart is owed. */
export function toQuarantined(workload: WorkloadRef, quarantine: InForce, because: readonly Change[]): Quarantined {
  const { source, ...rest } = quarantine;
  const holds = because.some((change) => source === undefined || localName(change.source) === source);
  const ref = source === undefined ? undefined : parseSourceName(source, workload.namespace);
  return { ...rest, workload, source: ref, holds };
}

function endText({ changedAt, until }: InForce, workload: string): string {
  const settle = formatDuration(Date.parse(until) - Date.parse(changedAt));
  return `It is restarted once, if it still differs, when nothing has changed for ${settle}, or after: reroll retry ${workload}`;
}
