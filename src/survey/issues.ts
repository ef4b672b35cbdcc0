import type { PortError } from "../model/errors.ts";
import { resources } from "../model/kinds.ts";
import type { Blindness, Observation, View } from "../model/observation.ts";
import type { Issue } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { compareText, formatRef } from "../model/ref.ts";
import type { SourceHeader } from "../model/source.ts";
import type { Outline } from "../model/workload.ts";
import type { Asking } from "../plan/match.ts";
import { namedListIssues } from "../plan/match-issues.ts";
import type { SourceSight } from "../snapshot/bodies.ts";
import { sourceProblems } from "../snapshot/directives-source.ts";
import type { WorkloadGap } from "../snapshot/workloads.ts";
import { aloneIssues, modeIssues, strategyIssues } from "./kind-issues.ts";
import type { Surveyed } from "./subjects.ts";

/** Sorted by what they are about. */
export function sortIssues(issues: readonly Issue[]): Issue[] {
  return [...issues].sort(
    (a, b) => compareText(a.path, b.path) || compareText(a.code, b.code) || compareText(a.message, b.message),
  );
}

/** What a person should look at in what was listed, the workloads left out. */
export function listingIssues(listed: View & Pick<Observation, "headers">, policy: Policy): Issue[] {
  return [
    ...listed.issues,
    ...listed.blind.map(blindnessIssue),
    ...listed.headers.flatMap((header) => sourceIssues(header, policy)),
  ];
}

/** What a person should look at in what a workload asks. `sources` are those of its namespace. */
export function workloadIssues(
  workload: Pick<Outline, "ref" | "directives" | "batch">,
  sources: readonly SourceHeader[],
  policy: Policy,
): Issue[] {
  return [
    ...directiveIssues(workload),
    ...strategyIssues(workload, policy),
    ...modeIssues(workload, policy),
    ...aloneIssues(workload, policy),
    ...namedListIssues(workload, sources, policy),
  ];
}

/** What lists held. */
type Listed = View & {
  readonly [Of in "headers" | "workloads"]: readonly { readonly ref: { readonly namespace: string } }[];
};

/**
 * Namespaces that were asked for by name and hold nothing: the API answers for one that does not exist as for one that is empty. Only where
 * nothing was left out on purpose, since every namespace has a ConfigMap of its own (kube-controller-manager, root CA publisher).
 */
export function emptyNamespaces({ headers, workloads, blind, covers }: Listed, policy: Policy): Issue[] {
  const { only } = policy.namespaces;
  if (only.length === 0 || policy.selector !== "" || policy.ignoreSources.includes("ConfigMap")) return [];
  const known = new Set([...headers, ...workloads].map(({ ref }) => ref.namespace));
  for (const { namespace } of blind) if (namespace !== undefined) known.add(namespace);
  const message = "there is nothing in it, so it probably does not exist; check its name, and whose cluster this is";
  return only
    .filter((namespace) => !known.has(namespace) && covers(namespace))
    .map((namespace) => ({ code: "namespace-empty", path: `Namespace/${namespace}`, message }));
}

/** What a person should look at in what was found out about the workloads that ask for restarts. */
export function surveyedIssues(
  sights: readonly SourceSight[],
  surveyed: readonly Surveyed[],
  unread: readonly WorkloadGap[],
): Issue[] {
  return [
    ...unread.map(unreadIssue),
    ...sights.flatMap(({ ref, error }) => (error ? [unreadable(formatRef(ref), error)] : [])),
    ...surveyed.flatMap(strippedIssue),
    ...podsIssues(surveyed),
  ];
}

/** What an issue about it is filed under. */
export function blindnessPath({ kind, namespace }: Blindness): string {
  if (namespace === undefined) return kind;
  return kind === resources.namespace.kind ? `${kind}/${namespace}` : `${kind} in ${namespace}`;
}

function blindnessIssue(gap: Blindness): Issue {
  const { kind, namespace, error } = gap;
  const path = blindnessPath(gap);
  if (kind === resources.namespace.kind) return unreadNamespace(path, namespace, error);
  const kept = "what is known of it stays as it was, and changes are acted on once it can be listed again";
  return { code: "not-observed", path, message: `${error.message}; ${kept}` };
}

/** It may be paused, so nothing may restart there; the way out is the right, or the option. */
function unreadNamespace(path: string, namespace: string | undefined, error: PortError): Issue {
  const what = namespace === undefined ? "namespaces" : `namespace ${namespace}`;
  const way = "grant that right, or set namespaceAnnotations: false where no namespace has any";
  const message = `${error.message}; what the annotations of ${what} say is not known, so nothing is restarted there and what is owed stays owed: ${way}`;
  return { code: "not-observed", path, message };
}

function unreadIssue({ ref, error }: WorkloadGap): Issue {
  const path = formatRef(ref);
  return error.code === "bad-answer"
    ? { code: "unreadable-workload", path, message: error.message }
    : unreadable(path, error);
}

function unreadable(path: string, error: PortError): Issue {
  return { code: "not-observed", path, message: `${error.message}; what is known of it stays as it was` };
}

function directiveIssues({ ref, directives }: Asking): Issue[] {
  return directives.problems.map(({ code, path, message }) => ({ code, path: `${formatRef(ref)} ${path}`, message }));
}

function sourceIssues({ ref, annotations }: SourceHeader, policy: Policy): Issue[] {
  const problems = sourceProblems(annotations, policy.annotationKeys);
  return problems.map(({ code, path, message }) => ({ code, path: `${formatRef(ref)} ${path}`, message }));
}

function strippedIssue({ workload, record, comparison }: Surveyed): Issue[] {
  const stripped = comparison.origin === "stripped" ? { managers: workload.templateManagers } : record?.stripped;
  if (!stripped || workload.stamps.direct !== undefined || workload.stamps.git !== undefined) return [];
  const candidates = stripped.managers.length > 0 ? stripped.managers.join(", ") : "nobody that still shows";
  const message = `our stamp is gone from the pod template; candidates, by the fields they manage: ${candidates}. Nothing is forgotten and nothing restarts twice, but each restart may be followed by another one of theirs; reroll.dev/restarted-at: "true" on the workload may help`;
  return [{ code: "stripped", path: formatRef(workload.ref), message }];
}

/** One issue per failed list, however many workloads it leaves undecided. */
function podsIssues(surveyed: readonly Surveyed[]): Issue[] {
  const failed = surveyed.filter(({ podsError }) => podsError !== undefined);
  const groups = Map.groupBy(failed, ({ workload, podsError }) => `${workload.ref.namespace} ${podsError?.message}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const path =
      group.length === 1
        ? formatRef(first.workload.ref)
        : `${group.length} workloads in ${first.workload.ref.namespace}`;
    const message = `${first.podsError?.message}; whether the pods are older than a change is not known, so nothing is decided for them in this run`;
    return [{ code: "not-observed", path, message }];
  });
}
