import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseManifests } from "./cluster.ts";
import type { Manifest } from "./direct.ts";

/** Beside the bundle, where the build puts them, and from the sources. */
const folders = ["./fixtures/demo/", "../../fixtures/demo/"];

/** The manifests the demo's cluster is filled with, one YAML stream. */
export function demoManifests(): string {
  const folder = demoFolder();
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
    .join("\n---\n");
}

/** What git mode is shown with. */
export interface GitFixtures {
  /** Manifests for the cluster, a GitRepository among them. */
  readonly manifests: string;
  /** The files of the repository, by path. */
  readonly texts: Readonly<Record<string, string>>;
  /** What charts render, by name. */
  readonly charts: ReadonlyMap<string, readonly Manifest[]>;
}

/** The fixtures of git mode; `url`: where the repository is served. */
export function gitFixtures(url: string): GitFixtures {
  const folder = new URL("git/", demoFolder());
  const charts = Object.entries(filesBelow(new URL("charts/", folder)));
  return {
    manifests: readFileSync(new URL("cluster.yaml", folder), "utf8").replace("http://git.example.com/fleet.git", url),
    texts: filesBelow(new URL("repository/", folder)),
    charts: new Map(charts.map(([path, text]) => [path.replace(/\.yaml$/, ""), parseManifests(text)])),
  };
}

function filesBelow(folder: URL): Record<string, string> {
  const root = fileURLToPath(folder);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(
    paths.map((path) => [relative(root, path).replaceAll(sep, "/"), readFileSync(path, "utf8")]),
  );
}

function demoFolder(): URL {
  const folder = folders.map((each) => new URL(each, import.meta.url)).find((url) => existsSync(url));
  if (!folder) throw new Error("the demo's manifests (fixtures/demo) are not there; install reroll again");
  return folder;
}
