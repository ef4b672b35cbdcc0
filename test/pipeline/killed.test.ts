import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Death, runUntil, whereWritesAre } from "../support/killing.ts";
import { minute, startKnownWorld, startWorld, type World } from "../support/world.ts";
import { assertAtRest, assertOnceEach, fleetSources, fleetWorkloads } from "./fleet.ts";

const known = () => startKnownWorld([fleetSources("0"), fleetWorkloads()], { nodes: 1 });

/** Kills a run, then runs again: as the same pod at once, or as another one once the Lease has ended. */
async function killThenRun(world: World, death: Death, sameIdentity: boolean): Promise<boolean> {
  // Dozens of changes in an hour would be a loop.
  world.time.advance(6 * minute);
  if (await runUntil(world, death)) return false;
  if (!sameIdentity) world.time.advance(2 * minute);
  const next = await world.run({ identity: sameIdentity ? "run-1" : "run-2" });
  assert.deepEqual([next.lockedBy, next.exitCode], [undefined, 0]);
  return true;
}

const changed = async () => {
  const world = await known();
  world.put(...fleetSources("1"));
  return world;
};

describe("a run with ten changed sources and ten workloads", () => {
  it("killed before any of its calls is sent: the next run restarts each exactly once, and then all is at rest", async () => {
    await using world = await known();
    for (let at = 1, killed = true; killed; at++) {
      await assertOnceEach(world, `${at}`, async () => {
        killed = await killThenRun(world, { at, when: "before" }, at % 2 === 0);
      });
      await assertAtRest(world);
      assert.ok(killed || at > 40, `only ${at} calls`);
    }
  });

  it("killed after any of its writes was carried out, before it could hear of it: the same", async () => {
    const writes = await whereWritesAre(changed);
    assert.ok(writes.length >= 14, "Lease, ten patches, two times the state, Lease");
    await using world = await known();
    for (const at of writes) {
      const death: Death = { at, when: "after" };
      await assertOnceEach(world, `${at}`, () => killThenRun(world, death, at % 2 === 1));
      await assertAtRest(world);
    }
  });

  it("killed after any write of the run that restarts them for the first time: the same", async () => {
    for (const at of await whereWritesAre(changed)) {
      await using world = await known();
      await assertOnceEach(world, "1", () => killThenRun(world, { at, when: "after" }, at % 2 === 0));
      await assertAtRest(world);
    }
  });
});

describe("the very first run, killed at any of its calls", () => {
  it("leaves a cluster whose next run adopts and restarts nothing", async () => {
    for (let at = 1, killed = true; killed; at++) {
      await using world = await startWorld([fleetSources("0").slice(0, 2), fleetWorkloads().slice(0, 2)]);
      killed = (await runUntil(world, { at, when: at % 2 === 0 ? "before" : "after" })) === undefined;
      const { restarted, exitCode } = await world.run();
      assert.deepEqual([restarted, exitCode], [[], 0]);
      assert.ok(killed || at > 15, `only ${at} calls`);
      await assertAtRest(world);
    }
  });
});
