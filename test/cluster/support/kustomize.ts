import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import type { Contents } from "../../support/git-repository.ts";
import type { Named } from "../harness/paths.ts";
import { resolveKubectl } from "../harness/programs.ts";

const run = promisify(execFile);

/** What `kubectl kustomize` builds from a folder of these files; bases outside of it may be named, as Flux allows. */
export async function kustomizeBuild(files: Contents, folder = ""): Promise<Named[]> {
  const root = await mkdtemp(join(tmpdir(), "reroll-kustomize-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      if (content === undefined) continue;
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
    const args = ["kustomize", "--load-restrictor=LoadRestrictionsNone", join(root, folder)];
    const { stdout } = await run(await resolveKubectl(), args, { maxBuffer: 64 * 1024 * 1024 });
    return parseAllDocuments(stdout).map((document) => document.toJS() as Named);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
