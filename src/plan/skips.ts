import type { Comparison, SourceComparison, Standing } from "../model/comparison.ts";
import type { LeftAlone } from "../model/left-alone.ts";
import type { Skip, SkipReason } from "../model/plan.ts";
import { compareRefs, formatRef, localName, type SourceRef, type WorkloadRef } from "../model/ref.ts";
import type { Outline } from "../model/workload.ts";
import { asksItself, type Candidacy } from "./eligible.ts";

/** A workload with all that is known about it, for saying why it is left alone. */
export interface Touched {
  readonly comparison: Comparison<Outline>;
  readonly candidacies: readonly Candidacy[];
}

interface Why {
  readonly reason: SkipReason;
  readonly message: string;
}

/** What each standing says to people when its source changed; `undefined`: it is no skip. */
const byStanding: Readonly<Record<Standing, Why | undefined>> = {
  due: undefined,
  unchanged: { reason: "keys-not-used", message: "the keys that changed are not among those the pods read" },
  fresh: {
    reason: "already-fresh",
    message: "every pod started after the change, so it runs with the new content already",
  },
  reverted: {
    reason: "reverted",
    message: "the source is back to what the pods run with; the restart that was owed is cancelled",
  },
  adopted: { reason: "adopted", message: "the source is new to this workload; its content is taken as the baseline" },
  "kept-absent": {
    reason: "removed-source-kept",
    message: "the source is gone; what the pods run with is kept in mind",
  },
  "kept-unobserved": undefined,
  "key-lost": {
    reason: "key-lost",
    message:
      "the digest key this was recorded with is gone, so nothing can be compared; today's content is the new baseline",
  },
};

/** Standings that are worth a word even where the source did not change since the last snapshot. */
const alwaysSaid: ReadonlySet<Standing> = new Set(["fresh", "reverted", "key-lost"]);

/** Workloads touched by a changed source that are not restarted for it, each with the reason. `changed` tells by formatted ref. */
export function explainSkips(touched: readonly Touched[], changed: ReadonlySet<string>): Skip[] {
  return touched
    .flatMap((each) => [
      ...standingSkips(each, changed),
      ...decisionSkips(each.comparison.workload.ref, each.candidacies, changed),
      ...staleSkips(each),
    ])
    .sort((a, b) => compareRefs(a.workload, b.workload) || compareRefs(a.source, b.source));
}

function standingSkips({ comparison }: Touched, changed: ReadonlySet<string>): Skip[] {
  const { workload, origin, sources } = comparison;
  return sources.flatMap(({ ref, standing }: SourceComparison) => {
    const why = byStanding[standing];
    const said = alwaysSaid.has(standing) || (changed.has(formatRef(ref)) && origin !== "first-sight");
    return why && said ? [{ workload: workload.ref, source: ref, ...why }] : [];
  });
}

/** Changed sources that the directives of a workload leave out. */
export function decisionSkips(
  workload: WorkloadRef,
  candidacies: readonly Candidacy[],
  changed: ReadonlySet<string>,
): Skip[] {
  return candidacies.flatMap(({ ref, decision, eligible }) =>
    decision.eligible || eligible || !changed.has(formatRef(ref))
      ? []
      : [{ workload, source: ref, reason: decision.reason, message: decision.message }],
  );
}

/**
 * Changed sources that would restart a workload, were it not left alone as a whole. Said only where it asks by an annotation of its own; the
 * Jobs of a CronJob have the annotations of its template, and the CronJob is who is asked.
 */
export function aloneSkips(
  { ref, directives }: Pick<Outline, "ref" | "directives">,
  candidacies: readonly Candidacy[],
  { reason, message }: LeftAlone,
  changed: ReadonlySet<string>,
): Skip[] {
  if (reason === "job-owned" || !asksItself(directives)) return [];
  return candidacies
    .filter(({ ref: source, decision }) => decision.eligible && changed.has(formatRef(source)))
    .map(({ ref: source }) => ({ workload: ref, source, reason, message }));
}

function staleSkips({ comparison: { workload, sources, maybeStale } }: Touched): Skip[] {
  const due = new Set(sources.filter(({ standing }) => standing === "due").map(({ ref }) => localName(ref)));
  return maybeStale
    .filter((source: SourceRef) => !due.has(localName(source)))
    .map((source) => ({
      workload: workload.ref,
      source,
      reason: "maybe-stale" as const,
      message: "seen for the first time, and a pod is older than the last write; `reroll run --catch-up` restarts it",
    }));
}
