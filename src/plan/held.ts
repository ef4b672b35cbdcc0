import { type Comparison, pressing } from "../model/comparison.ts";
import { endText, heldBy, type LoopVerdict, loopText } from "../model/loops.ts";
import type { Hold } from "../model/plan.ts";
import { retryCommand } from "../model/quarantined.ts";
import { localName } from "../model/ref.ts";

/**
 * What keeps a workload from restarting where all that is due is in quarantine. With anything else due it restarts, and its pods then read
 * all sources as they are, so that nothing is owed for the others either.
 */
export function quarantineHold(comparison: Comparison, { quarantines }: LoopVerdict): Hold | undefined {
  const held = pressing(comparison).map(({ ref }) => heldBy(quarantines, localName(ref)));
  const [first] = held;
  if (first === undefined || held.includes(undefined)) return undefined;
  return {
    reason: "quarantined",
    message: `${loopText(first)}. Held back ${endText(first, retryCommand(comparison.workload.ref))}`,
  };
}
