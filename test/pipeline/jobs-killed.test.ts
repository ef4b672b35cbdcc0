import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FaultRule } from "../../src/demo/faults.ts";
import { PortError } from "../../src/model/errors.ts";
import { interleave, seeded } from "../support/interleave.ts";
import { contentOf, cronJob, job, jobsOf } from "../support/jobs.ts";
import { type Death, runUntil, whereWritesAre } from "../support/killing.ts";
import { configMap } from "../support/manifests.ts";
import { minute, startKnownWorld, type World } from "../support/world.ts";
import { assertAtRest } from "./fleet.ts";

const config = (a: string) => configMap("config", { a });
/** Jobs of the CronJob end at once, so that they pile up and can be counted. */
const known = () => startKnownWorld([[config("0"), cronJob("nightly", { template: {} }), job("import")]]);

/** How often each of the two was restarted: Jobs made, and generations of the Job, two for every suspending and resuming. */
const counts = (world: World) => {
  const { metadata, spec } = world.cluster.api.get("Job", "shop", "import") ?? assert.fail("the Job is gone");
  assert.equal((spec as { suspend?: boolean }).suspend, false, "the Job is left suspended");
  assert.equal(metadata.annotations?.["reroll.dev/recreate"], undefined, "the intent is left behind");
  return [jobsOf(world, "nightly").length, metadata.generation ?? 0] as const;
};

/** Changes the ConfigMap, does what is given, and fails unless one Job was made and the other one's pods were made anew once. */
async function assertOnce(world: World, content: string, doing: () => Promise<unknown>): Promise<void> {
  const [made, generation] = counts(world);
  // Dozens of changes in an hour would be a loop.
  world.time.advance(6 * minute);
  world.put(config(content));
  await doing();
  assert.deepEqual(counts(world), [made + 1, generation + 2], `content ${content}`);
  assert.deepEqual(contentOf(world, "import"), [content]);
}

async function killThenRun(world: World, death: Death): Promise<boolean> {
  if (await runUntil(world, death)) return false;
  world.time.advance(2 * minute);
  const next = await world.run({ identity: "run-2" });
  assert.deepEqual([next.lockedBy, next.exitCode], [undefined, 0]);
  return true;
}

describe("a run with a CronJob to trigger and a Job to recreate", () => {
  it("killed before any of its calls is sent: one Job is made, the other is resumed, and then all is at rest", async () => {
    await using world = await known();
    for (let at = 1, killed = true; killed; at++) {
      await assertOnce(world, `${at}`, async () => {
        killed = await killThenRun(world, { at, when: "before" });
      });
      await assertAtRest(world);
      assert.ok(killed || at > 20, `only ${at} calls`);
    }
  });

  it("killed after any of its writes was carried out, before it could hear of it: the same", async () => {
    const changed = async () => {
      const world = await known();
      world.put(config("1"));
      return world;
    };
    const writes = await whereWritesAre(changed);
    assert.ok(writes.length >= 8, "Lease, Job, stamp, two patches, two times the state, Lease");
    await using world = await known();
    for (const at of writes) {
      await assertOnce(world, `${at}`, () => killThenRun(world, { at, when: "after" }));
      await assertAtRest(world);
    }
  });

  it("killed between its two writes, and the change is undone before the next run: no Job is left suspended", async () => {
    for (const at of await whereWritesAre(async () => {
      const world = await known();
      world.put(config("1"));
      return world;
    })) {
      await using world = await known();
      world.put(config("1"));
      await runUntil(world, { at, when: "after" });
      world.put(config("0"));
      world.time.advance(2 * minute);
      assert.equal((await world.run({ identity: "run-2" })).exitCode, 0);
      counts(world);
      assert.deepEqual(contentOf(world, "import"), ["0"], `killed at ${at}`);
      await assertAtRest(world);
    }
  });

  it("told to stop while the pods of the Job end: it is resumed all the same", async () => {
    await using world = await known();
    const stop = new AbortController();
    await assertOnce(world, "1", async () => {
      world.cluster.faults.push({
        method: "PATCH",
        resource: "jobs",
        nth: 1,
        where: () => {
          stop.abort(143);
          return true;
        },
        fault: { delay: 1 },
      });
      await world.run({ signal: stop.signal });
    });
    world.cluster.faults.clear();
    await world.run();
    await assertAtRest(world);
  });
});

describe("answers that are lost after the write was carried out, with Jobs", () => {
  const runUnder = async (world: World, rule: FaultRule): Promise<number> => {
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
  };

  it("of any one write, whole or in half: once each", async () => {
    await using world = await known();
    const where: FaultRule["where"] = ({ method }) => method !== "GET";
    for (let nth = 1, hits = 1; hits > 0; nth++) {
      const fault = nth % 2 === 0 ? ({ dropAnswer: true } as const) : ({ halfBody: true } as const);
      await assertOnce(world, `${nth}`, async () => {
        hits = await runUnder(world, { where, nth, fault });
      });
      await assertAtRest(world);
      assert.ok(hits > 0 || nth > 8, `only ${nth} writes`);
    }
  });

  it("of the creation, and of every read of Jobs after it: the next run finds the Job", async () => {
    await using world = await known();
    await assertOnce(world, "1", async () => {
      world.cluster.faults.push({ verb: "create", resource: "jobs", fault: { dropAnswer: true } });
      world.cluster.faults.push({ verb: "get", resource: "jobs", fault: { reset: true } });
      await world.run();
      world.cluster.faults.clear();
      await world.run();
    });
    await assertAtRest(world);
  });
});

describe("two runs at the same time, without a lock", () => {
  it("make one Job between them and resume the other: whatever the order of their calls", async () => {
    for (let seed = 1; seed <= 6; seed++) {
      await using world = await known();
      const [made] = counts(world);
      world.put(config("1"));
      const run = (identity: string) => (through: NonNullable<NonNullable<Parameters<World["run"]>[0]>["through"]>) =>
        world.run({ identity, through });
      await interleave(seeded(seed), [run("run-1"), run("run-2")]);
      world.time.advance(2 * minute);
      await world.run({ identity: "run-3" });
      assert.equal(counts(world)[0] - made, 1, `seed ${seed}`);
      assert.deepEqual(contentOf(world, "import"), ["1"], `seed ${seed}`);
      await assertAtRest(world);
    }
  });
});
