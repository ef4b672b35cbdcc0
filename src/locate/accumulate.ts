import type { PatchEntry } from "../model/flux.ts";
import type { Artifact, Sight } from "./artifact.ts";
import type { ChainLink } from "./definition.ts";
import type { KustomizationFile, PatchSource } from "./kustomization-file.ts";
import { type Loaded, loadKustomization } from "./load.ts";
import { type Kinds, objectsOf } from "./objects.ts";
import { applyPatch, readPatches, touched } from "./patch.ts";
import { within } from "./path.ts";
import type { Resource } from "./resource.ts";
import type { Trace } from "./trace.ts";
import { label, rename, scaleAndTag } from "./transform.ts";

/** What a Flux Kustomization changes of the kustomization at its path (fluxcd/pkg kustomize_generator.go). */
export interface Overrides {
  readonly namespace: string | undefined;
  readonly namePrefix: string;
  readonly nameSuffix: string;
  readonly components: readonly string[];
  readonly ignoreMissingComponents: boolean;
  readonly patches: readonly PatchEntry[];
}

/** A kustomization being built. */
interface Site {
  readonly directory: string;
  /** The file; the folder where there is none. */
  readonly name: string;
  readonly path: string | undefined;
  /** Folders of the kustomizations around it, and its own. */
  readonly stack: readonly string[];
}

/** Builds folders as kustomize does (api/internal/target/kusttarget.go), for the kinds that are looked for. */
export class Accumulation {
  readonly #artifact: Artifact;
  readonly #trace: Trace;
  readonly #kinds: Kinds;

  constructor(artifact: Artifact, trace: Trace, kinds: Kinds) {
    this.#artifact = artifact;
    this.#trace = trace;
    this.#kinds = kinds;
  }

  /** The objects of a folder, with everything its kustomization does to them. */
  build(directory: string, overrides: Overrides): readonly Resource[] {
    const found = loadKustomization(this.#artifact, this.#trace, directory, true);
    if (!found) return [];
    const file: KustomizationFile = {
      ...found.file,
      namespace: overrides.namespace ?? found.file.namespace,
      namePrefix: overrides.namePrefix || found.file.namePrefix,
      nameSuffix: overrides.nameSuffix || found.file.nameSuffix,
      components: [...found.file.components, ...this.#present(directory, overrides)],
    };
    return this.#visit(directory, { path: found.path, file }, [], [], overrides.patches);
  }

  /** `spec.components`, those that are missing left out where the Flux Kustomization says so. */
  #present(directory: string, { components, ignoreMissingComponents }: Overrides): readonly string[] {
    if (!ignoreMissingComponents) return components;
    const kept: string[] = [];
    for (const each of components) if ("is" in this.#see(within(directory, each))) kept.push(each);
    return kept;
  }

  #see(path: string | undefined): Sight {
    return path === undefined ? { missing: undefined } : this.#artifact.see(path);
  }

  #visit(
    directory: string,
    { path, file }: Loaded,
    above: readonly string[],
    existing: readonly Resource[],
    fluxPatches: readonly PatchEntry[],
  ): readonly Resource[] {
    this.#trace.count(directory);
    this.#trace.depth(above.length, directory);
    const site: Site = { directory, path, name: path ?? (directory || "/"), stack: [...above, directory] };
    let all = [...existing];
    for (const entry of file.resources) all.push(...this.#resource(entry, site));
    for (const { field, name } of file.generators) this.#trace.generated(site.name, field, name);
    for (const entry of file.components) all = [...this.#folder(entry, site, "Component", all)];

    const before = new Set(existing);
    for (const each of all)
      if (!before.has(each)) each.chain.push({ path, directory, kind: file.kind, entered: enteredAs(each) });
    for (const source of file.patches) all = this.#patch(source, site, path, all);
    for (const [index, entry] of fluxPatches.entries())
      all = this.#patch(fluxSource(index, entry), site, undefined, all);
    for (const each of all) {
      rename(each, file);
      label(each, file);
    }
    for (const source of file.latePatches) all = this.#patch(source, site, path, all);
    for (const each of all) {
      scaleAndTag(each, file);
      for (const field of file.unfollowed) each.doubts.push(`${site.name} has ${field}, which reroll does not follow`);
    }
    return all;
  }

  #resource(entry: string, site: Site): readonly Resource[] {
    const file = within(site.directory, entry);
    const sight = this.#see(file);
    if (file === undefined || !("is" in sight) || sight.is !== "file")
      return this.#folder(entry, site, "Kustomization", []);
    return objectsOf(this.#artifact.reader, this.#trace, file, this.#kinds);
  }

  /** An entry that is a folder, or nothing that can be read. */
  #folder(entry: string, site: Site, kind: ChainLink["kind"], existing: readonly Resource[]): readonly Resource[] {
    const target = within(site.directory, entry);
    const sight = this.#see(target);
    const wrong = (what: string): readonly Resource[] => {
      this.#trace.problem("UNPARSABLE", site.name, what);
      return existing;
    };
    if (target === undefined || !("is" in sight)) {
      this.#trace.missing(entry, site.name, target, "missing" in sight ? sight.missing : undefined);
      return existing;
    }
    if (sight.is === "file") return wrong(`names the file ${target} as a folder`);
    if (site.stack.includes(target)) return wrong(`includes ${target || "the root"}, which includes it`);
    const found = loadKustomization(this.#artifact, this.#trace, target, false);
    if (!found) return existing;
    if (found.file.kind !== kind) return wrong(`uses ${found.path ?? target}, a ${found.file.kind}, as a ${kind}`);
    return this.#visit(target, found, site.stack, existing, []);
  }

  #patch(
    source: PatchSource,
    { directory, name }: Site,
    path: string | undefined,
    all: readonly Resource[],
  ): Resource[] {
    const at = path ?? `spec.patches of the Flux Kustomization that builds ${name}`;
    const entry = `entry ${source.index + 1} of ${source.field}`;
    const patches = readPatches(this.#artifact, this.#trace, source, directory, path);
    if (typeof patches === "string") {
      this.#trace.problem("UNPARSABLE", at, `has a patch that cannot be read, ${entry}: ${patches}`);
      return [...all];
    }
    let left = [...all];
    for (const patch of patches) {
      this.#trace.tried(left.length, name);
      for (const each of touched(patch, left)) {
        const result = applyPatch(patch, each);
        if (result === undefined) left = left.filter((other) => other !== each);
        else if (result !== "applied") {
          each.doubts.push(`a patch of ${at} does not apply: ${entry}`);
          this.#trace.problem("UNPARSABLE", at, `has a patch that kustomize refuses, ${entry}: ${result.problem}`);
        }
      }
    }
    return left;
  }
}

const fluxSource = (index: number, { target, patch }: PatchEntry): PatchSource => ({
  ...{ field: "patches", index, file: undefined, text: patch, either: undefined, options: {} },
  target: target && { ...target },
});

const enteredAs = ({ current: { group, kind, namespace, name } }: Resource): ChainLink["entered"] => ({
  ...{ group, kind, namespace, name },
});
