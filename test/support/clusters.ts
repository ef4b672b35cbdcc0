import { fleet, type Member } from "../../src/locate/fleet.ts";
import { readerOf } from "../../src/locate/reader.ts";
import type { CommitTarget, RepositoryUse } from "../../src/model/commit.ts";
import { equalPlain } from "../../src/model/equal.ts";
import type { FileChange } from "../../src/model/git.ts";
import type { Tree } from "../../src/ports.ts";
import { repository, target } from "./placing.ts";

/** One cluster, as far as the manifests of a tree tell: Flux Kustomizations of different names. */
export interface Cluster {
  readonly members: readonly Member[];
  readonly use: RepositoryUse;
}

const nameOf = ({ facts }: Member): string => `${facts.namespace}/${facts.name}`;

/** A root that one cluster can have beside the others belongs to it; one that is there already is a copy. */
export function clustersOf(tree: Tree): readonly Cluster[] {
  const all = fleet(readerOf(tree));
  if ("code" in all) throw new Error(all.message);
  const groups: Member[][] = [];
  for (const member of all) {
    if (!member.defined) groups.push([]);
    groups.at(-1)?.push(member);
  }
  const clusters: Member[][] = [];
  const roots: unknown[] = [];
  for (const group of groups) {
    const root = { ...group[0]?.facts, labels: {}, annotations: {} };
    if (roots.some((each) => equalPlain(each, root))) continue;
    roots.push(root);
    const own = new Set(group.map(nameOf));
    const free = clusters.find((members) => !members.some((each) => own.has(nameOf(each))));
    if (free) free.push(...group);
    else clusters.push([...group]);
  }
  return clusters.map((members) => {
    const kustomizations = members.map(({ facts }) => facts);
    const sources = new Map(
      kustomizations.map(({ sourceRef: { namespace, name } }) => [
        `${namespace}/${name}`,
        { ...repository, namespace, name },
      ]),
    );
    return { members, use: { kustomizations, sources: [...sources.values()] } };
  });
}

/** Kinds that a restart is asked for, in every cluster. */
const wanted: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "DaemonSet", "HelmRelease"]);

/** A target for every workload and HelmRelease that the Kustomizations of a cluster make; a HelmRelease gets a Deployment of its name. */
export function targetsOf({ members }: Cluster, stamp: string): readonly CommitTarget[] {
  return members.flatMap(({ facts, walk }) =>
    ("code" in walk ? [] : walk.definitions)
      .filter(({ built }) => wanted.has(built.kind))
      .map(({ built: { kind, namespace, name } }) =>
        kind === "HelmRelease"
          ? target(facts, { kind: "Deployment", namespace, name, release: name }, { stamp })
          : target(facts, { kind, namespace, name }, { stamp }),
      ),
  );
}

/** The same tree with files changed. */
export function withChanges(tree: Tree, files: readonly FileChange[]): Tree {
  const changed = new Map(files.map(({ path, after }) => [path, after]));
  return {
    list: (directory) => tree.list(directory),
    read: (path) => {
      const after = changed.get(path);
      return after ? after : tree.read(path);
    },
  };
}
