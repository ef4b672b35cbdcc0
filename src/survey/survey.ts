import type { Observation } from "../model/observation.ts";
import type { Plan } from "../model/plan.ts";
import { mapPool } from "../model/pool.ts";
import { compareRefs, sourceKinds } from "../model/ref.ts";
import type { Workload } from "../model/workload.ts";
import { assemble } from "../plan/assemble.ts";
import { asksFor } from "../plan/eligible.ts";
import type { SourceSight } from "../snapshot/bodies.ts";
import { observe } from "../snapshot/observe.ts";
import { surveyIssues } from "./issues.ts";
import { type SurveyInput, surveyNamespace } from "./namespace.ts";
import { headersOf, indexHeaders, type Surveyed } from "./subjects.ts";

/** Namespaces looked into at the same time. */
const width = 4;

/** observe -> compare -> plan: everything up to the first write. */
export interface Survey {
  readonly observation: Observation;
  readonly sights: readonly SourceSight[];
  readonly surveyed: readonly Surveyed[];
  readonly plan: Plan;
  /** ISO 8601, by the API server's clock. */
  readonly now: string;
}

/** Looks at the cluster, compares it with the state, and plans. Writes nothing. Fails with a `PortError` only where not even the namespaces can be told. */
export async function survey(input: SurveyInput): Promise<Survey> {
  const { cluster, policy, digester } = input;
  const observation = await observe(cluster, policy);
  const now = new Date(cluster.serverTime() ?? input.localTime).toISOString();
  const index = indexHeaders(observation);
  const { asking = [], silent = [] } = Object.groupBy(observation.workloads, (workload) =>
    sourceKinds.some((kind) => asksFor(workload, kind, policy)) ? "asking" : "silent",
  );
  const bystanders = byNamespace(silent);
  const parts = await mapPool([...byNamespace(asking)], width, ([namespace, workloads]) => {
    const headers = headersOf(index, namespace);
    const part = { headers, asking: workloads, bystanders: bystanders.get(namespace) ?? [] };
    return surveyNamespace(input, observation, part);
  });
  const sights = parts.flatMap((part) => part.sights);
  const surveyed = parts.flatMap((part) => part.surveyed);
  const candidates = surveyed.map(({ comparison, record, podsError }) => ({
    comparison,
    record,
    unobserved: podsError?.message,
  }));
  const skips = parts.flatMap((part) => part.skips);
  const plan: Plan = {
    ...assemble(candidates, digester, now),
    skips: skips.sort((a, b) => compareRefs(a.workload, b.workload) || compareRefs(a.source, b.source)),
    issues: surveyIssues(observation, sights, surveyed, policy, index),
  };
  return { observation, sights, surveyed, plan, now };
}

function byNamespace(workloads: readonly Workload[]): Map<string, Workload[]> {
  return Map.groupBy(workloads, ({ ref }) => ref.namespace);
}
