import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { CommitTarget } from "../../src/model/commit.ts";
import type { KustomizationFacts } from "../../src/model/flux.ts";
import { type Cluster, clustersOf, targetsOf } from "./clusters.ts";
import { folderTree } from "./folder-tree.ts";
import { stampOf, target } from "./placing.ts";

export const repoFixtures = fileURLToPath(new URL("../../fixtures/repo", import.meta.url));

/** `case.yaml` of a fixture: what is live, and what is due. */
interface Case {
  /** The folder of the live cluster's manifests, where the tree has several clusters. */
  readonly cluster?: string;
  /** What the live Kustomizations of a name have and their manifests do not tell. */
  readonly live?: Readonly<Record<string, Partial<KustomizationFacts>>>;
  /** `Kind namespace/name`; absent: everything that is reached. */
  readonly due?: readonly string[];
  /** Workloads that a HelmRelease `namespace/name` makes, `Kind name`; absent: a Deployment of its name. */
  readonly workloads?: Readonly<Record<string, readonly string[]>>;
  /** Where the values of a HelmRelease `namespace/name` take annotations. */
  readonly valuesPath?: Readonly<Record<string, string>>;
  /** The codes of what is refused. */
  readonly refused?: Readonly<Record<string, string>>;
}

export interface RepoCase extends Case {
  readonly name: string;
  readonly original: string;
  readonly expected: string;
}

export const repoCases = (): readonly RepoCase[] =>
  readdirSync(repoFixtures).map((name) => {
    const file = join(repoFixtures, name, "case.yaml");
    const told: Case = existsSync(file) ? parse(readFileSync(file, "utf8")) : {};
    const [original, expected] = [join(repoFixtures, name, "original"), join(repoFixtures, name, "expected")];
    return { name, original, expected, ...told };
  });

/** The live cluster of a case. */
export function clusterOf({ original, cluster, live = {}, name }: RepoCase): Cluster {
  const all = clustersOf(folderTree(original));
  const found = all.find(({ members }) => members.some(({ root }) => root.startsWith(cluster ?? "")));
  if (!found) throw new Error(`${name} has no cluster ${cluster ?? ""}`);
  const members = found.members.map((each) => ({ ...each, facts: { ...each.facts, ...live[each.facts.name] } }));
  return { members, use: { ...found.use, kustomizations: members.map(({ facts }) => facts) } };
}

export const objectOf = ({ owned: { object } }: CommitTarget): string =>
  `${object.kind} ${object.namespace}/${object.name}`;

/** What is due in a case. */
export function dueIn({ due, workloads = {}, valuesPath = {} }: RepoCase, cluster: Cluster): readonly CommitTarget[] {
  const all = targetsOf(cluster, stampOf()).filter((each) => !due || due.includes(objectOf(each)));
  const missing = (due ?? []).filter((name) => !all.some((each) => objectOf(each) === name));
  const more = missing.map((name) => {
    const [, kind = "", namespace = "", own = ""] = /^(\S+) ([^/]+)\/(.+)$/.exec(name) ?? [];
    const [by] = cluster.use.kustomizations.filter((each) => each.inventory?.has(`${namespace}_${own}_apps_${kind}`));
    const first = by ?? cluster.use.kustomizations.at(-1);
    if (!first) throw new Error(`nothing applies ${name}`);
    return target(first, { kind, namespace, name: own });
  });
  return [...all, ...more].flatMap((each) => {
    const { object, kustomization } = each.owned;
    if (object.kind !== "HelmRelease") return [each];
    const own = `${object.namespace}/${object.name}`;
    const path = valuesPath[own];
    const options = path === undefined ? {} : { valuesPath: path };
    return (workloads[own] ?? [`Deployment ${object.name}`]).map((workload) => {
      const [kind = "", name = ""] = workload.split(" ");
      return target(kustomization, { kind, namespace: object.namespace, name, release: object.name }, options);
    });
  });
}

/** Every file of a folder by its path, and every symbolic link by its target. */
export function bytesOf(folder: string, prefix = ""): Map<string, string> {
  const entries = readdirSync(folder, { withFileTypes: true }).flatMap((each): (readonly [string, string])[] => {
    const path = join(folder, each.name);
    if (each.isDirectory()) return [...bytesOf(path, `${prefix}${each.name}/`)];
    const bytes = lstatSync(path).isSymbolicLink() ? `-> ${readlinkSync(path)}` : readFileSync(path, "latin1");
    return [[prefix + each.name, bytes]];
  });
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A copy of a folder, over what was there. */
export function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}
