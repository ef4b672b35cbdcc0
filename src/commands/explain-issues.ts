import { PortError } from "../model/errors.ts";
import { findWorkloadKind, podTemplate } from "../model/kinds.ts";
import { dig, stringMap } from "../model/object.ts";
import type { Issue } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { formatRef, type WorkloadRef } from "../model/ref.ts";
import type { ExplainedSource } from "../model/report-explain.ts";
import type { Cluster } from "../ports.ts";
import { unknownAnnotations } from "../snapshot/directives-unknown.ts";
import type { Survey } from "../survey/survey.ts";

/** The issues of a survey that are about a workload or one of its sources. */
export function issuesAbout(
  { plan, observation }: Survey,
  ref: WorkloadRef,
  sources: readonly ExplainedSource[],
): Issue[] {
  const objects = [formatRef(ref), ...sources.map(({ source }) => formatRef(source))];
  const kinds = new Set(sources.map(({ source }) => source.kind as string));
  const scopes = observation.blind
    .filter(({ kind }) => kinds.has(kind))
    .map(({ kind, namespace }) => (namespace === undefined ? kind : `${kind} in ${namespace}`));
  return plan.issues.filter(
    ({ path }) => scopes.includes(path) || objects.some((name) => path === name || path.startsWith(`${name} `)),
  );
}

/** What kept a workload's sources from being seen. */
export function errorsAbout({ observation, sights }: Survey, sources: readonly ExplainedSource[]): PortError[] {
  const kinds = new Set(sources.map(({ source }) => source.kind as string));
  const names = new Set(sources.map(({ source }) => formatRef(source)));
  return [
    ...observation.blind.filter(({ kind }) => kinds.has(kind)).map(({ error }) => error),
    ...sights.flatMap(({ ref, error }) => (error && names.has(formatRef(ref)) ? [error] : [])),
  ];
}

/** Annotations of our domains on the workload and its pod template that nobody reads: the commonest reason why nothing happens. */
export async function misspelt(cluster: Cluster, { annotationKeys }: Policy, ref: WorkloadRef): Promise<Issue[]> {
  const kind = findWorkloadKind(ref.kind);
  if (!kind) return [];
  try {
    const object = await cluster.get(kind, ref.namespace, ref.name);
    if (!object) return [];
    const places = [
      { on: formatRef(ref), annotations: object.metadata.annotations },
      { on: `${formatRef(ref)} pod template`, annotations: dig(podTemplate(object, kind), "metadata", "annotations") },
    ];
    return places.flatMap(({ on, annotations }) =>
      unknownAnnotations(stringMap(annotations), annotationKeys, "workload").map(({ code, path, message }) => ({
        code,
        path: `${on} ${path}`,
        message,
      })),
    );
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const message = `${error.message}; whether an annotation is misspelt was not checked`;
    return [{ code: "not-observed", path: formatRef(ref), message }];
  }
}
