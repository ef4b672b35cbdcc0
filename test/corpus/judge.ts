import type { Definition } from "../../src/locate/definition.ts";
import type { Member } from "../../src/locate/fleet.ts";
import type { CommitTarget, Placed } from "../../src/model/commit.ts";
import type { Json } from "../../src/model/object.ts";
import { placeAll } from "../../src/place/place.ts";
import type { Tree } from "../../src/ports.ts";
import { type Cluster, clustersOf, targetsOf, withChanges } from "../support/clusters.ts";
import { stampOf } from "../support/placing.ts";
import { withoutStamps } from "../support/without-stamps.ts";

/** What came of the targets of one repository. */
export interface Verdict {
  readonly reached: number;
  readonly right: number;
  readonly wrong: readonly string[];
  readonly refused: readonly { readonly target: CommitTarget; readonly code: string; readonly message: string }[];
  readonly ways: ReadonlyMap<string, number>;
}

/**
 * Gives every workload and HelmRelease of every cluster of a tree its stamp, and builds all clusters again from nothing. Wrong is: a stamp that is
 * announced and not there, one that is there and not announced, anything else that differs, in any cluster; and a second time that changes something.
 */
export function judge(tree: Tree): Verdict {
  const clusters = clustersOf(tree);
  const wrong: string[] = [];
  const refused: Verdict["refused"][number][] = [];
  const ways = new Map<string, number>();
  let [reached, right] = [0, 0];
  for (const [index, cluster] of clusters.entries()) {
    const targets = targetsOf(cluster, stampOf());
    if (targets.length === 0) continue;
    const placed = placeAll(tree, targets, cluster.use);
    reached += targets.length;
    refused.push(...placed.refused.map(({ target, refusal }) => ({ target, ...refusal })));
    for (const { placement } of placed.placed) ways.set(placement.way, (ways.get(placement.way) ?? 0) + 1);
    const after = withChanges(tree, placed.files);
    const errors = [...compare(clusters, clustersOf(after), index, placed), ...twice(after, targets, cluster, placed)];
    wrong.push(...errors);
    right += errors.length ? 0 : placed.placed.length;
  }
  return { reached, right, wrong, refused, ways };
}

function twice(tree: Tree, targets: readonly CommitTarget[], { use }: Cluster, first: Placed): readonly string[] {
  const again = placeAll(tree, targets, use);
  const errors = again.files.map(({ path }) => `${path} changes a second time`);
  const late = again.placed.filter(({ already }) => !already);
  errors.push(...late.map(({ target }) => `${shown(target.owned.object)} does not have its stamp already`));
  if (again.placed.length !== first.placed.length) errors.push("another number is placed the second time");
  return errors;
}

const shown = ({ kind, namespace, name }: Definition["built"]): string => `${kind} ${namespace}/${name}`;

/** Every object of every Flux Kustomization of every cluster, by where it comes from. */
function objectsOf(clusters: readonly Cluster[]): Map<string, { readonly value: Json; readonly id: string }> {
  const seen = new Map<string, number>();
  const entries = clusters.flatMap(({ members }, index) =>
    members.flatMap((member) =>
      definitionsOf(member).map(({ built, path, document, item, value }) => {
        const own = `${index} ${member.facts.namespace}/${member.facts.name} ${shown(built)}`;
        const key = `${own} ${path} ${document} ${item}`;
        const times = (seen.get(key) ?? 0) + 1;
        seen.set(key, times);
        return [`${key} ${times}`, { value, id: own }] as const;
      }),
    ),
  );
  return new Map(entries);
}

const definitionsOf = ({ walk }: Member): readonly Definition[] => ("code" in walk ? [] : walk.definitions);

function compare(
  before: readonly Cluster[],
  after: readonly Cluster[],
  cluster: number,
  { placed }: Placed,
): readonly string[] {
  const due = new Set(
    placed.map(({ target: { owned } }) => {
      const { namespace, name } = owned.kustomization;
      return `${cluster} ${namespace}/${name} ${shown(owned.object)}`;
    }),
  );
  const stamped = new Set<string>();
  const [was, is] = [objectsOf(before), objectsOf(after)];
  const errors: string[] = [];
  if (was.size !== is.size) errors.push("another number of objects is built");
  for (const [key, { value, id }] of was) {
    const now = is.get(key);
    if (!now) errors.push(`${key} is not built any more`);
    else if (JSON.stringify(value) !== JSON.stringify(now.value)) {
      const gone = withoutStamps(now.value);
      const isFlux = id.includes(" Kustomization ");
      if (JSON.stringify(withoutStamps(value)) !== JSON.stringify(gone)) errors.push(`${key} differs in more`);
      else if (!isFlux && !due.has(id)) errors.push(`${key} was not asked for`);
      else stamped.add(id);
    }
  }
  for (const id of due) if (!stamped.has(id)) errors.push(`${id} did not get its stamp`);
  return errors;
}
