/** Git mode over the other ways to a Git server, and with a key that may only read. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openFleet, settings } from "./support/git-fleet.ts";
import { restartsByOneCommit } from "./support/git-journey.ts";
import type { GitStage } from "./support/git-stage.ts";

for (const transport of ["https", "ssh"] as const) {
  describe(`git mode over ${transport}`, { concurrency: 1 }, () => {
    let stage: GitStage;
    before(async () => {
      stage = await openFleet("gitmode", { transport });
    });
    after(() => stage?.close());
    restartsByOneCommit(() => stage);
  });
}

describe("git mode with the deploy key that flux bootstrap makes", () => {
  let stage: GitStage;
  before(async () => {
    stage = await openFleet("gitmode", { transport: "ssh", readOnlyKey: true });
  });
  after(() => stage?.close());

  it("is told that the key may only read, and leaves everything as it was", async () => {
    const tip = await stage.repository.tip();
    await stage.put(settings("2"));
    const { exitCode, stdout, stderr } = await stage.run();
    assert.match(stdout + stderr, /read.only/i);
    assert.equal(exitCode, 3, stdout);
    assert.equal(await stage.repository.tip(), tip);
    for (const text of [stdout, stderr]) assert.doesNotMatch(text, /PRIVATE KEY/);
  });
});
