import { resources } from "../model/kinds.ts";
import { blindnessAt, type Observation, type View } from "../model/observation.ts";
import type { Issue } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { sourceKinds } from "../model/ref.ts";
import type { Workload } from "../model/workload.ts";
import { asksFor } from "../plan/eligible.ts";
import { observe } from "../snapshot/observe.ts";
import { emptyNamespaces, listingIssues } from "./issues.ts";
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
  /** By namespace, those where some workload asks for restarts. To be taken out one by one: whoever is done with a part lets go of it. */
  readonly parts: Map<string, Part>;
  /** Everything, where the input asks to keep it. */
  readonly whole: Observation | undefined;
}

/**
 * Lists sources and workloads, and keeps of them what a survey needs: the namespaces where nobody asks for restarts are counted, looked
 * through for issues, and forgotten. So are those of which nobody knows what their annotations say: which sources count, or whether
 * anything may restart, cannot be told there, and what a look by other rules would remember could hide a change for ever. Fails with a `PortError` only where not even the namespaces can be told.
 */
export async function takeListing({ cluster, policy, keep }: SurveyInput): Promise<Listing> {
  const whole = await observe(cluster, policy);
  const { headers, workloads, ...view } = whole;
  const asks = (workload: Workload, own: Policy) => sourceKinds.some((kind) => asksFor(workload, kind, own));
  const index = indexHeaders(whole);
  const byNamespace = Map.groupBy(workloads, ({ ref }) => ref.namespace);
  const parts = [...byNamespace].flatMap(([namespace, all]): [string, Part][] => {
    if (blindnessAt(view, resources.namespace.kind, namespace)) return [];
    const own = view.policyOf(namespace);
    const { asking = [], silent = [] } = Object.groupBy(all, (each) => (asks(each, own) ? "asking" : "silent"));
    return asking.length === 0
      ? []
      : [[namespace, { policy: own, headers: headersOf(index, namespace), asking, bystanders: silent }]];
  });
  return {
    view,
    seen: { workloads: workloads.length, sources: headers.length },
    issues: [...listingIssues(whole, index, policy), ...emptyNamespaces(whole, policy)],
    parts: new Map(parts),
    whole: keep ? whole : undefined,
  };
}
