import { compareWorkload } from "../diff/compare.ts";
import type { CompareRules } from "../diff/judge.ts";
import type { Digester } from "../model/digest.ts";
import type { Observation } from "../model/observation.ts";
import type { Plan, Skip } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { compareRefs, formatRef, sourceKinds } from "../model/ref.ts";
import type { State } from "../model/state.ts";
import type { PodFacts, Workload } from "../model/workload.ts";
import { assemble } from "../plan/assemble.ts";
import { asksFor, candidacies } from "../plan/eligible.ts";
import { decisionSkips, explainSkips } from "../plan/skips.ts";
import type { Cluster } from "../ports.ts";
import type { SourceSight } from "../snapshot/bodies.ts";
import { observe } from "../snapshot/observe.ts";
import { observePods } from "../snapshot/pods.ts";
import { surveyIssues } from "./issues.ts";
import { changedSources, sightSources } from "./sights.ts";
import {
  eligibleSources,
  type HeaderIndex,
  headersOf,
  indexHeaders,
  type Subject,
  type Surveyed,
  subjectOf,
} from "./subjects.ts";

/** observe -> compare -> plan: everything up to the first write. */
export interface Survey {
  readonly observation: Observation;
  readonly sights: readonly SourceSight[];
  readonly surveyed: readonly Surveyed[];
  readonly plan: Plan;
  /** ISO 8601, by the API server's clock. */
  readonly now: string;
}

/** What a survey stands on. */
export interface SurveyInput {
  readonly cluster: Cluster;
  readonly policy: Policy;
  readonly state: State;
  readonly digester: Digester;
  /** Used where the API server has not told its own. Milliseconds since the epoch. */
  readonly localTime: number;
}

/** Looks at the cluster, compares it with the state, and plans. Writes nothing. Fails with a `PortError` only where not even the namespaces can be told. */
export async function survey(input: SurveyInput): Promise<Survey> {
  const { cluster, policy, state, digester } = input;
  const observation = await observe(cluster, policy);
  const now = new Date(cluster.serverTime() ?? input.localTime).toISOString();
  const index = indexHeaders(observation);
  const asking = new Set(
    observation.workloads.filter((workload) => sourceKinds.some((kind) => asksFor(workload, kind, policy))),
  );
  const subjects = [...asking].map((workload) => subjectOf(workload, index, state, policy));
  const sights = await sightSources(cluster, policy, state, digester, observation, index, subjects);
  const surveyed = await compareAll(input, subjects, sights);
  const candidates = surveyed.map(({ comparison, record, podsError }) => ({
    comparison,
    record,
    unobserved: podsError?.message,
  }));
  const changed = changedSources(sights, state);
  const bystanders = observation.workloads.filter((workload) => !asking.has(workload));
  const skips = [...explainSkips(surveyed, changed), ...bystanderSkips(bystanders, index, changed, policy)];
  const plan: Plan = {
    ...assemble(candidates, digester, now),
    skips: skips.sort((a, b) => compareRefs(a.workload, b.workload) || compareRefs(a.source, b.source)),
    issues: surveyIssues(observation, sights, surveyed, policy, index),
  };
  return { observation, sights, surveyed, plan, now };
}

/** Compares every subject, and again with its pods where their age decides. */
async function compareAll(
  { cluster, policy, state, digester }: SurveyInput,
  subjects: readonly Subject[],
  sights: readonly SourceSight[],
): Promise<Surveyed[]> {
  const { reloadOnCreate, reloadOnDelete, catchUp } = policy;
  const rules: CompareRules = { mode: "direct", digester, reloadOnCreate, reloadOnDelete, catchUp };
  const sightByRef = new Map(sights.map((each) => [formatRef(each.ref), each]));
  const compare = (subject: Subject, pods: PodFacts | undefined) =>
    compareWorkload(subject.workload, subject.record, eligibleSources(subject, sightByRef, state), rules, pods);
  const first = subjects.map((subject) => ({ subject, comparison: compare(subject, undefined) }));
  const open = first.filter(({ comparison }) => comparison.needsPods).map(({ subject }) => subject.workload);
  const seen = await observePods(cluster, open);
  return first.map(({ subject, comparison }) => {
    const { pods, error } = seen.get(formatRef(subject.workload.ref)) ?? {};
    return { ...subject, comparison: pods ? compare(subject, pods) : comparison, podsError: error };
  });
}

/** Workloads that ask for nothing but use a source that changed. */
function bystanderSkips(
  bystanders: readonly Workload[],
  index: HeaderIndex,
  changed: ReadonlySet<string>,
  policy: Policy,
): Skip[] {
  return bystanders
    .filter(({ ref, uses }) => uses.some((use) => changed.has(`${use.kind}/${ref.namespace}/${use.name}`)))
    .flatMap((workload) => {
      const all = candidacies(workload, headersOf(index, workload.ref.namespace), new Set(), policy);
      return decisionSkips(workload.ref, all, changed);
    });
}
