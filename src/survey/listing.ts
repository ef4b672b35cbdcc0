import { resources } from "../model/kinds.ts";
import { blindnessAt, type Observation, type View } from "../model/observation.ts";
import type { Issue } from "../model/plan.ts";
import type { WorkloadHeader } from "../model/workload.ts";
import { type Glance, glance, observe } from "../snapshot/observe.ts";
import { createSharing, type Sharing } from "../snapshot/sharing.ts";
import { emptyNamespaces, listingIssues, workloadIssues } from "./issues.ts";
import { absentIssues } from "./kind-issues.ts";
import { recall, type SilentFact } from "./known.ts";
import type { Part, SurveyInput } from "./namespace.ts";
import { headersOf, indexHeaders } from "./subjects.ts";

/** How much was listed. */
export interface Seen {
  readonly workloads: number;
  readonly sources: number;
}

/** What was listed, as far as anything more is done with it. */
export interface Listing {
  readonly view: View;
  readonly seen: Seen;
  readonly issues: readonly Issue[];
  /** By namespace, those where some workload asks for restarts or may do so. To be taken out one by one: whoever is done with a part lets go of it. */
  readonly parts: Map<string, Part>;
  /** What is remembered of the workloads of all other namespaces: all of them ask for nothing. */
  readonly silent: readonly SilentFact[];
  /** Everything, where the input asks to keep it. */
  readonly whole: Observation | undefined;
  readonly sharing: Sharing;
}

/**
 * Lists sources and workloads, and keeps of them what a survey needs: the namespaces where nobody asks for restarts are counted, looked
 * through for issues, and forgotten. So are those of which nobody knows what their annotations say: which sources count, or whether
 * anything may restart, cannot be told there, and what a look by other rules would remember could hide a change for ever. Fails with a `PortError` only where not even the namespaces can be told.
 */
export async function takeListing(input: SurveyInput): Promise<Listing> {
  const { cluster, policy, keep } = input;
  const whole = keep ? await observe(cluster, policy) : undefined;
  const seen: Omit<Glance, "workloads"> & { readonly workloads: readonly WorkloadHeader[] } = whole
    ? { ...whole, workloads: [], sharing: createSharing() }
    : await glance(cluster, policy);
  const { headers, workloads, sharing, ...view } = seen;
  const index = indexHeaders(seen);
  const issues: Issue[] = [
    ...listingIssues(seen, policy),
    ...emptyNamespaces({ ...seen, workloads: whole?.workloads ?? workloads }, policy),
    ...absentIssues(view, input.state),
  ];
  const isUnknown = (namespace: string) => blindnessAt(view, resources.namespace.kind, namespace) !== undefined;
  const silent: SilentFact[] = [];
  const parts = new Map<string, Part>();
  for (const [namespace, own] of Map.groupBy(workloads, ({ ref }) => ref.namespace)) {
    if (isUnknown(namespace)) continue;
    const policy = view.policyOf(namespace);
    const known = recall(own, { ...input, policy }, sharing);
    const sources = headersOf(index, namespace);
    if (known.recalled.length > 0 || known.unread.length > 0) {
      parts.set(namespace, { ...known, policy, headers: sources, whole: [] });
      continue;
    }
    for (const { header, directives, record } of known.silent) {
      issues.push(...workloadIssues({ ...header, directives }, sources, policy));
      silent.push({ ref: header.ref, record });
    }
  }
  for (const [namespace, own] of Map.groupBy(whole?.workloads ?? [], ({ ref }) => ref.namespace)) {
    if (isUnknown(namespace)) continue;
    const headers = headersOf(index, namespace);
    parts.set(namespace, {
      policy: view.policyOf(namespace),
      recalled: [],
      silent: [],
      unread: [],
      headers,
      whole: own,
    });
  }
  const count = whole?.workloads.length ?? workloads.length;
  return { view, seen: { workloads: count, sources: headers.length }, issues, parts, silent, whole, sharing };
}
