import type { Observation, View } from "../model/observation.ts";
import type { Plan } from "../model/plan.ts";
import { mapPool } from "../model/pool.ts";
import { compareRefs, type SourceRef, type WorkloadRef } from "../model/ref.ts";
import { assemble } from "../plan/assemble.ts";
import type { SourceSight } from "../snapshot/bodies.ts";
import { templateReader } from "../snapshot/template.ts";
import type { WorkloadGap } from "../snapshot/workloads.ts";
import { sortIssues, surveyedIssues } from "./issues.ts";
import type { SilentFact } from "./known.ts";
import { type Seen, takeListing } from "./listing.ts";
import { type Part, type SurveyInput, surveyNamespace } from "./namespace.ts";
import { quarantineIssues } from "./quarantines.ts";
import type { Surveyed } from "./subjects.ts";
import { owedUnread } from "./unread.ts";

/** Namespaces looked into at the same time. */
const width = 4;

/** observe -> compare -> plan: everything up to the first write. */
export interface Survey {
  readonly observation: View;
  readonly seen: Seen;
  /** Everything that was listed, where the input asked to keep it. */
  readonly whole: Observation | undefined;
  /** What was seen of the sources that concern a workload. */
  readonly sights: readonly SourceSight[];
  /** Those that are as the state says, where the input does not ask to keep everything. */
  readonly unmoved: readonly SourceRef[];
  readonly surveyed: readonly Surveyed[];
  /** Workloads that ask for restarts and are at rest, as far as the state remembers their templates: what it says of them stays. */
  readonly quiet: readonly WorkloadRef[];
  /** Workloads that ask for nothing, and what is remembered of them. */
  readonly silent: readonly SilentFact[];
  /** Workloads that could not be read: what is known of them stays. */
  readonly unread: readonly WorkloadGap[];
  /** How templates were read. */
  readonly reader: string;
  readonly plan: Plan;
  /** When it began, by the API server's clock, ISO 8601: what is younger was perhaps not listed. */
  readonly now: string;
  /** When everything had been read, ISO 8601: what is gone was gone by then. */
  readonly readBy: string;
}

/** Looks at the cluster, compares it with the state, and plans. Writes nothing. Fails with a `PortError` only where not even the namespaces can be told. */
export async function survey(input: SurveyInput): Promise<Survey> {
  const { cluster, digester } = input;
  const time = () => new Date(cluster.serverTime() ?? input.localTime).toISOString();
  const now = time();
  const { view, seen, issues, parts, whole, silent, sharing } = await takeListing(input);
  const done = await mapPool([...parts.keys()], width, (namespace) => {
    const part = parts.get(namespace) as Part;
    parts.delete(namespace);
    return surveyNamespace({ ...input, now }, view, part, sharing);
  });
  const sights = done.flatMap((part) => part.sights);
  const readBy = time();
  const surveyed = done.flatMap((part) => part.surveyed).sort((a, b) => compareRefs(a.workload.ref, b.workload.ref));
  const candidates = surveyed.map(({ podsError, ...each }) => ({ ...each, unobserved: podsError?.message }));
  const unread = done.flatMap((part) => part.unread);
  const skips = done.flatMap((part) => part.skips);
  const { pending, ...assembled } = assemble(candidates, digester, now);
  const plan: Plan = {
    ...assembled,
    pending: [...pending, ...owedUnread(input.state, view)].sort((a, b) => compareRefs(a.workload, b.workload)),
    skips: skips.sort((a, b) => compareRefs(a.workload, b.workload) || compareRefs(a.source, b.source)),
    issues: sortIssues([
      ...issues,
      ...done.flatMap((part) => part.issues),
      ...surveyedIssues(sights, surveyed, unread),
      ...quarantineIssues(assembled.quarantines),
    ]),
  };
  return {
    observation: view,
    seen,
    whole,
    sights,
    unmoved: done.flatMap((part) => part.unmoved),
    surveyed,
    quiet: done.flatMap((part) => part.quiet),
    silent: [...silent, ...done.flatMap((part) => part.silent)],
    unread,
    reader: templateReader(input.policy),
    plan,
    now,
    readBy,
  };
}
