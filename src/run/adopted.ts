import { type Comparison, dueChanges } from "../model/comparison.ts";
import type { Change, Pending } from "../model/plan.ts";
import { formatRef, localName, type WorkloadRef } from "../model/ref.ts";
import type { Surveyed } from "../survey/subjects.ts";
import type { Survey } from "../survey/survey.ts";

/** A restart that is due or owed, and is given up. */
export interface GivenUp {
  readonly workload: WorkloadRef;
  readonly because: readonly Change[];
}

/**
 * The same survey with today's content taken as rolled out: what was due is adopted and nothing is owed. What nobody could see
 * keeps its baseline, and stays owed where it was.
 */
export function adoptSurvey(survey: Survey): { readonly survey: Survey; readonly givenUp: readonly GivenUp[] } {
  const unseen = new Set(survey.surveyed.flatMap(({ comparison }) => unseenSources(comparison)));
  const pending = survey.plan.pending.flatMap((each): Pending[] => {
    const because = each.because.filter(({ source }) => unseen.has(sourceOf(each.workload, source)));
    return because.length > 0 ? [{ ...each, because, reason: "unobserved" }] : [];
  });
  return {
    survey: {
      ...survey,
      surveyed: survey.surveyed.map(adopted),
      plan: {
        ...survey.plan,
        actions: [],
        pending,
        quarantines: survey.plan.quarantines.map((each) => ({ ...each, holds: false })),
        issues: survey.plan.issues.filter(({ code }) => code !== "quarantined"),
      },
    },
    givenUp: survey.surveyed.flatMap(givenUp),
  };
}

function adopted(surveyed: Surveyed): Surveyed {
  const { comparison } = surveyed;
  const sources = comparison.sources.map((source) =>
    source.standing === "due" ? { ...source, standing: "adopted" as const, change: undefined } : source,
  );
  return { ...surveyed, comparison: { ...comparison, sources, maybeStale: [] }, podsError: undefined };
}

function givenUp({ workload, comparison }: Surveyed): GivenUp[] {
  const because = dueChanges(comparison);
  return because.length > 0 ? [{ workload: workload.ref, because }] : [];
}

function unseenSources({ workload, sources }: Comparison): string[] {
  return sources.filter(({ standing }) => standing === "kept-unobserved").map(({ ref }) => sourceOf(workload.ref, ref));
}

function sourceOf(workload: WorkloadRef, source: Change["source"]): string {
  return `${formatRef(workload)} ${localName(source)}`;
}
