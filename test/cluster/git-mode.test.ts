/** Git mode from end to end: real Flux, a real Git server, and the real command. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openFleet, settings } from "./support/git-fleet.ts";
import { commitsSince, quiet, restartsByOneCommit } from "./support/git-journey.ts";
import type { GitStage } from "./support/git-stage.ts";
import { outcomes } from "./support/stage.ts";

describe("git mode over http", { concurrency: 1 }, () => {
  let stage: GitStage;
  before(async () => {
    stage = await openFleet("gitmode");
  });
  after(() => stage?.close());

  restartsByOneCommit(() => stage);

  it("a second pusher who is faster twice loses nothing and is built upon", async () => {
    const tip = await stage.repository.tip();
    const faster = await stage.repository.outrun([{ "NOTES.md": "1\n" }, { "NOTES.md": "2\n" }]);
    await stage.put(settings("3"));
    const ended = await stage.run();
    assert.deepEqual(outcomes(ended), { web: "restarted", worker: "restarted" }, ended.stdout);
    const made = await commitsSince(stage, tip);
    assert.deepEqual([made.slice(0, 2).map(({ id }) => id), made.length], [faster, 3]);
    assert.equal(await stage.repository.read("NOTES.md"), "2\n");
    await stage.repository.fsck();
  });

  it("a hook that declines is told in its words, nothing is half done, and the next run makes it good", async () => {
    const tip = await stage.repository.tip();
    await stage.repository.decline("frozen until Monday");
    await stage.put(settings("4"));
    const declined = await stage.run();
    assert.match(declined.stdout, /frozen until Monday/);
    assert.notEqual(declined.exitCode, 0);
    assert.equal(await stage.repository.tip(), tip);
    await stage.repository.hook("pre-receive");
    assert.deepEqual(outcomes(await stage.run()), { web: "restarted", worker: "restarted" });
    quiet(await stage.run());
    assert.equal((await commitsSince(stage, tip)).length, 1);
  });
});
