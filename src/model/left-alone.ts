import { kindOf } from "./kinds.ts";
import type { SkipReason } from "./plan.ts";
import type { Policy } from "./policy.ts";
import { strategyOf } from "./strategies.ts";
import type { Outline } from "./workload.ts";

/** Why a workload is not restarted whatever its sources do, and what would change that. */
export interface LeftAlone {
  readonly reason: Extract<SkipReason, "strategy-skip" | "job-owned" | "job-managed" | "job-finished">;
  readonly message: string;
}

type Asked = Pick<Outline, "ref" | "batch" | "directives">;

/**
 * Whether a workload is left alone as a whole: its strategy is `skip`, or it is a Job that belongs to somebody, is managed by somebody else or has come to its end. One that
 * an earlier run suspended is not: it has to be resumed.
 */
export function leftAlone(workload: Asked, policy: Policy): LeftAlone | undefined {
  const { ref, batch } = workload;
  if (batch?.unresumed !== undefined) return undefined;
  if (batch?.owner !== undefined) {
    const message = `it belongs to ${batch.owner}, which makes the next one; its pods end with what they started with`;
    return { reason: "job-owned", message };
  }
  if (batch?.managedBy !== undefined) {
    const message = `${batch.managedBy} decides when its pods run, so it is not suspended and resumed; its pods end with what they started with`;
    return { reason: "job-managed", message };
  }
  const strategy = strategyOf(workload, policy);
  if (strategy.is === "known" && strategy.name === "skip") {
    const others = kindOf(ref, policy.kinds).strategies.filter((name) => name !== "skip");
    return { reason: "strategy-skip", message: skipMessage(ref.kind, others) };
  }
  if (batch?.finished === undefined) return undefined;
  const message = `it has come to its end (${batch.finished}): nothing of it runs that could be restarted`;
  return { reason: "job-finished", message };
}

function skipMessage(kind: string, others: readonly string[]): string {
  const choice = others.map((name) => JSON.stringify(name)).join(" or ");
  return `a ${kind} is not restarted unless it says how: reroll.dev/strategy: ${choice} on it, or the option strategies for all of them`;
}
