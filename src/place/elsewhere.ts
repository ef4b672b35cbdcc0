import { fleet, type Member } from "../locate/fleet.ts";
import { mapAt, textAt } from "../locate/json.ts";
import { secureJoin } from "../locate/path.ts";
import type { Reader } from "../locate/reader.ts";
import type { RepositoryUse } from "../model/commit.ts";
import { equalPlain } from "../model/equal.ts";
import type { GitRepositoryFacts, KustomizationFacts } from "../model/flux.ts";
import type { Refusal } from "../model/refusals.ts";
import { type Builds, nameOf } from "./builds.ts";

/** A Flux Kustomization that the tree has and this cluster has not. */
export interface Elsewhere {
  /** For people. */
  readonly name: string;
  readonly files: ReadonlySet<string>;
}

/**
 * The Flux Kustomizations of other clusters, as far as manifests in the tree tell of them: those that are not the live ones. A live one is found again
 * once for every cluster, and the first of them is taken for its own. What follows another repository or branch reads nothing here.
 */
export function elsewhere(reader: Reader, builds: Builds, use: RepositoryUse): readonly Elsewhere[] | Refusal {
  const members = fleet(reader, use.sources[0], new Set(["Kustomization", "GitRepository"]));
  if ("code" in members) return members;
  const addresses = addressesOf(members);
  const live = [...builds.edition.facts.values()];
  return withoutCopies(members)
    .filter((each) => !takeOne(live, each.facts))
    .filter(({ facts }) => isHere(facts, addresses, use.sources))
    .flatMap(({ facts, root, walk }) =>
      "code" in walk ? [] : [{ name: `Kustomization ${nameOf(facts)} of ${root}`, files: walk.files }],
    );
}

/** What decides which files a Kustomization reads, and what it makes of them. */
const formOf = (facts: KustomizationFacts): unknown => {
  const { path, targetNamespace, namePrefix, nameSuffix, patches, components, substitute } = facts;
  return [nameOf(facts), secureJoin(path), targetNamespace, namePrefix, nameSuffix, patches, components, substitute];
};

/** A root that says the same as one before it is a copy, for bootstrapping as a rule, and no cluster of its own: what it leads to is left out. */
function withoutCopies(members: readonly Member[]): readonly Member[] {
  const roots: unknown[] = [];
  let copy = false;
  return members.filter(({ facts, defined }) => {
    if (defined) return !copy;
    const form = formOf(facts);
    copy = roots.some((each) => equalPlain(each, form));
    roots.push(form);
    return !copy;
  });
}

/** Whether it is one of the live ones, which is taken from the list then. */
function takeOne(live: KustomizationFacts[], facts: KustomizationFacts): boolean {
  const at = live.findIndex(
    (each) => nameOf(each) === nameOf(facts) && secureJoin(each.path) === secureJoin(facts.path),
  );
  if (at >= 0) live.splice(at, 1);
  return at >= 0;
}

/** Where the GitRepositories of the tree come from, by name: one for each cluster that has one of that name. */
function addressesOf(members: readonly Member[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { walk } of members)
    for (const { built, value } of "code" in walk ? [] : walk.definitions) {
      if (built.kind !== "GitRepository") continue;
      const spec = mapAt(value, "spec");
      const address = addressOf(textAt(spec, "url"), textAt(mapAt(spec, "ref"), "branch"));
      found.set(nameOf(built), [...(found.get(nameOf(built)) ?? []), address]);
    }
  return found;
}

function isHere(
  { sourceRef }: KustomizationFacts,
  addresses: ReadonlyMap<string, readonly string[]>,
  sources: readonly GitRepositoryFacts[],
): boolean {
  const known = addresses.get(nameOf(sourceRef));
  if (!known || sources.some((each) => nameOf(each) === nameOf(sourceRef))) return true;
  const own = sources.map(({ url, branch }) => addressOf(url, branch ?? ""));
  return known.some((each) => own.includes(each));
}

/** Host, path and branch: a repository has one address over HTTPS and another one over SSH. */
const addressOf = (url: string, branch: string): string =>
  `${url
    .toLowerCase()
    .replace(/^[a-z+]+:\/\//, "")
    .replace(/^[^/@]*@/, "")
    .replace(/^([^/:]+):\d+\//, "$1/")
    .replace(/\.git\/?$|\/$/, "")}#${branch}`;
