import type { Artifact } from "./artifact.ts";
import { emptyFile, fileNames, type KustomizationFile, kustomizationFile } from "./kustomization-file.ts";
import { joined } from "./path.ts";
import type { Trace } from "./trace.ts";

/** A kustomization and its file; `path` undefined: Flux makes the file for the time of its build. */
export interface Loaded {
  readonly path: string | undefined;
  readonly file: KustomizationFile;
}

/**
 * The kustomization of a folder (kustomize `LoadKustFile`); `undefined` where it cannot be had, which is a problem then. At the path of a Flux
 * Kustomization (`top`) a folder without one gets one.
 */
export function loadKustomization(
  artifact: Artifact,
  trace: Trace,
  directory: string,
  top: boolean,
): Loaded | undefined {
  const entries = artifact.list(directory);
  const names = entries.filter(({ name, is }) => is === "file" && fileNames.includes(name)).map(({ name }) => name);
  const [name, second] = names;
  if (second) return trace.problem("UNPARSABLE", joined(directory, second), `has ${name} beside it: keep one of them`);
  if (!name) {
    if (top) return { path: undefined, file: { ...emptyFile, resources: listed(artifact, trace, directory) } };
    return trace.problem("NOT_FOUND", directory, "is used as a kustomization and holds no kustomization.yaml");
  }
  const path = joined(directory, name);
  trace.files.add(path);
  const parsed = artifact.reader.documents(path);
  if (!parsed) return trace.problem("NOT_FOUND", path, "cannot be read");
  if ("problem" in parsed) return trace.problem(parsed.code, path, `cannot be read: ${parsed.problem}`);
  const documents = parsed.documents.filter(({ value }) => value !== null);
  const file = documents.length > 1 ? "it has several documents" : kustomizationFile(documents[0]?.value ?? null);
  if (typeof file === "string") return trace.problem("UNPARSABLE", path, `is no kustomization: ${file}`);
  return { path, file };
}

/**
 * What Flux lists where there is no kustomization (fluxcd/pkg kustomize_generator.go): `.yaml` and `.yml` files at any depth, and folders with a
 * kustomization as a whole.
 */
function listed(artifact: Artifact, trace: Trace, directory: string, prefix = "", depth = 0): string[] {
  trace.depth(depth, directory);
  const found: string[] = [];
  for (const { name, is } of artifact.list(directory)) {
    if (is === "file" && /\.ya?ml$/.test(name)) found.push(prefix + name);
    if (is !== "directory") continue;
    const inner = joined(directory, name);
    const inside = artifact.list(inner);
    if (inside.some((each) => each.is === "file" && fileNames.includes(each.name))) found.push(prefix + name);
    else found.push(...listed(artifact, trace, inner, `${prefix}${name}/`, depth + 1));
  }
  return found;
}
