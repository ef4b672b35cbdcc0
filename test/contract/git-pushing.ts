import assert from "node:assert/strict";
import { test } from "node:test";
import type { BareRepository } from "../support/git/run.ts";
import { change, failure, type GitTarget, openBranch, textOf } from "./git-target.ts";

export function pushing(target: () => GitTarget, repository: () => BareRepository): void {
  const tree = (branch: string) => repository().git("ls-tree", "-r", branch).split("\n");

  test("a push puts one commit on top, with author, time and message, and changes the named files alone", async () => {
    const files = {
      "apps/a/run.sh": { mode: "100755", text: "#!/bin/sh\necho 1\n" },
      "apps/a/link": { mode: "120000", text: "run.sh" },
      "apps/a.yaml": "a: 1\n",
      "apps/b/c/d.yaml": "d: 1\n",
      "apps-x": "sorts between\n",
      "zz/other.yaml": "o: 1\n",
    } as const;
    const base = repository().commit(files, { branch: "push" });
    const before = tree("push");
    await using branch = openBranch(target(), "push");
    const id = await branch.push(
      await branch.fetch(),
      change({
        "apps/a/run.sh": ["#!/bin/sh\necho 1\n", "#!/bin/sh\necho 2\n"],
        "apps/b/c/d.yaml": ["d: 1\n", "d: 2\n"],
        "apps/b/new/n.yaml": ["", "n: 1\n"],
      }),
    );
    assert.equal(repository().git("rev-parse", "push"), id);
    const told = repository().git("log", "-1", "--format=%P|%an <%ae>|%cn <%ce>|%at %ct|%ai|%B", "push");
    assert.equal(
      told.trimEnd(),
      `${base}|reroll <reroll@example.com>|reroll <reroll@example.com>|1700000000 1700000000|2023-11-14 22:13:20 +0000|Restart web\n\nReroll-Run: 1`,
    );
    assert.equal(repository().git("show", "push:apps/a/run.sh"), "#!/bin/sh\necho 2");
    assert.equal(repository().git("show", "push:apps/b/new/n.yaml"), "n: 1");
    const kept = (lines: readonly string[]) => lines.filter((line) => !/run\.sh|d\.yaml|n\.yaml/.test(line));
    assert.deepEqual(kept(tree("push")), kept(before));
    assert.match(tree("push").find((line) => line.endsWith("run.sh")) ?? "", /^100755 /);
    assert.equal(repository().git("fsck", "--strict", "--no-dangling", "--full"), "");
  });

  test("one push after another, with and without a fetch between", async () => {
    repository().commit({ a: "1" }, { branch: "twice" });
    await using branch = openBranch(target(), "twice");
    await branch.push(await branch.fetch(), change({ a: ["1", "2"] }));
    const second = await branch.fetch();
    assert.equal(await textOf(second, "a"), "2");
    const id = await branch.push(second, change({ a: ["2", "3"] }));
    assert.equal(await branch.tip(), id);
    assert.equal(repository().git("rev-list", "--count", "twice"), "3");
  });

  test("what a change starts from must be what the base has, and it must change something", async () => {
    const base = repository().commit({ a: "1", link: { mode: "120000", text: "a" } }, { branch: "guard" });
    await using branch = openBranch(target(), "guard");
    const commit = await branch.fetch();
    await failure(branch.push(commit, change({ a: ["other", "2"] })), "unsupported");
    await failure(branch.push(commit, change({ a: ["1", "1"] })), "unsupported");
    await failure(branch.push(commit, change({ link: ["a", "b"] })), "unsupported");
    for (const path of ["../x", "/x", "x/../y", ".git/config", "x//y", "a/b"]) {
      await failure(branch.push(commit, change({ [path]: ["", "x"] })), "unsupported");
    }
    assert.equal(repository().git("rev-parse", "guard"), base);
  });

  test("a hook that declines is quoted, without what a terminal would obey", async () => {
    const base = repository().commit({ a: "1" }, { branch: "protected" });
    repository().hook(
      "pre-receive",
      "printf '\\033[31mGH006: changes must be made through a pull request\\033[0m\\n' >&2; exit 1",
    );
    try {
      await using branch = openBranch(target(), "protected");
      const error = await failure(branch.push(await branch.fetch(), change({ a: ["1", "2"] })), "declined");
      assert.match(error.message, /pre-receive hook declined.*GH006: changes must be made through a pull request/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
      assert.doesNotMatch(error.message, /[\u0000-\u001f]/);
      assert.ok(!error.retryable);
      assert.equal(repository().git("rev-parse", "protected"), base);
    } finally {
      repository().hook("pre-receive", "exit 0");
    }
  });
}
