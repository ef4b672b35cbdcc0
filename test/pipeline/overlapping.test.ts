import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Ports } from "../../src/ports.ts";
import { runs } from "../support/effort.ts";
import { interleave, seeded } from "../support/interleave.ts";
import { minute, startKnownWorld, type World } from "../support/world.ts";
import { assertAtRest, assertFleetRuns, assertOnceEach, fleet, fleetSources, fleetWorkloads } from "./fleet.ts";

const known = () => startKnownWorld([fleetSources("0"), fleetWorkloads()], { nodes: 1 });
/** Dozens of changes in an hour would be a loop. */
const pause = 15 * minute;
const orders = Array.from({ length: runs(6) }, (_, seed) => seed);

/** Two runs at once, without a lock. Reads and writes of both come in an order drawn from the seed. */
function runTwice(world: World, seed: number, between?: (calls: number) => void) {
  const starts = ["a", "b"].map((identity) => (through: (ports: Ports) => Ports) => world.run({ identity, through }));
  return interleave(seeded(seed), starts, between);
}

describe("two runs at once that no lock keeps apart", () => {
  it("restart each workload exactly once, whatever the order of their calls", async () => {
    await using world = await known();
    for (const seed of orders) {
      world.time.advance(pause);
      await assertOnceEach(world, `a${seed}`, async () => {
        const [one, two] = await runTwice(world, seed);
        for (const ran of [one, two]) {
          const failed = ran?.outcomes.filter(({ outcome }) => outcome === "failed" || outcome === "needs-manual");
          assert.deepEqual(failed, []);
        }
      });
      await world.run();
      await assertAtRest(world);
    }
  });

  it("bring the newest content everywhere although it changes between their calls, with at most one restart per change", async () => {
    await using world = await known();
    for (const seed of orders) {
      world.time.advance(pause);
      world.put(...fleetSources(`b${seed}`));
      const before = world.rollouts();
      const random = seeded(seed + 1000);
      const at = Math.floor(random() * 60);
      await runTwice(world, seed, (calls) => {
        if (calls === at) world.put(...fleetSources(`c${seed}`));
      });
      await world.run();
      await world.run();
      assertFleetRuns(world, `c${seed}`);
      for (const ref of fleet) {
        const times = (world.rollouts().get(ref) ?? 0) - (before.get(ref) ?? 0);
        assert.ok(times >= 1 && times <= 2, `${ref}: ${times} restarts for two changes, seed ${seed}`);
      }
      await assertAtRest(world);
    }
  });
});
