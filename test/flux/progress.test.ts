import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listed } from "../../src/flux/live.ts";
import { type Chain, progressOf } from "../../src/flux/progress.ts";
import { commitOf, parseRevision } from "../../src/flux/revision.ts";
import { fixtures } from "../support/fixtures.ts";
import { type Changes, changed, fluxOf, liveObjects } from "../support/flux.ts";

interface Case {
  readonly helm?: boolean;
  readonly before?: Changes;
  readonly changes?: Changes;
  readonly state: string;
  readonly final?: boolean;
  readonly ours?: boolean;
  readonly says?: readonly string[];
}

const commit = "a".repeat(40);
const base = "c".repeat(40);

function chain(changes: Changes = {}, helm = false): Chain {
  const flux = fluxOf(changed(liveObjects(), changes));
  const [source, kustomization, helmRelease] = [
    listed(flux.gitRepositories)[0],
    listed(flux.kustomizations)[0],
    listed(flux.helmReleases)[0],
  ];
  assert.ok(source && kustomization && helmRelease);
  return { source, kustomization, ...(helm ? { helmRelease } : {}) };
}

describe("how far Flux is with a commit", () => {
  for (const { claim, content } of fixtures<Case>("flux/progress")) {
    it(claim, () => {
      const { helm = false, before, changes, state, final = false, ours = false, says = [] } = content;
      const progress = progressOf(commit, chain(changes, helm), chain(before, helm), base);
      assert.deepEqual([progress.state, progress.final, progress.ours], [state, final, ours], progress.message);
      for (const words of says) assert.ok(progress.message.includes(words), progress.message);
    });
  }
});

describe("a revision", () => {
  for (const [text, reference, found] of [
    [`main@sha1:${commit}`, "main", commit],
    [`feature/a@b@sha1:${commit}`, "feature/a@b", commit],
    [`refs/heads/main@sha1:${commit}`, "refs/heads/main", commit],
    [`sha1:${commit}`, "", commit],
    [`main@sha1:${commit.toUpperCase()}`, "main", commit],
    [`main/${commit}`, "main", commit],
    [`feature/x/${commit}`, "feature/x", commit],
    [`main@sha256:${"a".repeat(64)}`, "main", "a".repeat(64)],
  ] as const) {
    it(`${text} is ${found.slice(0, 8)} of ${reference || "nothing"}`, () => {
      assert.deepEqual(parseRevision(text), { reference, commit: found });
    });
  }
  it("of something else, or none, is none", () => {
    for (const text of ["6.9.2", "main", "", "main@sha1:abc", undefined])
      assert.equal(commitOf(text), undefined, `${text}`);
  });
});
