/** What every way to a Git server must do: HTTP, HTTPS and SSH alike, served by the real git or by the demo. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { BareRepository } from "../support/git/run.ts";
import { pushing } from "./git-pushing.ts";
import { racing } from "./git-racing.ts";
import { everyFile, failure, type GitTarget, openBranch, textOf } from "./git-target.ts";

/** Registers the whole suite against one target, opened once. Every test has a branch of its own. */
export function gitContract(name: string, open: () => Promise<GitTarget>): void {
  describe(`contract of Git, held by ${name}`, () => {
    let target: GitTarget | undefined;
    before(async () => {
      target = await open();
    });
    after(() => target?.close());
    const opened = <T>(value: T | undefined): T => {
      if (value === undefined) throw new Error("the target is not open");
      return value;
    };
    const chapters = { reading, pushing, racing };
    for (const [chapter, register] of Object.entries(chapters)) {
      describe(chapter, () =>
        register(
          () => opened(target),
          () => opened(target).repository,
        ),
      );
    }
  });
}

function reading(target: () => GitTarget, repository: () => BareRepository): void {
  test("the tip of a branch is told without its files, and a branch is not taken for one of a similar name", async () => {
    const wanted = repository().commit({ a: "1" }, { branch: "tip" });
    repository().commit({ a: "2" }, { branch: "tip-2" });
    await using branch = openBranch(target(), "tip");
    assert.equal(await branch.tip(), wanted);
  });

  test("files, executables, links and folders of a commit are listed and read", async () => {
    const id = repository().commit(
      {
        "README.md": "hello\n",
        "apps/web/deployment.yaml": "kind: Deployment\r\n",
        "apps/run.sh": { mode: "100755", text: "#!/bin/sh\n" },
        "apps/link": { mode: "120000", text: "web/deployment.yaml" },
        "apps/ünïcode ☃.yaml": "é",
        empty: "",
      },
      { branch: "team/files" },
    );
    await using branch = openBranch(target(), "team/files");
    const commit = await branch.fetch();
    assert.equal(commit.id, id);
    assert.deepEqual(await commit.tree.list(""), [
      { name: "README.md", is: "file" },
      { name: "apps", is: "directory" },
      { name: "empty", is: "file" },
    ]);
    assert.deepEqual(await commit.tree.list("apps"), [
      { name: "link", is: "symlink" },
      { name: "run.sh", is: "file" },
      { name: "web", is: "directory" },
      { name: "ünïcode ☃.yaml", is: "file" },
    ]);
    assert.equal(await textOf(commit, "apps/web/deployment.yaml"), "kind: Deployment\r\n");
    assert.equal(await textOf(commit, "apps/link"), "web/deployment.yaml");
    assert.equal(await textOf(commit, "apps/ünïcode ☃.yaml"), "é");
    assert.equal(await textOf(commit, "empty"), "");
    for (const path of ["apps", "nothing", "apps/web/deployment.yaml/x", "apps/link/x", "../README.md", ""]) {
      assert.equal(await textOf(commit, path), undefined, path);
    }
    for (const path of ["nothing", "README.md", "apps/link", ".."]) {
      assert.equal(await commit.tree.list(path), undefined, path);
    }
  });

  test("files that the server keeps as deltas of each other come out whole", async () => {
    const text = (round: number) =>
      Array.from({ length: 400 }, (_, line) => `line ${line}: ${line % 40 === round ? round : "same"}\n`).join("");
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, round) => [`f${round}.yaml`, text(round)]));
    repository().commit(files, { branch: "deltas" });
    repository().git("repack", "-adfq", "--depth=50", "--window=50");
    await using branch = openBranch(target(), "deltas");
    const read = await everyFile(await branch.fetch());
    assert.deepEqual(Object.fromEntries([...read].map(([path, bytes]) => [path, String(bytes)])), files);
  });

  test("a second fetch sees what is new and still has what is not", async () => {
    repository().commit({ "a/old": "old", "b/changed": "1" }, { branch: "again" });
    await using branch = openBranch(target(), "again");
    const first = await branch.fetch();
    assert.equal((await branch.fetch()).id, first.id);
    const id = repository().commit({ "b/changed": "2", new: "new" }, { branch: "again" });
    const second = await branch.fetch();
    assert.equal(second.id, id);
    assert.deepEqual([...(await everyFile(second))].map(([path, bytes]) => `${path}=${bytes}`).sort(), [
      "a/old=old",
      "b/changed=2",
      "new=new",
    ]);
    assert.equal(await textOf(first, "b/changed"), "1");
  });

  test("a branch that is not there is said to be absent", async () => {
    await using branch = openBranch(target(), "absent");
    const error = await failure(branch.tip(), "no-branch");
    assert.match(error.message, /cannot list branch absent of .*no such branch/);
    await failure(branch.fetch(), "no-branch");
  });
}
