import type { PortError } from "../model/errors.ts";
import type { Issue } from "../model/plan.ts";
import { formatRef, type WorkloadRef } from "../model/ref.ts";
import type { ExplainedSource } from "../model/report-explain.ts";
import type { Surveyed } from "../survey/subjects.ts";
import type { Survey } from "../survey/survey.ts";

/** The issues of a survey that are about a workload or one of its sources. */
export function issuesAbout(
  { plan, observation }: Survey,
  ref: WorkloadRef,
  sources: readonly ExplainedSource[],
  surveyed: Surveyed | undefined,
): Issue[] {
  const objects = [formatRef(ref), ...sources.map(({ source }) => formatRef(source))];
  const kinds = new Set(sources.map(({ source }) => source.kind as string));
  const scopes = observation.blind
    .filter(({ kind }) => kinds.has(kind))
    .map(({ kind, namespace }) => (namespace === undefined ? kind : `${kind} in ${namespace}`));
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
  const kinds = new Set(sources.map(({ source }) => source.kind as string));
  const names = new Set(sources.map(({ source }) => formatRef(source)));
  return [
    ...observation.blind.filter(({ kind }) => kinds.has(kind)).map(({ error }) => error),
    ...sights.flatMap(({ ref, error }) => (error && names.has(formatRef(ref)) ? [error] : [])),
    ...(surveyed?.podsError ? [surveyed.podsError] : []),
  ];
}
