import type { Change } from "./plan.ts";
import { localName, type SourceRef } from "./ref.ts";
import type { Statement } from "./settings.ts";
import type { Sight, WatchedKeys } from "./source.ts";
import type { RolledOut, SourceRecord, WorkloadRecord } from "./state.ts";
import type { Outline, Workload } from "./workload.ts";

/** An eligible source of a workload: one its directives say yes to. */
export interface EligibleSource {
  readonly ref: SourceRef;
  readonly keys: WatchedKeys;
  readonly sight: Sight;
  /** What the last snapshot knew. */
  readonly previous: SourceRecord | undefined;
  /** Named by a pattern only, so that a source may come to match it without anybody editing the workload. */
  readonly byPattern: boolean;
  /** The pod template uses it; otherwise only a list names it. */
  readonly used: boolean;
  /** It restarts the workload also where it appears, where it disappears. */
  readonly reloadOnCreate: boolean;
  readonly reloadOnDelete: boolean;
  /** Its annotation that says so; absent where it is not paused. */
  readonly paused: Statement | undefined;
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
  /** The source is paused: what is due for it alone stays owed. */
  readonly paused: Statement | undefined;
}

/** A workload against everything known of it. */
export interface Comparison<Seen extends Outline = Workload> {
  readonly workload: Seen;
  readonly origin: Origin;
  readonly sources: readonly SourceComparison[];
  /** Nothing is known of it, and a pod is older than the last write of a source it uses. */
  readonly maybeStale: readonly SourceRef[];
  /** The answer depends on when the pods were created, and nobody has looked yet. */
  readonly needsPods: boolean;
  /** Something that could not be looked at is needed to say anything: nothing may be remembered of this look. */
  readonly undecided: boolean;
  /** All that is due and not paused is being rolled out already: pods of the current revision are fresh, and older ones still run. */
  readonly underWay: boolean;
}

/** The sources a restart is owed for. */
export function dueChanges(comparison: Pick<Comparison, "sources">): Change[] {
  return comparison.sources.flatMap((source) => (source.standing === "due" && source.change ? [source.change] : []));
}

/** Sources that are due and not paused: a restart for one of them reads all of them, so it settles the paused ones too. */
export function pressing({ sources }: Pick<Comparison, "sources">): SourceComparison[] {
  return sources.filter(({ standing, paused }) => standing === "due" && !paused);
}

/** What was owed before, for sources that nobody can compare now: they could not be looked at, or are gone and left no digest to compare with. */
export function owedUnseen({ sources }: Pick<Comparison, "sources">, record: WorkloadRecord | undefined): Change[] {
  const causes = record?.pending?.causes ?? [];
  return sources.flatMap(({ ref, standing, before }) => {
    const cause = causes.find(({ source }) => source === localName(ref));
    const unseen = standing === "kept-unobserved" || (standing === "kept-absent" && typeof before !== "object");
    return cause && unseen ? [{ source: ref, change: cause.change, keys: cause.keys }] : [];
  });
}
