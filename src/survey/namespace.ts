import { compareWorkload } from "../diff/compare.ts";
import type { CompareRules } from "../diff/judge.ts";
import type { Digester } from "../model/digest.ts";
import type { View } from "../model/observation.ts";
import type { Skip } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { formatRef } from "../model/ref.ts";
import type { SourceHeader } from "../model/source.ts";
import type { State } from "../model/state.ts";
import type { PodFacts, Workload } from "../model/workload.ts";
import { candidacies, type HeadersByName } from "../plan/eligible.ts";
import { watchLoops } from "../plan/quarantine.ts";
import { decisionSkips, explainSkips } from "../plan/skips.ts";
import type { Cluster } from "../ports.ts";
import type { SourceSight } from "../snapshot/bodies.ts";
import { observePods } from "../snapshot/pods.ts";
import { changedSources, sightSources } from "./sights.ts";
import { byLocalName, eligibleSources, type Subject, type Surveyed, subjectOf } from "./subjects.ts";
import { termsOf } from "./terms.ts";

/** What a survey stands on. */
export interface SurveyInput {
  readonly cluster: Cluster;
  readonly policy: Policy;
  readonly state: State;
  readonly digester: Digester;
  /** Used where the API server has not told its own. Milliseconds since the epoch. */
  readonly localTime: number;
  /** Keep everything that was listed, for questions afterwards. A run has none. */
  readonly keep: boolean;
}

/** The same, and when the survey began, ISO 8601. */
interface Begun extends SurveyInput {
  readonly now: string;
}

/** One namespace of an observation. */
export interface Part {
  /** That of the namespace. */
  readonly policy: Policy;
  readonly headers: readonly SourceHeader[];
  /** Workloads that ask for restarts. */
  readonly asking: readonly Workload[];
  /** Workloads that ask for nothing. */
  readonly bystanders: readonly Workload[];
}

/** What became of one namespace. */
export interface SurveyedPart {
  readonly sights: readonly SourceSight[];
  readonly surveyed: readonly Surveyed[];
  readonly skips: readonly Skip[];
}

/** Surveys one namespace. Nobody can use a source of another one, so what it takes to get here is forgotten before the next namespace. */
export async function surveyNamespace(all: Begun, view: View, part: Part): Promise<SurveyedPart> {
  const input = { ...all, policy: part.policy };
  const { policy, state } = input;
  const headers = byLocalName(part.headers);
  const subjects = part.asking.map((workload) => subjectOf(workload, headers, state, policy));
  const sights = await sightSources(input, view, headers, subjects);
  const compared = await compareAll(input, subjects, sights);
  const changed = changedSources(sights, state);
  return {
    sights,
    surveyed: compared.map(({ candidacies: _, ...surveyed }) => surveyed),
    skips: [...explainSkips(compared, changed), ...bystanderSkips(part.bystanders, headers, changed, policy)],
  };
}

/** Compares every subject, and again with its pods where their age decides. */
async function compareAll(
  { cluster, policy, state, digester, now }: Begun,
  subjects: readonly Subject[],
  sights: readonly SourceSight[],
): Promise<(Subject & Surveyed)[]> {
  const rules: CompareRules = { mode: "direct", digester, catchUp: policy.catchUp };
  const sightByRef = new Map(sights.map((each) => [formatRef(each.ref), each]));
  const compare = (subject: Subject, pods: PodFacts | undefined) =>
    compareWorkload(subject.workload, subject.record, eligibleSources(subject, sightByRef, state, policy), rules, pods);
  const first = subjects.map((subject) => ({ subject, comparison: compare(subject, undefined) }));
  const open = first.filter(({ comparison }) => comparison.needsPods).map(({ subject }) => subject.workload);
  const seen = await observePods(cluster, open);
  return first.map(({ subject, comparison }) => {
    const { pods, error } = seen.get(formatRef(subject.workload.ref)) ?? {};
    const terms = termsOf(subject.workload, policy);
    const final = pods ? compare(subject, pods) : comparison;
    const loops = watchLoops(final, subject.record, { ...policy.loopBreaker, digester, now });
    return { ...subject, ...terms, comparison: final, loops, podsError: error };
  });
}

/** Workloads that ask for nothing but use a source that changed. */
function bystanderSkips(
  bystanders: readonly Workload[],
  headers: HeadersByName,
  changed: ReadonlySet<string>,
  policy: Policy,
): Skip[] {
  return bystanders
    .filter(({ ref, uses }) => uses.some((use) => changed.has(`${use.kind}/${ref.namespace}/${use.name}`)))
    .flatMap((workload) => decisionSkips(workload.ref, candidacies(workload, headers, new Set(), policy), changed));
}
