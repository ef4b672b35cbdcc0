import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Git as the tests want it on every machine: nobody's configuration, one clock, no questions. */
export const gitEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? "",
  HOME: tmpdir(),
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_AUTHOR_NAME: "Somebody",
  GIT_AUTHOR_EMAIL: "somebody@example.com",
  GIT_COMMITTER_NAME: "Somebody",
  GIT_COMMITTER_EMAIL: "somebody@example.com",
};

/** Of bare repositories that tests push to. */
export const bareConfig: Readonly<Record<string, string>> = {
  // Only then `git http-backend` lets people push.
  "http.receivepack": "true",
  // A push would pack in the background, below the feet of whoever reads the objects next.
  "receive.autogc": "false",
};

/** Runs the git of this machine; returns what it printed, without the last line break. */
export function git(folder: string, ...words: string[]): string {
  const options = { cwd: folder, env: gitEnvironment, stdio: "pipe", maxBuffer: 64 * 1024 * 1024 } as const;
  return execFileSync("git", words, options).toString().trimEnd();
}

/** Files for a commit: text, or text with a mode of git. */
export type Files = Readonly<Record<string, string | { readonly mode: "100755" | "120000"; readonly text: string }>>;

/** A bare repository in a folder of its own, and the means to change it from outside. */
export interface BareRepository {
  /** Of the bare repository. */
  readonly path: string;
  /** Where servers find it: the parent of `path`. */
  readonly root: string;
  /** Commits files on a branch as somebody else would, beside what is pushed; returns the commit. */
  commit(files: Files, options?: { readonly branch?: string; readonly force?: boolean }): string;
  git(...words: string[]): string;
  hook(name: string, script: string): void;
  remove(): void;
}

/** An empty bare repository; its HEAD names `main`. */
export function bareRepository(name = "fleet.git"): BareRepository {
  const root = mkdtempSync(join(tmpdir(), "reroll-git-"));
  const path = join(root, name);
  git(root, "init", "-q", "--bare", "-b", "main", path);
  for (const [name, value] of Object.entries(bareConfig)) git(path, "config", name, value);
  return { ...repositoryAt(path), remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** A bare repository that somebody else made, and will remove. */
export function repositoryAt(path: string): BareRepository {
  const run = (...words: string[]) => git(path, ...words);

  function commit(files: Files, { branch = "main", force = false } = {}): string {
    const work = mkdtempSync(join(tmpdir(), "reroll-index-"));
    const env = { ...gitEnvironment, GIT_INDEX_FILE: join(work, "index") };
    const feed = (input: string | Buffer, ...words: string[]) =>
      execFileSync("git", words, { cwd: path, env, input, maxBuffer: 64 * 1024 * 1024 })
        .toString()
        .trim();
    try {
      const parent = force ? [] : run("for-each-ref", "--format=%(objectname)", `refs/heads/${branch}`).split("\n");
      const [on = ""] = parent;
      if (on !== "") feed("", "read-tree", on);
      const marks = Object.entries(files).map(([file, content], index) => {
        const { mode, text } = typeof content === "string" ? { mode: "100644", text: content } : content;
        writeFileSync(join(work, String(index)), text);
        return { file, mode, at: join(work, String(index)) };
      });
      const ids = feed(marks.map(({ at }) => `${at}\n`).join(""), "hash-object", "-w", "--no-filters", "--stdin-paths");
      const lines = ids.split("\n").map((id, index) => `${marks[index]?.mode} ${id}\t${marks[index]?.file}\n`);
      feed(lines.join(""), "update-index", "--add", "--index-info");
      const made = feed("by somebody", "commit-tree", feed("", "write-tree"), ...(on === "" ? [] : ["-p", on]));
      run("update-ref", `refs/heads/${branch}`, made);
      return made;
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }

  return {
    path,
    root: dirname(path),
    commit,
    git: run,
    hook(hook, script) {
      const file = join(path, "hooks", hook);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    },
    remove: () => {},
  };
}
