import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  assertGitAtRest,
  assertRuns,
  deploymentFile,
  fleet,
  fleetFiles,
  fleetSources,
  startGitFleet,
  verdicts,
} from "../support/git-fleet.ts";
import type { Contents } from "../support/git-repository.ts";
import type { GitWorld } from "../support/git-world.ts";
import { interleave, seeded } from "../support/interleave.ts";
import { beforeNth } from "../support/port-tap.ts";
import { minute } from "../support/world.ts";

async function changedFleet(): Promise<GitWorld> {
  const world = await startGitFleet();
  world.world.put(...fleetSources("blue"));
  return world;
}

const stampsIn = (text: string) => text.match(/reroll.dev\/git-stamp/g)?.length ?? 0;

/** One commit of ours, on top of what everybody else did; everything restarted once; nothing left to do. */
async function assertDoneOnce(world: GitWorld): Promise<void> {
  assert.equal((await world.commits()).length, 1);
  const rollouts = world.world.rollouts();
  assert.deepEqual(
    fleet.map((ref) => rollouts.get(ref)),
    [1, 1],
  );
  assertRuns(world, "blue");
  await world.repository.fsck();
  await assertGitAtRest(world);
}

describe("runs that overlap in git mode", () => {
  it("without a lock, call by call in any order: one commit, one restart each", async () => {
    for (let seed = 1; seed <= 6; seed++) {
      await using world = await changedFleet();
      const both = ["run-1", "run-2"].map(
        (identity) => (through: Parameters<typeof beforeNth>[2] & object) => world.run({ identity, through } as never),
      );
      await interleave(seeded(seed), both as never);
      world.world.time.advance(2 * minute);
      await world.run({ identity: "run-3" });
      await assertDoneOnce(world);
    }
  });

  it("with one: whoever comes second does nothing, and no third run has anything to do", async () => {
    await using world = await changedFleet();
    let second: Awaited<ReturnType<GitWorld["run"]>> | undefined;
    const through = beforeNth("push", 1, async () => {
      second = await world.run({ identity: "run-2" });
    });
    const first = await world.run({ through });
    assert.deepEqual(verdicts(first), ["restarted RolledOut", "restarted RolledOut"]);
    assert.deepEqual([second?.lockedBy?.holder, second?.outcomes], ["run-1", []]);
    await assertDoneOnce(world);
  });
});

describe("an answer to the push that is lost", () => {
  for (const [claim, cut] of [
    ["before it begins", 0],
    ["in the middle", 20],
  ] as const) {
    it(`${claim}, the push done: the run finds its own commit, says that it made it, and makes no other`, async () => {
      await using world = await changedFleet();
      let lost = 0;
      world.server.interfere = ({ method, path }) => {
        const push = method === "POST" && path.endsWith("/git-receive-pack");
        world.server.cutAfter = push && lost++ === 0 ? cut : undefined;
        return false;
      };
      const ran = await world.run();
      assert.equal(lost, 1);
      assert.deepEqual([verdicts(ran), ran.exitCode], [["restarted RolledOut", "restarted RolledOut"], 0]);
      assert.equal(ran.git[0]?.commit, (await world.commits())[0]?.id);
      await assertDoneOnce(world);
    });
  }

  it("the push done, and no server any more: what is owed stays owed, and the next run finds the commit", async () => {
    await using world = await changedFleet();
    let gone = false;
    world.server.interfere = ({ method, path }, response) => {
      if (gone) response.destroy();
      else if (method === "POST" && path.endsWith("/git-receive-pack")) {
        gone = true;
        world.server.cutAfter = 0;
      }
      return response.destroyed;
    };
    const ran = await world.run();
    assert.deepEqual([verdicts(ran), ran.exitCode], [["deferred GitUnreachable", "deferred GitUnreachable"], 75]);
    world.server.interfere = undefined;
    world.server.cutAfter = undefined;
    world.world.time.advance(minute);
    const next = await world.run();
    assert.deepEqual([verdicts(next), next.exitCode], [["restarted RolledOut", "restarted RolledOut"], 0]);
    await assertDoneOnce(world);
  });
});

describe("somebody else who pushes", () => {
  const theirs: Contents = { "apps/web.yaml": deploymentFile("web").replace(":1 ", ":2 "), "README.md": "hello\n" };
  for (const [claim, method] of [
    ["before anything was fetched", "fetch"],
    ["between the fetch and the push", "push"],
  ] as const) {
    it(`${claim}: both are there`, async () => {
      await using world = await changedFleet();
      const through = beforeNth(method, 1, () => world.repository.commit(theirs));
      const ran = await world.run({ through });
      assert.deepEqual(verdicts(ran), ["restarted RolledOut", "restarted RolledOut"]);
      const text = await world.repository.read("apps/web.yaml");
      assert.match(text, /web:2/);
      assert.equal(stampsIn(text), 1);
      await assertDoneOnce(world);
    });
  }

  it("five times in a row: it is owed, exit 75, and the next run does it", async () => {
    await using world = await changedFleet();
    await world.repository.outrun([1, 2, 3, 4, 5].map((each) => ({ "README.md": `${each}\n` })));
    const ran = await world.run();
    assert.deepEqual([verdicts(ran), ran.exitCode], [["deferred BranchMoved", "deferred BranchMoved"], 75]);
    assert.deepEqual([ran.restarted, (await world.commits()).length], [[], 0]);
    assert.match(ran.outcomes[0]?.message ?? "", /main/);
    world.world.time.advance(minute);
    const next = await world.run();
    assert.deepEqual([verdicts(next), next.exitCode], [["restarted RolledOut", "restarted RolledOut"], 0]);
    assert.equal(await world.repository.read("README.md"), "5\n");
    await assertDoneOnce(world);
  });

  it("moves the definition between the fetch and the push: the stamp goes where it is now", async () => {
    await using world = await changedFleet();
    const moved: Contents = {
      "apps/web.yaml": undefined,
      "apps/shop/deployment.yaml": deploymentFile("web"),
      "apps/kustomization.yaml": "resources:\n  - api.yaml\n  - shop/deployment.yaml\n",
    };
    const ran = await world.run({ through: beforeNth("push", 1, () => world.repository.commit(moved)) });
    assert.deepEqual(verdicts(ran), ["restarted RolledOut", "restarted RolledOut"]);
    assert.deepEqual(ran.git[0]?.placements.map(({ path }) => path).sort(), [
      "apps/api.yaml",
      "apps/shop/deployment.yaml",
    ]);
    await assertDoneOnce(world);
  });

  it("takes one definition away between the fetch and the push: the other is restarted, that one is owed with the reason", async () => {
    await using world = await changedFleet();
    const gone: Contents = { "apps/web.yaml": undefined, "apps/kustomization.yaml": "resources:\n  - api.yaml\n" };
    const ran = await world.run({ through: beforeNth("push", 1, () => world.repository.commit(gone)) });
    assert.deepEqual(ran.restarted, ["Deployment/shop/api"]);
    assert.deepEqual(
      ran.pending.map(({ workload, reason }) => [workload.name, reason]),
      [["web", "unresolvable"]],
    );
    assert.deepEqual(
      ran.refusals.map(({ code, workload }) => [workload.name, code]),
      [["web", "NOT_FOUND"]],
    );
    world.world.time.advance(minute);
    const next = await world.run();
    assert.deepEqual([next.restarted, next.pending.map(({ reason }) => reason)], [[], ["unresolvable"]]);
  });

  it("forces another history on the branch between the fetch and the push: the commit is made on top of that one", async () => {
    await using world = await changedFleet();
    const other = { ...fleetFiles, "README.md": "another history\n" };
    const through = beforeNth("push", 1, () => world.repository.commit(other, { orphan: true }));
    const ran = await world.run({ through });
    assert.deepEqual(verdicts(ran), ["restarted RolledOut", "restarted RolledOut"]);
    assert.equal((await world.repository.log()).length, 2);
    await assertDoneOnce(world);
  });

  for (const [claim, method] of [
    ["before anything was fetched", "fetch"],
    ["between the fetch and the push", "push"],
  ] as const) {
    it(`deletes the branch ${claim}: nothing is pushed, it is owed and says why, and is done once there is one again`, async () => {
      await using world = await changedFleet();
      const tip = (await world.repository.tip()) ?? "";
      const through = beforeNth(method, 1, () => world.repository.git("update-ref", "-d", "refs/heads/main"));
      const ran = await world.run({ through });
      assert.deepEqual([ran.exitCode, ran.restarted, await world.repository.tip()], [3, [], undefined]);
      const said = [...ran.outcomes, ...ran.pending].map(({ message }) => message);
      assert.ok(said.length >= 2 && said.every((message) => /main/.test(message ?? "")), said.join("\n"));
      await world.repository.git("update-ref", "refs/heads/main", tip);
      world.world.time.advance(minute);
      await world.run();
      await assertDoneOnce(world);
    });
  }
});
