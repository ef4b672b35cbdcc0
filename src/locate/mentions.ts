import type { Refusal } from "../model/refusals.ts";
import { fileNames, kustomizationFile } from "./kustomization-file.ts";
import { Refused } from "./limits.ts";
import { joined, within } from "./path.ts";
import type { Reader } from "./reader.ts";
import { Trace } from "./trace.ts";

/**
 * Who names what: for every file and folder that a kustomization file anywhere in the tree names in `resources`, `bases`, `components` or as a patch, the
 * kustomization files that name it. Also those that no Flux Kustomization reaches, since somebody may build them by hand. Kustomizations that
 * cannot be read name nothing.
 */
export function mentions(reader: Reader): ReadonlyMap<string, ReadonlySet<string>> | Refusal {
  const found = new Map<string, Set<string>>();
  try {
    collect(reader, new Trace(reader.limits), "", 0, found);
    return found;
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

function collect(
  reader: Reader,
  trace: Trace,
  directory: string,
  depth: number,
  found: Map<string, Set<string>>,
): void {
  trace.depth(depth, directory);
  for (const { name, is } of reader.list(directory) ?? []) {
    const path = joined(directory, name);
    if (is === "directory") collect(reader, trace, path, depth + 1, found);
    if (is !== "file" || !fileNames.includes(name)) continue;
    for (const entry of entriesOf(reader, path)) {
      const target = within(directory, entry);
      if (target !== undefined) found.set(target, (found.get(target) ?? new Set<string>()).add(path));
    }
  }
}

function entriesOf(reader: Reader, path: string): readonly string[] {
  const parsed = reader.documents(path);
  if (!parsed || "problem" in parsed) return [];
  return parsed.documents.flatMap(({ value }) => {
    const file = kustomizationFile(value);
    if (typeof file === "string") return [];
    const patches = [...file.patches, ...file.latePatches].map(({ file: own, either }) => own ?? either ?? "\n");
    return [...file.resources, ...file.components, ...patches.filter((each) => !each.includes("\n"))];
  });
}
