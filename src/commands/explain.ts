import { worstExit } from "../model/exit.ts";
import { resources } from "../model/kinds.ts";
import { leftAlone } from "../model/left-alone.ts";
import { blindnessAt, type Observation } from "../model/observation.ts";
import type { Policy } from "../model/policy.ts";
import { formatRef, type WorkloadRef } from "../model/ref.ts";
import type { ExplainReport } from "../model/report-explain.ts";
import type { Ports } from "../ports.ts";
import { recordOf } from "../record/fold.ts";
import { exitOf, prepare } from "../run/prepare.ts";
import { resolveScope } from "../snapshot/scope.ts";
import { byLocalName, headersOf, indexHeaders, subjectOf } from "../survey/subjects.ts";
import { errorsAbout, issuesAbout } from "./explain-issues.ts";
import { explainMode, explainSettings, explainStrategy } from "./explain-settings.ts";
import { explainSources } from "./explain-sources.ts";
import { findWorkload } from "./find-workload.ts";
import { verdictOf } from "./verdict.ts";

/**
 * Everything about one workload: its sources, the rule that decides for each, what it rolled out with, and what a run would do now.
 * Writes nothing, and needs neither the state's namespace nor the digest key. Fails with a `UsageError` where there is no such
 * workload, and with a `PortError` where workloads of its kind cannot be listed.
 */
export async function explain(
  ports: Ports,
  policy: Policy,
  stateName: string,
  ref: WorkloadRef,
): Promise<ExplainReport> {
  const scope = await resolveScope(ports.cluster, policy.namespaces);
  // Looked at also where the configuration leaves it out, to be able to say so.
  const only = { only: [ref.namespace], ignore: [], selector: "" };
  const prepared = await prepare(ports, { ...policy, ignoreWorkloads: [], namespaces: only }, stateName, false, true);
  const { survey, remembered } = prepared;
  const whole = survey.whole as Observation;
  const workload = findWorkload(whole, ref);
  const surveyed = survey.surveyed.find((each) => each.workload === workload);
  const headers = byLocalName(headersOf(indexHeaders(whole), ref.namespace));
  const own = survey.observation.policyOf(ref.namespace);
  const subject = subjectOf(workload, headers, remembered.state, own);
  const sources = explainSources(subject, headers, survey, surveyed, own);
  const isMine = (each: { readonly workload: WorkloadRef }) => formatRef(each.workload) === formatRef(ref);
  const pending = survey.plan.pending.find(isMine);
  const verdict = verdictOf({
    workload,
    sources,
    surveyed,
    action: survey.plan.actions.find(isMine),
    pending,
    committed: recordOf(remembered.state, ref)?.committed,
    unread: blindnessAt(survey.observation, resources.namespace.kind, ref.namespace),
    inScope: scope.covers(ref.namespace),
    ignored: policy.ignoreWorkloads.includes(ref.kind),
    alone: leftAlone(workload, own),
  });
  const { record } = subject;
  return {
    workload: ref,
    ...verdict,
    sources,
    annotations: workload.directives.read,
    settings: explainSettings(subject, headers, own),
    strategy: explainStrategy(workload, own),
    mode: explainMode(workload, own),
    knowledge: surveyed && {
      origin: surveyed.comparison.origin,
      stamps: workload.stamps,
      recordedAt: record?.recordedAt,
    },
    pending,
    committed: record?.committed,
    quarantines: survey.plan.quarantines.filter(isMine),
    unverified: record?.unverified,
    stripped:
      surveyed?.comparison.origin === "stripped"
        ? { since: record?.stripped?.since ?? survey.now, managers: workload.templateManagers }
        : record?.stripped,
    issues: issuesAbout(survey, ref, sources, surveyed),
    exitCode: worstExit(errorsAbout(survey, sources, surveyed).map(exitOf)),
  };
}
