import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Death, runUntil } from "../support/killing.ts";
import { isWrite, type PortCall, tapPorts } from "../support/port-tap.ts";
import { minute, startKnownWorld, type World } from "../support/world.ts";
import { assertAtRest, assertOnceEach, fleetSources, fleetWorkloads } from "./fleet.ts";

const known = () => startKnownWorld([fleetSources("0"), fleetWorkloads()]);

/** Kills a run, then runs again: as the same pod at once, or as another one once the Lease has ended. */
async function killThenRun(world: World, death: Death, sameIdentity: boolean): Promise<boolean> {
  const killed = await runUntil(world, death);
  if (killed) return false;
  if (!sameIdentity) world.time.advance(2 * minute);
  const next = await world.run({ identity: sameIdentity ? "run-1" : "run-2" });
  assert.equal(next.lockedBy, undefined);
  assert.equal(next.exitCode, 0);
  return true;
}

for (const when of ["before", "after"] as const) {
  describe(`a run with ten changed sources and ten workloads, killed at every call, ${when} it is carried out`, () => {
    it("ends with every workload restarted exactly once by the next run, and then rests", async () => {
      await using world = await known();
      let kills = 0;
      for (let at = 1; ; at++) {
        let wasKilled = false;
        await assertOnceEach(world, `${at}`, async () => {
          wasKilled = await killThenRun(world, { at, when }, (at % 2 === 0) === (when === "after"));
        });
        await assertAtRest(world);
        if (!wasKilled) break;
        kills += 1;
      }
      assert.ok(kills > 40, `only ${kills} calls`);
    });
  });
}

describe("the first restart of ten workloads, killed at every write", () => {
  it("ends the same", async () => {
    const calls: PortCall[] = [];
    await using sample = await known();
    sample.put(...fleetSources("1"));
    const note = async (call: PortCall) => void calls.push(call);
    await sample.run({ through: (ports) => tapPorts(ports, { before: note, after: async () => {} }) });
    const writes = calls.flatMap((call, index) => (isWrite(call) ? [index + 1] : []));
    assert.ok(writes.length >= 14, "Lease, ten patches, two times the state, Lease");
    for (const at of writes) {
      for (const when of ["before", "after"] as const) {
        await using world = await known();
        await assertOnceEach(world, "1", () => killThenRun(world, { at, when }, when === "after"));
        await assertAtRest(world);
      }
    }
  });
});
