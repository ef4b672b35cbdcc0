import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Ports } from "../../src/ports.ts";
import { deploymentFile, fleetFiles, fleetSources, startGitFleet, verdicts } from "../support/git-fleet.ts";
import type { GitWorld } from "../support/git-world.ts";
import { testPolicy } from "../support/policy.ts";
import { beforeNth } from "../support/port-tap.ts";
import { minute } from "../support/world.ts";

const policy = { git: { ...testPolicy().git, await: 5000 } };

/** Both workloads are committed, and Flux has not applied it. */
async function committedFleet(): Promise<GitWorld> {
  const world = await startGitFleet();
  world.world.put(...fleetSources("blue"));
  world.flux = "asleep";
  assert.deepEqual(verdicts(await world.run({ policy })), ["committed Committed", "committed Committed"]);
  world.world.time.advance(minute);
  return world;
}

async function next(world: GitWorld) {
  const ran = await world.run({ policy });
  world.world.time.advance(minute);
  return ran;
}

const reasons = ({ pending }: Awaited<ReturnType<typeof next>>) => pending.map(({ reason }) => reason);

describe("a commit that is gone before Flux applied it", () => {
  it("by a revert: whoever did it is not fought, until the content changes", async () => {
    await using world = await committedFleet();
    const [ours] = await world.commits();
    const message = `Revert "${ours?.subject}"\n\nThis reverts commit ${ours?.id}.\n`;
    const reverted = await world.repository.commit(fleetFiles, { message });
    for (let run = 0; run < 2; run++) {
      const ran = await next(world);
      assert.deepEqual([reasons(ran), ran.outcomes, ran.exitCode], [["reverted", "reverted"], [], 0]);
      assert.match(ran.pending[0]?.message ?? "", /somebody took it back; .* reroll retry Deployment\/shop\/api/);
      assert.equal(await world.repository.tip(), reverted);
    }
    world.flux = "prompt";
    world.world.put(...fleetSources("green"));
    assert.deepEqual(verdicts(await next(world)), ["restarted RolledOut", "restarted RolledOut"]);
  });

  it("by another history: it is committed once more, and a second time it is left to people", async () => {
    await using world = await committedFleet();
    await world.repository.commit(fleetFiles, { orphan: true, message: "Begin anew" });
    assert.deepEqual(verdicts(await next(world)), ["committed Committed", "committed Committed"]);
    assert.equal((await world.commits()).length, 1);
    await world.repository.commit(fleetFiles, { orphan: true, message: "And anew" });
    const ran = await next(world);
    assert.deepEqual([reasons(ran), (await world.commits()).length], [["reverted", "reverted"], 0]);
  });

  it("by another history, after Flux applied it: pods are not restarted for it again", async () => {
    await using world = await committedFleet();
    await world.reconcile();
    await world.repository.commit(fleetFiles, { orphan: true, message: "Begin anew" });
    const ran = await next(world);
    assert.deepEqual([ran.restarted, (await world.commits()).length, reasons(ran)], [[], 0, []]);
  });
});

describe("a run that is told to stop while it waits for Flux", () => {
  it("ends at once, and the next one sees what became of the commit", async () => {
    await using world = await startGitFleet();
    world.world.put(...fleetSources("blue"));
    world.flux = "asleep";
    const stop = new AbortController();
    const begun = world.world.time.now();
    const through = (ports: Ports): Ports => {
      const sleep: Ports["clock"]["sleep"] = (...given) => {
        stop.abort();
        return ports.clock.sleep(...given);
      };
      return { ...ports, clock: { ...ports.clock, sleep } };
    };
    const ran = await world.run({ signal: stop.signal, through });
    assert.ok(world.world.time.now() - begun < 10_000, "waited on");
    assert.deepEqual([verdicts(ran), ran.restarted], [["committed Committed", "committed Committed"], []]);
    await world.reconcile();
    world.world.time.advance(minute);
    assert.deepEqual(verdicts(await next(world)), ["restarted RolledOut", "restarted RolledOut"]);
    assert.equal((await world.commits()).length, 1);
  });
});

describe("content that changes while a commit waits for Flux", () => {
  it("to something new: one more commit, and both end as one restart", async () => {
    await using world = await committedFleet();
    world.world.put(...fleetSources("green"));
    assert.deepEqual(verdicts(await next(world)), ["committed Committed", "committed Committed"]);
    assert.equal((await world.commits()).length, 2);
    await world.reconcile();
    const ran = await next(world);
    assert.deepEqual([verdicts(ran), ran.exitCode], [["restarted RolledOut", "restarted RolledOut"], 0]);
    assert.deepEqual([...world.world.rollouts().values()], [1, 1]);
  });

  it("back to what the pods run: nothing more is committed, and the runs come to rest", async () => {
    await using world = await committedFleet();
    world.world.put(...fleetSources("red"));
    await next(world);
    await world.reconcile();
    await next(world);
    const ran = await next(world);
    assert.deepEqual([verdicts(ran), reasons(ran), ran.exitCode], [[], [], 0]);
    assert.ok([...world.world.rollouts().values()].every((count) => count <= 1));
  });
});

describe("a commit that Flux cannot apply", () => {
  async function brokenFleet(): Promise<GitWorld> {
    const world = await startGitFleet();
    world.world.put(...fleetSources("blue"));
    world.flux = "broken";
    return world;
  }

  it("is taken back on top of what others pushed meanwhile, which stays", async () => {
    await using world = await brokenFleet();
    const through = beforeNth("fetch", 2, () => world.repository.commit({ "README.md": "theirs\n" }));
    const ran = await world.run({ through });
    assert.deepEqual([verdicts(ran), ran.exitCode], [["failed FluxFailed", "failed FluxFailed"], 5]);
    assert.equal(await world.repository.read("README.md"), "theirs\n");
    for (const name of ["api", "web"]) {
      assert.equal(await world.repository.read(`apps/${name}.yaml`), deploymentFile(name));
    }
  });

  it("is left where somebody edited its files since, and that is said", async () => {
    await using world = await brokenFleet();
    const through = beforeNth("fetch", 2, async () => {
      const text = await world.repository.read("apps/web.yaml");
      await world.repository.commit({ "apps/web.yaml": text.replace(":1 ", ":2 ") });
    });
    const ran = await world.run({ through });
    assert.deepEqual([verdicts(ran), ran.exitCode], [["failed FluxFailed", "failed FluxFailed"], 5]);
    assert.match(ran.outcomes[0]?.message ?? "", /its files were changed since, so it was not taken back/);
    assert.match(await world.repository.read("apps/web.yaml"), /web:2 /);
    assert.equal((await world.commits()).length, 1);
  });
});
