import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gitStampAnnotation } from "../../../src/model/annotations.ts";
import type { BareRepository } from "../../support/git-repository.ts";
import type { Named } from "../harness/paths.ts";
import { kustomizeFolder } from "./kustomize.ts";

/** Lines of a unified diff by file. */
export interface Changed {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** What a commit changed, line by line. */
export async function changedLines(repository: BareRepository, commit?: string): Promise<Record<string, Changed>> {
  const files: Record<string, { added: string[]; removed: string[] }> = {};
  let file = { added: [] as string[], removed: [] as string[] };
  for (const line of (await repository.diff(commit)).split("\n")) {
    const path = /^diff --git a\/.* b\/(.*)$/.exec(line)?.[1];
    if (path !== undefined) {
      file = { added: [], removed: [] };
      files[path] = file;
    } else if (/^\+(?!\+\+ )/.test(line)) file.added.push(line.slice(1));
    else if (/^-(?!-- )/.test(line)) file.removed.push(line.slice(1));
  }
  return files;
}

/**
 * What `kubectl kustomize` builds differently from a folder of two commits: `Deployment/web: spec.replicas`. Stamps are told by `stamped`
 * instead: `Deployment/web` for a pod template, `HelmRelease/shop` for post renderers that carry one.
 */
export async function compareBuilds(
  repository: BareRepository,
  folder: string,
  [before, after]: readonly [string, string],
): Promise<{ readonly stamped: readonly string[]; readonly others: readonly string[] }> {
  const [old, now] = await Promise.all([buildAt(repository, before, folder), buildAt(repository, after, folder)]);
  const [stamped, others] = [new Set<string>(), new Set<string>()];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    for (const path of differences(old.get(name), now.get(name))) {
      if (path.at(-1) === gitStampAnnotation) stamped.add(name);
      else others.add(`${name}: ${path.join(".")}`);
    }
  }
  return { stamped: [...stamped].sort(), others: [...others].sort() };
}

async function buildAt(repository: BareRepository, commit: string, folder: string): Promise<Map<string, unknown>> {
  const root = await mkdtemp(join(tmpdir(), "reroll-build-"));
  try {
    await repository.checkOut(root, commit);
    const objects = await kustomizeFolder(join(root, folder));
    return new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, opened(object)]));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Patches of post renderers are texts: with each line as an element a changed stamp is told from any other change. */
function opened(object: Named): unknown {
  if (object.kind !== "HelmRelease") return object;
  const [stamps, others]: [string[], string[]] = [[], []];
  const { postRenderers = [], ...spec } = (object as Named & { spec: { postRenderers?: object[] } }).spec;
  for (const renderer of postRenderers) {
    const text = JSON.stringify(renderer);
    (text.includes(gitStampAnnotation) ? stamps : others).push(text);
  }
  return { ...object, spec: { ...spec, postRenderers: others, [gitStampAnnotation]: stamps.join("\n") || undefined } };
}

function differences(before: unknown, after: unknown, path: readonly string[] = []): string[][] {
  if (path.at(-1) === gitStampAnnotation) return before === after ? [] : [[...path]];
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], [...path, key]));
  }
  // A template without annotations gets the map with its first one.
  if (before === undefined && isRecord(after) && path.at(-1) === "annotations") return differences({}, after, path);
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [[...path]];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
