import assert from "node:assert/strict";
import { createGitServers, type GitOptions } from "../../src/io/git/servers.ts";
import { type GitCredential, GitError, type GitErrorCode } from "../../src/model/git.ts";
import type { FetchedCommit, NewCommit, Repository } from "../../src/ports.ts";
import type { BareRepository } from "../support/git/run.ts";

/** A Git server under contract, whoever it is, and one bare repository of it. */
export interface GitTarget {
  /** Of the repository. */
  readonly url: string;
  readonly credential: GitCredential | undefined;
  /** The repository as its owner has it, to look into and to change behind the server's back. */
  readonly repository: BareRepository;
  close(): Promise<void>;
}

/** Opens a branch for the length of a test. */
export function openBranch(
  target: Pick<GitTarget, "url" | "credential">,
  branch = "main",
  options: Partial<GitOptions> = {},
): Repository & AsyncDisposable {
  const servers = createGitServers({ timeout: 20_000, ...options });
  const repository = servers.open({ url: target.url, branch }, target.credential);
  return { ...repository, [Symbol.asyncDispose]: () => repository.close() };
}

/** A commit that puts texts in place of others; texts that are undefined before are of new files. */
export function change(files: Readonly<Record<string, readonly [before: string, after: string]>>): NewCommit {
  return {
    message: "Restart web\n\nReroll-Run: 1\n",
    author: { name: "reroll", email: "reroll@example.com" },
    at: 1_700_000_000,
    files: Object.entries(files).map(([path, [before, after]]) => ({
      path,
      before: Buffer.from(before),
      after: Buffer.from(after),
    })),
  };
}

/** A file as text. */
export async function textOf(commit: FetchedCommit, path: string): Promise<string | undefined> {
  const bytes = await commit.tree.read(path);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

/** Every file of a tree, by path. */
export async function everyFile(commit: FetchedCommit, directory = ""): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const { name, is } of (await commit.tree.list(directory)) ?? []) {
    const path = directory === "" ? name : `${directory}/${name}`;
    if (is === "directory") for (const [each, bytes] of await everyFile(commit, path)) files.set(each, bytes);
    const bytes = is === "file" ? await commit.tree.read(path) : undefined;
    if (bytes !== undefined) files.set(path, bytes);
  }
  return files;
}

/** The GitError that a call fails with; its message is checked to say what and where, and none of `secrets`. */
export async function failure(
  call: Promise<unknown>,
  code: GitErrorCode,
  secrets: readonly string[] = [],
): Promise<GitError> {
  const error = await call.then(
    () => assert.fail(`succeeded, and should have failed with ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof GitError, `not a GitError: ${error}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, /^cannot (list|fetch|push to) branch \S+ of \S/);
  const shown = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
  for (const secret of secrets) assert.ok(!shown.includes(secret), `shows ${secret}`);
  return error;
}
