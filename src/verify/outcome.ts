import type { OutcomeWord, RolloutStatus, StatusWord } from "../model/outcome.ts";

interface Row {
  readonly outcome: OutcomeWord;
  /** Looking again would not change it. */
  readonly final: boolean;
}

const byStatus: Readonly<Record<StatusWord, Row>> = {
  Current: { outcome: "restarted", final: true },
  Failed: { outcome: "failed", final: true },
  Terminating: { outcome: "superseded", final: true },
  NotFound: { outcome: "superseded", final: true },
  InProgress: { outcome: "verifying", final: false },
  Unknown: { outcome: "verifying", final: true },
};

/** Reasons that say more than their status word. A paused Deployment is final for this run: only a person moves it. */
const byReason: Readonly<Record<string, Row>> = {
  Superseded: { outcome: "superseded", final: true },
  Recreated: { outcome: "superseded", final: true },
  OnDelete: { outcome: "needs-manual", final: true },
  Partition: { outcome: "needs-manual", final: true },
  NoTrigger: { outcome: "needs-manual", final: true },
  Suspended: { outcome: "verifying", final: true },
};

/** What a status means for the run: the outcome's word, and whether it is the last one. */
export function outcomeOf(status: RolloutStatus): Row & Pick<RolloutStatus, "reason" | "message"> {
  const { reason, message } = status;
  return { ...(byReason[reason] ?? byStatus[status.status]), reason, message };
}
