import assert from "node:assert/strict";
import { test } from "node:test";
import type { BareRepository } from "../support/git/run.ts";
import { change, failure, type GitTarget, openBranch, textOf } from "./git-target.ts";

/** Somebody else pushes at each step of ours. */
export function racing(target: () => GitTarget, repository: () => BareRepository): void {
  test("who was first before the push wins; fetched again, the push goes through on top", async () => {
    repository().commit({ a: "1" }, { branch: "first" });
    await using branch = openBranch(target(), "first");
    const commit = await branch.fetch();
    const theirs = repository().commit({ b: "theirs" }, { branch: "first" });
    const error = await failure(branch.push(commit, change({ a: ["1", "2"] })), "moved");
    assert.ok(error.retryable);
    assert.equal(repository().git("rev-parse", "first"), theirs);
    const again = await branch.fetch();
    assert.equal(await textOf(again, "b"), "theirs");
    await branch.push(again, change({ a: ["1", "2"] }));
    assert.equal(repository().git("show", "first:b"), "theirs");
    assert.equal(repository().git("show", "first:a"), "2");
    assert.equal(repository().git("rev-list", "--count", "first"), "3");
  });

  test("who moves the branch while the push is on its way wins", async () => {
    repository().commit({ a: "1" }, { branch: "during" });
    const theirs = repository().commit({ a: "theirs" }, { branch: "during-theirs" });
    await using branch = openBranch(target(), "during");
    const commit = await branch.fetch();
    repository().hook("pre-receive", `unset GIT_QUARANTINE_PATH; git update-ref refs/heads/during ${theirs}`);
    try {
      await failure(branch.push(commit, change({ a: ["1", "2"] })), "moved");
    } finally {
      repository().hook("pre-receive", "exit 0");
    }
    assert.equal(repository().git("rev-parse", "during"), theirs);
    const again = await branch.fetch();
    assert.equal(await textOf(again, "a"), "theirs");
    await branch.push(again, change({ a: ["theirs", "2"] }));
  });

  test("a base that was pushed over by force is moved, backwards too, and nothing of it is brought back", async () => {
    const start = repository().commit({ a: "0" }, { branch: "forced" });
    await using branch = openBranch(target(), "forced");
    await branch.fetch();
    repository().commit({ a: "1" }, { branch: "forced" });
    const commit = await branch.fetch();
    repository().git("update-ref", "refs/heads/forced", start);
    await failure(branch.push(commit, change({ a: ["1", "2"] })), "moved");
    assert.equal(repository().git("rev-parse", "forced"), start);
    const other = repository().commit({ unrelated: "x" }, { branch: "forced", force: true });
    await failure(branch.push(commit, change({ a: ["1", "2"] })), "moved");
    const again = await branch.fetch();
    assert.equal(again.id, other);
    assert.deepEqual(await again.tree.list(""), [{ name: "unrelated", is: "file" }]);
  });

  test("a branch that was deleted meanwhile is not made again", async () => {
    repository().commit({ a: "1" }, { branch: "deleted" });
    await using branch = openBranch(target(), "deleted");
    const commit = await branch.fetch();
    repository().git("update-ref", "-d", "refs/heads/deleted");
    await failure(branch.push(commit, change({ a: ["1", "2"] })), "no-branch");
    assert.equal(repository().git("for-each-ref", "refs/heads/deleted"), "");
  });

  test("two that push at once: one gets through, the other is told to fetch again", async () => {
    repository().commit({ a: "1", b: "1" }, { branch: "both" });
    await using one = openBranch(target(), "both");
    await using other = openBranch(target(), "both");
    const [mine, theirs] = await Promise.all([one.fetch(), other.fetch()]);
    const results = await Promise.allSettled([
      one.push(mine, change({ a: ["1", "2"] })),
      other.push(theirs, change({ b: ["1", "2"] })),
    ]);
    const codes = results.map((each) => (each.status === "fulfilled" ? "pushed" : each.reason.code)).sort();
    assert.deepEqual(codes, ["moved", "pushed"]);
    assert.equal(repository().git("rev-list", "--count", "both"), "2");
  });
}
