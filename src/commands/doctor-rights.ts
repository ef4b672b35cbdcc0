import type { Right } from "../model/errors.ts";
import { fluxResources } from "../model/flux-resources.ts";
import { type Resource, sourceResources } from "../model/kinds.ts";
import type { Policy } from "../model/policy.ts";
import { mapPool } from "../model/pool.ts";
import { type NeededRight, neededRights } from "../model/rights.ts";
import type { Cluster } from "../ports.ts";
import { type Finding, fine, type Patient, problem } from "./doctor-finding.ts";

/** Questions asked at the same time. */
const width = 8;

/** Asks by SelfSubjectAccessReview for every right a run uses, in the namespaces it looks at. */
export async function checkRights({ ports: { cluster, states }, policy }: Patient): Promise<Finding> {
  const needed = await servedRights(cluster, neededRights(policy, states.namespace), policy);
  const answers = await mapPool(needed, width, ({ right }) => cluster.can(right));
  const missing = needed.filter((_, index) => !answers[index]);
  if (missing.length === 0) return fine("rights", `all ${needed.length} that a run uses are there`);
  return problem(
    "rights",
    `${missing.length} of ${needed.length} that a run uses ${missing.length === 1 ? "is" : "are"} missing`,
    "Grant them to this identity, or narrow what is looked at (namespaces, ignoreSources, ignoreWorkloads).",
    3,
    missingRules(missing),
  );
}

/** Those of resources that are there: what may be absent and is not served needs no right. */
async function servedRights(
  cluster: Cluster,
  needed: readonly NeededRight[],
  { kinds }: Policy,
): Promise<NeededRight[]> {
  const known: Resource[] = [...kinds, ...Object.values(sourceResources), ...Object.values(fluxResources)];
  const asked = known.filter(({ group, plural }) =>
    needed.some(({ right }) => right.group === group && right.resource === plural),
  );
  const optional = asked.filter((resource) => resource.optional);
  const served = await mapPool(optional, width, (resource) => cluster.serves(resource));
  const absent = optional.filter((_, index) => !served[index]);
  return needed.filter(({ right }) =>
    absent.every(({ group, plural }) => group !== right.group || plural !== right.resource),
  );
}

/** One line per rule to add: where, the rule as RBAC writes it, and what it is needed for. */
function missingRules(missing: readonly NeededRight[]): string[] {
  const rules = Map.groupBy(missing, ({ right: { group, resource, namespace, name }, why }) =>
    JSON.stringify([group, resource, namespace, name, why]),
  );
  return [...rules.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const verbs = group.map(({ right }) => right.verb);
    return [`${place(first.right)}: ${rule(first.right, verbs)} - needed to ${first.why}`];
  });
}

function place({ namespace }: Right): string {
  return namespace === undefined ? "ClusterRole" : `Role in ${namespace}`;
}

/** `rbac.authorization.k8s.io/v1.PolicyRule` in YAML's flow style, to be copied. */
function rule({ group, resource, name }: Right, verbs: readonly string[]): string {
  const names = name === undefined ? "" : `, resourceNames: ["${name}"]`;
  const quoted = verbs.map((verb) => `"${verb}"`).join(", ");
  return `{apiGroups: ["${group}"], resources: ["${resource}"]${names}, verbs: [${quoted}]}`;
}
