import type { PortError } from "../model/errors.ts";
import { resources } from "../model/kinds.ts";
import type { Blindness, View } from "../model/observation.ts";
import type { Issue } from "../model/plan.ts";
import { formatRef, type WorkloadRef } from "../model/ref.ts";
import type { ExplainedSource } from "../model/report-explain.ts";
import { blindnessPath } from "../survey/issues.ts";
import type { Surveyed } from "../survey/subjects.ts";
import type { Survey } from "../survey/survey.ts";

/** What concerns the kinds of its sources, or its namespace as a whole. */
function blindnessAbout({ blind }: View, sources: readonly ExplainedSource[]): Blindness[] {
  const kinds = new Set<string>([...sources.map(({ source }) => source.kind), resources.namespace.kind]);
  return blind.filter(({ kind }) => kinds.has(kind));
}

/** The issues of a survey that are about a workload or one of its sources. */
export function issuesAbout(
  { plan, observation }: Survey,
  ref: WorkloadRef,
  sources: readonly ExplainedSource[],
  surveyed: Surveyed | undefined,
): Issue[] {
  const objects = [
    formatRef(ref),
    `${resources.namespace.kind}/${ref.namespace}`,
    ...sources.map(({ source }) => formatRef(source)),
  ];
  const scopes = blindnessAbout(observation, sources).map(blindnessPath);
  const own = plan.issues.filter(
    ({ path }) => scopes.includes(path) || objects.some((name) => path === name || path.startsWith(`${name} `)),
  );
  const pods = surveyed?.podsError;
  // A survey says it once for all workloads of a namespace, under a path of its own.
  const said = pods === undefined || own.some(({ code, path }) => code === "not-observed" && path === formatRef(ref));
  return said ? own : [...own, { code: "not-observed", path: formatRef(ref), message: pods.message }];
}

/** What kept a workload's sources, or its pods where they matter, from being seen. */
export function errorsAbout(
  { observation, sights }: Survey,
  sources: readonly ExplainedSource[],
  surveyed: Surveyed | undefined,
): PortError[] {
  const names = new Set(sources.map(({ source }) => formatRef(source)));
  return [
    ...blindnessAbout(observation, sources).map(({ error }) => error),
    ...sights.flatMap(({ ref, error }) => (error && names.has(formatRef(ref)) ? [error] : [])),
    ...(surveyed?.podsError ? [surveyed.podsError] : []),
  ];
}
