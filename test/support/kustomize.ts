import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { defaultLimits } from "../../src/locate/limits.ts";
import type { WalkedFacts } from "../../src/locate/walk.ts";
import { parseYaml } from "../../src/locate/yaml.ts";
import type { Json } from "../../src/model/object.ts";

const names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** Objects of a text of YAML, read as kubectl reads them. */
export function objectsIn(text: string): Json[] {
  const parsed = parseYaml(text, defaultLimits);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return parsed.documents.map(({ value }) => value).filter((value) => value !== null);
}

/**
 * What `kubectl kustomize` builds of a repository for a Flux Kustomization, which changes the kustomization at its path first, as kustomize-controller
 * does; the text of its error where it cannot be built. `kubectl`: the program. `leaveOut`: files that are not fetched.
 */
export function kustomizeBuild(
  kubectl: string,
  repository: string,
  facts: WalkedFacts,
  leaveOut: readonly string[] = [],
): Json[] | string {
  const copy = mkdtempSync(join(tmpdir(), "reroll-kustomize-"));
  try {
    cpSync(repository, copy, { recursive: true, verbatimSymlinks: true });
    for (const each of leaveOut) rmSync(join(copy, each), { recursive: true });
    changeTop(join(copy, facts.path), facts);
    const args = ["kustomize", "--load-restrictor=LoadRestrictionsNone", join(copy, facts.path)];
    return objectsIn(
      execFileSync(kubectl, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 20_000 }),
    );
  } catch (error) {
    if (error instanceof Error && "stderr" in error) return String(error.stderr);
    throw error;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function changeTop(folder: string, facts: WalkedFacts): void {
  const name = names.find((each) => existsSync(join(folder, each)));
  const path = join(folder, name ?? "kustomization.yaml");
  const file = name ? parse(readFileSync(path, "utf8")) : { resources: listed(folder, "") };
  if (facts.targetNamespace) file.namespace = facts.targetNamespace;
  if (facts.namePrefix) file.namePrefix = facts.namePrefix;
  if (facts.nameSuffix) file.nameSuffix = facts.nameSuffix;
  if (facts.patches.length)
    file.patches = [...(file.patches ?? []), ...facts.patches.map(({ target, patch }) => ({ target, patch }))];
  const components = facts.components.filter(
    (each) => !facts.ignoreMissingComponents || existsSync(join(folder, each)),
  );
  if (components.length) file.components = [...(file.components ?? []), ...components];
  writeFileSync(path, stringify(file));
}

const listed = (folder: string, prefix: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (!statSync(path).isDirectory()) return /\.ya?ml$/.test(name) ? [prefix + name] : [];
    return names.some((each) => existsSync(join(path, each))) ? [prefix + name] : listed(path, `${prefix}${name}/`);
  });
