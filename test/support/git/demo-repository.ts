import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { DemoRepository } from "../../../src/demo/git/repository.ts";
import { gitdir } from "../../../src/demo/git/repository.ts";
import type { DemoGit } from "../../../src/demo/git/server.ts";
import { type BareRepository, bareRepository, gitEnvironment } from "./run.ts";

/**
 * The demo's repository in the hands of the git of this machine: it is written to a disk before git looks at it, and read back after. Hooks
 * are those of the demo's server, which runs them on that disk too.
 */
export function onDisk({ disk }: DemoRepository, server: DemoGit): BareRepository {
  const bare = bareRepository();

  function write(): void {
    for (const folder of ["objects", "refs"]) rmSync(join(bare.path, folder), { recursive: true });
    for (const folder of ["objects/pack", "refs"]) mkdirSync(join(bare.path, folder), { recursive: true });
    for (const [path, bytes] of disk.files) {
      const file = join(bare.path, path.slice(gitdir.length));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
  }

  function read(): void {
    const entries = readdirSync(bare.path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    disk.files.clear();
    for (const file of files) disk.files.set(`${gitdir}/${relative(bare.path, file)}`, readFileSync(file));
  }

  function meanwhile<T>(work: () => T): T {
    write();
    try {
      return work();
    } finally {
      read();
    }
  }

  return {
    ...bare,
    git: (...words) => meanwhile(() => bare.git(...words)),
    commit: (files, options) => meanwhile(() => bare.commit(files, options)),
    hook(name, script) {
      if (name !== "pre-receive") throw new Error(`the demo's server has no hook ${name}`);
      server.preReceive = async () => {
        write();
        const words = await new Promise<string | undefined>((resolve) => {
          const options = { cwd: bare.path, env: gitEnvironment };
          execFile("sh", ["-c", script], options, (error, _, stderr) => resolve(error ? stderr : undefined));
        });
        read();
        return words;
      };
    },
  };
}
