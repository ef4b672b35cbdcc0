import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertGitAtRest, assertRuns, fleet, fleetSources, startGitFleet } from "../support/git-fleet.ts";
import type { GitWorld } from "../support/git-world.ts";
import { type Death, runUntil, whereWritesAre } from "../support/killing.ts";
import { minute } from "../support/world.ts";

/** Changes both sources, kills a run, and runs again: each workload restarts once, by one commit. */
async function killed(world: GitWorld, death: Death, content: string): Promise<boolean> {
  // Dozens of changes in an hour would be a loop.
  world.world.time.advance(6 * minute);
  world.world.put(...fleetSources(content));
  const before = world.world.rollouts();
  const commits = (await world.commits()).length;
  const ran = await runUntil(world, death);
  if (!ran) {
    // Flux goes on without us: sometimes at once, sometimes only when the next run asks.
    if (death.at % 3 === 0) await world.reconcile();
    if (death.at % 2 === 1) world.world.time.advance(2 * minute);
    const next = await world.run({ identity: death.at % 2 === 0 ? "run-1" : "run-2" });
    assert.deepEqual([next.lockedBy, next.exitCode, next.pending], [undefined, 0, []], `${death.when} ${death.at}`);
  }
  const after = world.world.rollouts();
  const times = fleet.map((ref) => (after.get(ref) ?? 0) - (before.get(ref) ?? 0));
  const made = (await world.commits()).length - commits;
  assert.deepEqual({ times, made }, { times: [1, 1], made: 1 }, `${death.when} call ${death.at}`);
  assertRuns(world, content);
  await assertGitAtRest(world);
  return ran === undefined;
}

describe("a run in git mode with two changed sources and two workloads", () => {
  it("killed before any of its calls is sent: the next one ends with one commit and one restart each", async () => {
    await using world = await startGitFleet();
    let at = 1;
    while (await killed(world, { at, when: "before" }, `${at}`)) at += 1;
    assert.ok(at > 25, `only ${at} calls`);
    await world.repository.fsck();
  });

  it("killed after any of its writes was carried out, before it could hear of it: the same", async () => {
    const writes = await whereWritesAre(async () => {
      const world = await startGitFleet();
      world.world.put(...fleetSources("blue"));
      return world;
    });
    assert.ok(writes.length >= 6, "Lease, push, state, two requests to Flux, state, Lease");
    await using world = await startGitFleet();
    for (const at of writes) await killed(world, { at, when: "after" }, `${at}`);
    await world.repository.fsck();
  });
});
