import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { Manifest } from "../../src/demo/direct.ts";
import { gitRepositoryFacts } from "../../src/flux/facts-git-repository.ts";
import { helmReleaseFacts } from "../../src/flux/facts-helm-release.ts";
import { kustomizationFacts } from "../../src/flux/facts-kustomization.ts";
import type { Flux, Shelf } from "../../src/flux/live.ts";
import type { FluxFacts } from "../../src/model/flux.ts";
import type { KubeObject } from "../../src/model/object.ts";

const file = new URL("../../fixtures/flux/live.yaml", import.meta.url);

const parsed = parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS() as KubeObject);

/** What the cluster of `fixtures/flux/live.yaml` holds. */
export function liveObjects(): KubeObject[] {
  return structuredClone(parsed);
}

/** The same as manifests, for a cluster to be started with. */
export function manifestsOf(objects: readonly KubeObject[]): Manifest[] {
  return objects.map((object) => ({ ...object, kind: object.kind ?? "", metadata: { ...object.metadata } }));
}

const nameOf = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.namespace}/${metadata.name}`;

/** A JSON Merge Patch (RFC 7386). */
function merge(before: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const base = typeof before === "object" && before !== null && !Array.isArray(before) ? before : {};
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}

/** By `Kind/namespace/name`: what is merged into an object; `null`: it is not there. */
export type Changes = Readonly<Record<string, unknown>>;

/** The same cluster with some objects changed. A change of an object that is not there is an error. */
export function changed(objects: readonly KubeObject[], changes: Changes = {}): KubeObject[] {
  const names = objects.map(nameOf);
  const unknown = Object.keys(changes).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`no such object: ${unknown.join(", ")}`);
  return objects.flatMap((object) => {
    const change = changes[nameOf(object)];
    return change === null ? [] : [change === undefined ? object : (merge(object, change) as KubeObject)];
  });
}

/** One object by `Kind/namespace/name`. */
export function object(objects: readonly KubeObject[], name: string): KubeObject {
  const found = objects.find((each) => nameOf(each) === name);
  if (!found) throw new Error(`no such object: ${name}`);
  return found;
}

function shelf<Facts extends FluxFacts>(
  objects: readonly KubeObject[],
  kind: string,
  read: (object: KubeObject) => Facts,
): Shelf<Facts> {
  const facts = objects.filter((each) => each.kind === kind).map(read);
  return { is: "listed", byName: new Map(facts.map((each) => [`${each.namespace}/${each.name}`, each])) };
}

/** What lists of these objects would tell. */
export function fluxOf(objects: readonly KubeObject[]): Flux {
  return {
    kustomizations: shelf(objects, "Kustomization", kustomizationFacts),
    helmReleases: shelf(objects, "HelmRelease", helmReleaseFacts),
    gitRepositories: shelf(objects, "GitRepository", gitRepositoryFacts),
  };
}
