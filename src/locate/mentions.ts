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
export async function mentions(reader: Reader): Promise<ReadonlyMap<string, ReadonlySet<string>> | Refusal> {
  const found = new Map<string, Set<string>>();
  try {
    await collect(reader, new Trace(reader.limits), "", 0, found);
    return found;
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

async function collect(
  reader: Reader,
  trace: Trace,
  directory: string,
  depth: number,
  found: Map<string, Set<string>>,
): Promise<void> {
  trace.depth(depth, directory);
  for (const { name, is } of (await reader.list(directory)) ?? []) {
    const path = joined(directory, name);
    if (is === "directory") await collect(reader, trace, path, depth + 1, found);
    if (is !== "file" || !fileNames.includes(name)) continue;
    for (const entry of await entriesOf(reader, path)) {
      const target = within(directory, entry);
      if (target !== undefined) found.set(target, (found.get(target) ?? new Set<string>()).add(path));
    }
  }
}

async function entriesOf(reader: Reader, path: string): Promise<readonly string[]> {
  const parsed = await reader.documents(path);
  if (!parsed || "problem" in parsed) return [];
  return parsed.documents.flatMap(({ value }) => {
    const file = kustomizationFile(value);
    if (typeof file === "string") return [];
    const patches = [...file.patches, ...file.latePatches].map(({ file: own, either }) => own ?? either ?? "\n");
    return [...file.resources, ...file.components, ...patches.filter((each) => !each.includes("\n"))];
  });
}
