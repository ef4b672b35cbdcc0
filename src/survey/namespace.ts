import type { Digester } from "../model/digest.ts";
import { leftAlone } from "../model/left-alone.ts";
import type { View } from "../model/observation.ts";
import type { Issue, Skip } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { formatRef, type SourceRef, type WorkloadRef } from "../model/ref.ts";
import type { SourceHeader } from "../model/source.ts";
import type { State } from "../model/state.ts";
import type { Outline, Workload, WorkloadHeader } from "../model/workload.ts";
import { candidacies, type HeadersByName } from "../plan/eligible.ts";
import { aloneSkips, decisionSkips, explainSkips } from "../plan/skips.ts";
import type { Cluster } from "../ports.ts";
import type { SourceSight } from "../snapshot/bodies.ts";
import { silentRecord } from "../snapshot/outline.ts";
import type { Sharing } from "../snapshot/sharing.ts";
import { readWorkloads, type WorkloadGap } from "../snapshot/workloads.ts";
import { compareAll, compareFromMemory } from "./comparing.ts";
import { workloadIssues } from "./issues.ts";
import type { Known, SilentFact } from "./known.ts";
import { type Look, sortReading } from "./look.ts";
import { nameWriters } from "./quarantines.ts";
import { changedSources, sightSources, splitSights } from "./sights.ts";
import { byLocalName, type Surveyed, subjectOf } from "./subjects.ts";

/** What a survey stands on. */
export interface SurveyInput {
  readonly cluster: Cluster;
  readonly policy: Policy;
  readonly state: State;
  readonly digester: Digester;
  /** Used where the API server has not told its own. Milliseconds since the epoch. */
  readonly localTime: number;
  /** Read every workload and keep everything that was listed, for questions afterwards. A run has none. */
  readonly keep: boolean;
}

/** The same, and when the survey began, ISO 8601. */
interface Begun extends SurveyInput {
  readonly now: string;
}

/** One namespace of a listing. */
export interface Part extends Known {
  /** That of the namespace. */
  readonly policy: Policy;
  readonly headers: readonly SourceHeader[];
  /** Workloads that were read already. */
  readonly whole: readonly Workload[];
}

/** What became of one namespace. */
export interface SurveyedPart {
  /** What was seen of the sources that concern a workload, those left out that are as the state says. */
  readonly sights: readonly SourceSight[];
  /** Sources that are as the state says. */
  readonly unmoved: readonly SourceRef[];
  readonly surveyed: readonly Surveyed[];
  /** Ask for restarts, and what is remembered of them shows that nothing is to be done or to be remembered anew. */
  readonly quiet: readonly WorkloadRef[];
  readonly silent: readonly SilentFact[];
  readonly unread: readonly WorkloadGap[];
  readonly skips: readonly Skip[];
  readonly issues: readonly Issue[];
}

/**
 * Surveys one namespace. Nobody can use a source of another one, so what it takes to get here is forgotten before the next namespace.
 * What memory shows to be at rest is not read; everything else is decided on the object as it is now.
 */
export async function surveyNamespace(all: Begun, view: View, part: Part, sharing: Sharing): Promise<SurveyedPart> {
  const input = { ...all, policy: part.policy };
  const { policy, digester } = input;
  const headers = byLocalName(part.headers);
  const looker = createLooker(input, part, sharing);
  const subjects = <Seen extends Outline>(all: readonly Seen[], moved?: ReadonlySet<string>) =>
    all.map((workload) => subjectOf(workload, headers, input.state, policy, moved?.has(formatRef(workload.ref))));

  const first = await looker(part.unread);
  const recalled = subjects(part.recalled.map(({ outline }) => outline));
  const fresh = subjects(first.asking, first.moved);
  const sights = await sightSources(input, view, headers, [...recalled, ...fresh]);
  const changed = changedSources(sights, input.state);
  const { quiet, open } = compareFromMemory(input, recalled, sights);

  const toRead = new Set<Outline>(open);
  const again = part.recalled.filter(({ outline }) => toRead.has(outline)).map(({ header }) => header);
  // What those use that ask for nothing matters only where a source changed.
  const bystanding = changed.size > 0 ? part.silent.map(({ header }) => header) : [];
  const second = await looker([...again, ...bystanding]);
  const late = subjects(second.asking, second.moved);
  const allSights = late.length > 0 ? await sightSources(input, view, headers, late, sights) : sights;
  const compared = await nameWriters(input.cluster, await compareAll(input, [...fresh, ...late], allSights));

  const silent = [...first.silent, ...second.silent];
  const reread = new Set([...second.silent, ...second.asking].map(({ ref }) => formatRef(ref)));
  const remembered = part.silent.filter(({ header }) => !reread.has(formatRef(header.ref)));
  const touched = [...quiet, ...compared];
  return {
    ...splitSights(allSights, input),
    surveyed: compared.map(({ candidacies: _, ...surveyed }) => surveyed),
    quiet: quiet.map(({ workload }) => workload.ref),
    silent: [
      ...remembered.map(({ header: { ref }, record }) => ({ ref, record })),
      ...silent.map((each) => ({ ref: each.ref, record: silentRecord(each, digester.fingerprint) })),
    ],
    unread: [...first.gaps, ...second.gaps],
    skips: [...explainSkips(touched, changed), ...bystanderSkips(silent, headers, changed, policy)],
    issues: [
      ...remembered.map(({ header, directives }) => ({ ...header, directives })),
      ...[...touched.map(({ workload }) => workload), ...silent],
    ].flatMap((workload) => workloadIssues(workload, part.headers, policy)),
  };
}

/** Reads workloads of a namespace whole; what was read already is among the first that come. */
function createLooker({ cluster, policy }: SurveyInput, part: Part, sharing: Sharing) {
  const listed = [...part.recalled, ...part.silent].map(({ header }) => header);
  const byKind = Map.groupBy([...listed, ...part.unread], ({ ref }) => ref.kind);
  const means = { cluster, policy, sharing, population: (kind: string) => byKind.get(kind)?.length ?? 0 };
  let known = part.whole;
  return async (wanted: readonly WorkloadHeader[]): Promise<Look> => {
    const { workloads, gaps } = await readWorkloads(wanted, means);
    const all = [...known, ...workloads];
    known = [];
    return sortReading(wanted, { workloads: all, gaps }, policy);
  };
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
    .flatMap((workload) => {
      const own = candidacies(workload, headers, new Set(), policy);
      const alone = leftAlone(workload, policy);
      return alone ? aloneSkips(workload, own, alone, changed) : decisionSkips(workload.ref, own, changed);
    });
}
