import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import type { Named } from "../harness/paths.ts";
import { resolveKubectl } from "../harness/programs.ts";

const run = promisify(execFile);

/** What `kubectl kustomize` builds from a folder; bases outside of it may be named, as Flux allows. */
export async function kustomizeFolder(folder: string): Promise<Named[]> {
  const args = ["kustomize", "--load-restrictor=LoadRestrictionsNone", folder];
  const { stdout } = await run(await resolveKubectl(), args, { maxBuffer: 64 * 1024 * 1024 });
  return parseAllDocuments(stdout).map((document) => document.toJS() as Named);
}

/** The same from files that are not on a disk. */
export async function kustomizeFiles(files: Readonly<Record<string, string>>): Promise<Named[]> {
  const root = await mkdtemp(join(tmpdir(), "reroll-kustomize-"));
  try {
    for (const [path, content] of Object.entries(files)) await writeFile(join(root, path), content);
    return await kustomizeFolder(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
