import type { Change } from "./plan.ts";
import type { SourceRef } from "./ref.ts";
import type { Sight, WatchedKeys } from "./source.ts";
import type { RolledOut, SourceRecord } from "./state.ts";
import type { Workload } from "./workload.ts";

/** An eligible source of a workload: one its directives say yes to. */
export interface EligibleSource {
  readonly ref: SourceRef;
  readonly keys: WatchedKeys;
  readonly sight: Sight;
  /** What the last snapshot knew. */
  readonly previous: SourceRecord | undefined;
  /** Named by a pattern only, so that a source may come to match it without anybody editing the workload. */
  readonly byPattern: boolean;
}

/** How a workload stands to one of its sources. */
export type Standing =
  | "unchanged"
  | "due"
  | "fresh"
  | "adopted"
  | "reverted"
  | "kept-absent"
  | "kept-unobserved"
  | "key-lost";

/** Where the knowledge of what a workload rolled out with came from. */
export type Origin = "record" | "stamp" | "other-stamp" | "stripped" | "first-sight";

export interface SourceComparison {
  readonly ref: SourceRef;
  readonly keys: WatchedKeys;
  readonly standing: Standing;
  /** What differs from what was rolled out; absent where nothing does or nothing is known. */
  readonly change: Change | undefined;
  /** What was rolled out with, before. */
  readonly before: RolledOut | undefined;
  /** What the workload has rolled out with once the restart, if any, is done. */
  readonly after: RolledOut;
}

/** A workload against everything known of it. */
export interface Comparison {
  readonly workload: Workload;
  readonly origin: Origin;
  readonly sources: readonly SourceComparison[];
  /** Nothing is known of it, and a pod is older than the last write of a source it uses. */
  readonly maybeStale: readonly SourceRef[];
  /** The answer depends on when the pods were created, and nobody has looked yet. */
  readonly needsPods: boolean;
}

/** The sources a restart is owed for. */
export function dueChanges(comparison: Comparison): Change[] {
  return comparison.sources.flatMap((source) => (source.standing === "due" && source.change ? [source.change] : []));
}
