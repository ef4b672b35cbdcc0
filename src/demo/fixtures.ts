import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Beside the bundle, where the build puts them, and from the sources. */
const folders = ["./fixtures/demo/", "../../fixtures/demo/"];

/** The manifests the demo's cluster is filled with, one YAML stream. */
export function demoManifests(): string {
  const folder = folders.map((each) => new URL(each, import.meta.url)).find((url) => existsSync(url));
  if (!folder) throw new Error("the demo's manifests (fixtures/demo) are not there; install reroll again");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
    .join("\n---\n");
}
