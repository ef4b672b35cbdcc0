import type { Observation, View } from "../model/observation.ts";
import type { Issue } from "../model/plan.ts";
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
 * through for issues, and forgotten. Fails with a `PortError` only where not even the namespaces can be told.
 */
export async function takeListing({ cluster, policy, keep }: SurveyInput): Promise<Listing> {
  const whole = await observe(cluster, policy);
  const { headers, workloads, ...view } = whole;
  const asks = (workload: Workload) => sourceKinds.some((kind) => asksFor(workload, kind, policy));
  const index = indexHeaders(whole);
  const byNamespace = Map.groupBy(workloads, ({ ref }) => ref.namespace);
  const parts = [...byNamespace].flatMap(([namespace, all]): [string, Part][] => {
    const { asking = [], silent = [] } = Object.groupBy(all, (each) => (asks(each) ? "asking" : "silent"));
    return asking.length === 0
      ? []
      : [[namespace, { headers: headersOf(index, namespace), asking, bystanders: silent }]];
  });
  return {
    view,
    seen: { workloads: workloads.length, sources: headers.length },
    issues: [...listingIssues(whole, index, policy), ...emptyNamespaces(whole, policy)],
    parts: new Map(parts),
    whole: keep ? whole : undefined,
  };
}
