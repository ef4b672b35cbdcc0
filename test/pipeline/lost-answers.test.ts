import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FaultRule } from "../../src/demo/faults.ts";
import { PortError } from "../../src/model/errors.ts";
import { minute, startKnownWorld, type World } from "../support/world.ts";
import { assertAtRest, assertOnceEach, fleet, fleetSources, fleetWorkloads } from "./fleet.ts";

const known = () => startKnownWorld([fleetSources("0"), fleetWorkloads()], { nodes: 1 });
const write: Pick<FaultRule, "where"> = { where: ({ method }) => method !== "GET" };

/** A run that may end with an error of the API server, and one after it. */
async function runUnder(world: World, rule: FaultRule): Promise<number> {
  const handle = world.cluster.faults.push(rule);
  try {
    const { exitCode } = await world.run();
    assert.ok([0, 75].includes(exitCode), `exit code ${exitCode}`);
  } catch (error) {
    assert.ok(error instanceof PortError, String(error));
  }
  const { hits } = handle;
  world.cluster.faults.clear();
  world.time.advance(2 * minute);
  assert.equal((await world.run({ identity: "run-2" })).exitCode, 0);
  return hits;
}

/** Workloads are read before the first patch too. */
const hasPatched = ({ cluster }: World) => cluster.requests.some(({ method }) => method === "PATCH");

describe("answers that are lost after the write was carried out", () => {
  it("of any one write, whole or in half: every workload restarts exactly once", async () => {
    await using world = await known();
    for (let nth = 1, hits = 1; hits > 0; nth++) {
      const fault = nth % 2 === 0 ? ({ dropAnswer: true } as const) : ({ halfBody: true } as const);
      await assertOnceEach(world, `${nth}`, async () => {
        hits = await runUnder(world, { ...write, nth, fault });
      });
      await assertAtRest(world);
      assert.ok(hits > 0 || nth > 14, `only ${nth} writes`);
    }
  });

  it("of all patches: the same, and the run itself knows that it restarted them", async () => {
    await using world = await known();
    await assertOnceEach(world, "1", async () => {
      world.cluster.faults.push({ method: "PATCH", fault: { dropAnswer: true } });
      const { outcomes, exitCode } = await world.run();
      assert.deepEqual(
        outcomes.map(({ outcome }) => outcome),
        fleet.map(() => "restarted"),
      );
      assert.equal(exitCode, 0);
    });
    world.cluster.faults.clear();
    await assertAtRest(world);
  });

  it("of all patches, and of every read after them: superseded, and the next run finds everything done", async () => {
    await using world = await known();
    await assertOnceEach(world, "1", async () => {
      world.cluster.faults.push({ method: "PATCH", fault: { dropAnswer: true } });
      world.cluster.faults.push({
        verb: "get",
        where: ({ resource }) => resource?.group === "apps" && hasPatched(world),
        fault: { reset: true },
      });
      const { outcomes } = await world.run();
      assert.deepEqual(
        outcomes.map(({ outcome }) => outcome),
        fleet.map(() => "superseded"),
      );
      world.cluster.faults.clear();
      const next = await world.run();
      assert.deepEqual(
        [next.restarted, next.outcomes.map(({ outcome }) => outcome)],
        [[], fleet.map(() => "restarted")],
      );
    });
    await assertAtRest(world);
  });

  it("of every write to the state: said, exit code 75, and the stamps tell the next run", async () => {
    await using world = await known();
    await assertOnceEach(world, "1", async () => {
      world.cluster.faults.push({ method: "PUT", resource: "configmaps", fault: { reset: true } });
      const { exitCode, issues } = await world.run();
      assert.deepEqual([exitCode, issues.map(({ code }) => code)], [75, ["state-not-written"]]);
      world.cluster.faults.clear();
      assert.deepEqual((await world.run()).restarted, []);
    });
    await assertAtRest(world);
  });
});

describe("writes the API server refuses for a while", () => {
  for (const [answer, what] of [
    [409, "a conflict"],
    [429, "too many requests"],
    [500, "an internal error"],
    [503, "unavailable"],
  ] as const) {
    it(`${what} to every patch: owed, nothing restarted; the next run does it once`, async () => {
      await using world = await known();
      await assertOnceEach(world, "1", async () => {
        world.cluster.faults.push({ method: "PATCH", fault: { answer } });
        const ran = await world.run();
        assert.deepEqual([ran.restarted, ran.exitCode], [[], 75]);
        assert.deepEqual(
          ran.outcomes.map(({ outcome }) => outcome),
          fleet.map(() => "deferred"),
        );
        world.cluster.faults.clear();
        await world.run();
      });
      await assertAtRest(world);
    });
  }

  it("403 to the patches of one kind: exit code 3, the right is named, the others restart", async () => {
    await using world = await known();
    await assertOnceEach(world, "1", async () => {
      world.cluster.faults.push({ method: "PATCH", resource: "daemonsets", fault: { answer: 403 } });
      const ran = await world.run();
      const failed = ran.outcomes.filter(({ outcome }) => outcome !== "restarted");
      assert.equal(ran.exitCode, 3);
      assert.equal(ran.restarted.length, 7);
      assert.deepEqual(
        [...new Set(failed.map(({ workload, outcome, reason }) => `${workload.kind} ${outcome} ${reason}`))],
        ["DaemonSet failed Forbidden"],
      );
      for (const { message } of failed) assert.match(message, /patch daemonsets\.apps/);
      world.cluster.faults.clear();
      await world.run();
    });
    await assertAtRest(world);
  });

  it("403 to the looks at one kind: restarted and not watched, exit code 3, the right is named, the next run watches", async () => {
    await using world = await known();
    await assertOnceEach(world, "1", async () => {
      world.cluster.faults.push({
        verb: "get",
        resource: "daemonsets",
        where: () => hasPatched(world),
        fault: { answer: 403 },
      });
      const ran = await world.run();
      const open = ran.outcomes.filter(({ outcome }) => outcome !== "restarted");
      assert.deepEqual([ran.restarted.length, ran.exitCode], [fleet.length, 3]);
      assert.deepEqual(
        [...new Set(open.map(({ workload, outcome, reason }) => `${workload.kind} ${outcome} ${reason}`))],
        ["DaemonSet verifying Forbidden"],
      );
      for (const { message } of open) assert.match(message, /get daemonsets\.apps/);
      world.cluster.faults.clear();
      const next = await world.run();
      assert.deepEqual([next.restarted, next.outcomes.length, next.exitCode], [[], open.length, 0]);
    });
    await assertAtRest(world);
  });
});
