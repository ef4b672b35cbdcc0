import type { WorkloadRef } from "./ref.ts";

/** What became of one workload in one run. `restarted` is patched and seen healthy. */
export type OutcomeWord =
  | "restarted"
  | "committed"
  | "verifying"
  | "unchanged"
  | "deferred"
  | "failed"
  | "rolled-back"
  | "superseded"
  | "needs-manual";

export interface Outcome {
  readonly workload: WorkloadRef;
  readonly outcome: OutcomeWord;
  /** CamelCase code, stable. */
  readonly reason: string;
  /** The same in plain words, with what to do where there is something to do. */
  readonly message: string;
  /** From the patch to the verdict, milliseconds. */
  readonly durationMs: number;
}

/** kstatus words (sigs.k8s.io/cli-utils pkg/kstatus/status). */
export type StatusWord = "InProgress" | "Current" | "Failed" | "Terminating" | "NotFound" | "Unknown";

/** What the rollout of a workload looks like at one instant. */
export interface RolloutStatus {
  readonly status: StatusWord;
  /** CamelCase code, stable: `PodsNotUpdated`, `ProgressDeadlineExceeded`, `CrashLoopBackOff`, `Superseded`… */
  readonly reason: string;
  readonly message: string;
  /** The pods of the new revision should be looked at to say more. */
  readonly needsPods: boolean;
}

/** How a workload was just before the patch. Plain data, so that it can be kept between runs. */
export interface Baseline {
  readonly desired: number;
  readonly available: number;
  /** Where its pods were not ready: nodes of a DaemonSet, pod names of a StatefulSet. Absent: nobody looked at pods. */
  readonly notReadyAt?: readonly string[];
}
