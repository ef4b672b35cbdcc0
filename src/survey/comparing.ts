import { compareWorkload } from "../diff/compare.ts";
import type { Comparison } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import { modeOf } from "../model/mode.ts";
import type { Policy } from "../model/policy.ts";
import { formatRef } from "../model/ref.ts";
import type { State } from "../model/state.ts";
import type { Outline, PodFacts } from "../model/workload.ts";
import { watchLoops } from "../plan/quarantine.ts";
import type { Cluster } from "../ports.ts";
import { isAtRest } from "../record/workloads.ts";
import type { SourceSight } from "../snapshot/bodies.ts";
import { observePods } from "../snapshot/pods.ts";
import { eligibleSources, type Subject, type Surveyed } from "./subjects.ts";
import { termsOf } from "./terms.ts";

/** What comparing takes. */
interface CompareInput {
  readonly cluster: Cluster;
  readonly policy: Policy;
  readonly state: State;
  readonly digester: Digester;
  /** When the survey began, ISO 8601. */
  readonly now: string;
}

type Compared<Seen extends Outline> = Subject<Seen> & { readonly comparison: Comparison<Seen> };

function comparer({ policy, state, digester }: CompareInput, sights: readonly SourceSight[]) {
  const sightByRef = new Map(sights.map((each) => [formatRef(each.ref), each]));
  return <Seen extends Outline>(subject: Subject<Seen>, pods: PodFacts | undefined) => {
    const chosen = modeOf(subject.workload, policy);
    const mode = chosen.is === "known" ? chosen.name : "direct";
    const rules = { mode, digester, catchUp: policy.catchUp };
    const eligible = eligibleSources(subject, sightByRef, state, policy);
    return compareWorkload(subject.workload, subject.record, eligible, rules, pods);
  };
}

/** Compares what memory tells. `open`: there is something to do, to say or to remember, and that is decided on the object itself. */
export function compareFromMemory(
  input: CompareInput,
  subjects: readonly Subject<Outline>[],
  sights: readonly SourceSight[],
): { readonly quiet: readonly Compared<Outline>[]; readonly open: readonly Outline[] } {
  const compare = comparer(input, sights);
  const rules = { digester: input.digester, ignored: input.policy.ignoreSources };
  const quiet: Compared<Outline>[] = [];
  const open: Outline[] = [];
  for (const subject of subjects) {
    const comparison = compare(subject, undefined);
    if (isAtRest(comparison, subject.record, rules)) quiet.push({ ...subject, comparison });
    else open.push(subject.workload);
  }
  return { quiet, open };
}

/** Compares every subject, and again with its pods where their age decides. */
export async function compareAll(
  input: CompareInput,
  subjects: readonly Subject[],
  sights: readonly SourceSight[],
): Promise<(Subject & Surveyed)[]> {
  const { cluster, policy, digester, now } = input;
  const compare = comparer(input, sights);
  const first = subjects.map((subject) => ({ subject, comparison: compare(subject, undefined) }));
  const open = first.filter(({ comparison }) => comparison.needsPods).map(({ subject }) => subject.workload);
  const seen = await observePods(cluster, open, policy.kinds);
  return first.map(({ subject, comparison }) => {
    const { pods, error } = seen.get(formatRef(subject.workload.ref)) ?? {};
    const terms = termsOf(subject.workload, policy);
    const final = pods ? compare(subject, pods) : comparison;
    const loops = watchLoops(final, subject.record, { ...policy.loopBreaker, digester, now });
    return { ...subject, ...terms, comparison: final, loops, podsError: error };
  });
}
