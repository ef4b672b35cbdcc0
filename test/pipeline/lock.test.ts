import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PortError, UsageError } from "../../src/model/errors.ts";
import type { Ports } from "../../src/ports.ts";
import { runUntil } from "../support/killing.ts";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { beforeNth, tapPorts } from "../support/port-tap.ts";
import { minute, type Ran, second, startKnownWorld, stateName, stateNamespace, type World } from "../support/world.ts";
import { assertAtRest, assertOnceEach, fleet, fleetSources, fleetWorkloads, words } from "./fleet.ts";

const known = () => startKnownWorld([fleetSources("0"), fleetWorkloads()], { nodes: 1 });

function leaseOf({ cluster }: World): Record<string, unknown> {
  return (cluster.api.get("Lease", stateNamespace, "reroll")?.spec ?? {}) as Record<string, unknown>;
}

describe("two runs at once", () => {
  it("one works, the other says who does and until when, and does nothing", async () => {
    await using world = await known();
    await assertOnceEach(world, "1", async () => {
      let other: Ran | undefined;
      const first = await world.run({
        identity: "one",
        through: beforeNth("patch", 3, async () => {
          other = await world.run({ identity: "two" });
        }),
      });
      assert.equal(first.exitCode, 0);
      assert.deepEqual([other?.exitCode, other?.lockedBy?.holder, other?.outcomes], [0, "one", []]);
      assert.equal(other?.lockedBy?.until.slice(0, 19), new Date(world.time.now() + minute).toISOString().slice(0, 19));
    });
    await assertAtRest(world);
  });

  it("asking for the Lease at the same instant: one gets it", async () => {
    await using world = await known();
    await assertOnceEach(world, "1", async () => {
      const both = await Promise.all([world.run({ identity: "one" }), world.run({ identity: "two" })]);
      assert.equal(both.filter(({ lockedBy }) => lockedBy !== undefined).length, 1);
    });
  });

  it("while a rollout takes longer than a Lease, it is renewed", async () => {
    const slow = deployment("web", envFrom(["ConfigMap", "settings"]), { spec: { minReadySeconds: 300 } });
    await using world = await startKnownWorld([configMap("settings"), slow]);
    world.time.advance(10 * minute);
    world.put(configMap("settings", { a: "2" }));
    const start = world.time.now();
    let others = 0;
    const through = (ports: Ports) =>
      tapPorts(ports, {
        after: async () => {},
        before: async ({ method }) => {
          if (method !== "get" || world.time.now() < start + (2 + others) * minute) return;
          others += 1;
          const { lockedBy } = await world.run({ identity: "two" });
          assert.equal(lockedBy?.holder, "one");
        },
      });
    const ran = await world.run({ identity: "one", through });
    assert.deepEqual(words(ran), { "restarted RolledOut": 1 });
    assert.ok(others >= 2, `${others} looks of another run`);
  });
});

describe("the Lease", () => {
  for (const [skew, what] of [
    [0, "right"],
    [60 * minute, "an hour ahead"],
    [-60 * minute, "an hour behind"],
  ] as const) {
    it(`of a run that was killed ends by the API server's clock; ours is ${what}`, async () => {
      await using world = await known();
      world.put(...fleetSources("1"));
      await runUntil(world, { at: 12, when: "before" }, { identity: "killed" });
      const through = (ports: Ports): Ports => ({
        ...ports,
        clock: { ...ports.clock, now: () => ports.clock.now() + skew },
      });
      world.time.advance(59 * second);
      const early = await world.run({ identity: "next", through });
      assert.equal(early.lockedBy?.holder, "killed");
      world.time.advance(2 * second);
      const late = await world.run({ identity: "next", through });
      assert.deepEqual([late.lockedBy, late.restarted], [undefined, fleet]);
    });
  }

  it("is released at the end of a run, good or bad", async () => {
    await using world = await known();
    assert.equal(leaseOf(world).holderIdentity, "");
    world.cluster.api.patch("ConfigMap", stateNamespace, stateName, { data: { "state.json": "{" } });
    await assert.rejects(world.run(), UsageError);
    assert.equal(leaseOf(world).holderIdentity, "");
  });

  it("taken by another run in the middle: nothing more is started, the rest is owed, exit code 75", async () => {
    await using world = await known();
    await assertOnceEach(world, "1", async () => {
      const lost = Promise.withResolvers<void>();
      const takeOver = async () => {
        const lease = world.cluster.api.get("Lease", stateNamespace, "reroll");
        assert.ok(lease);
        world.cluster.api.put({ ...lease, spec: { ...leaseOf(world), holderIdentity: "thief" } });
        world.time.advance(20 * second);
        await lost.promise;
      };
      const renewal = (ports: Ports) =>
        tapPorts(ports, {
          before: async () => {},
          after: async ({ port }) => {
            if (world.time.now() > start && port === "lock") setImmediate(lost.resolve);
          },
        });
      const start = world.time.now();
      const ran = await world.run({
        policy: { concurrency: 1 },
        through: (ports) => beforeNth("patch", 4, takeOver)(renewal(ports)),
      });
      assert.equal(ran.exitCode, 75);
      assert.ok(ran.issues.some(({ code }) => code === "lock-lost"));
      assert.deepEqual(words(ran), { "deferred Interrupted": 6, "verifying Interrupted": 4 });
      assert.equal(leaseOf(world).holderIdentity, "thief", "what is another's is not released");
      world.time.advance(2 * minute);
      assert.deepEqual(words(await world.run()), { "restarted RolledOut": 10 });
    });
    await assertAtRest(world);
  });

  it("whose renewal was carried out but never answered is still ours", async () => {
    const slow = deployment("web", envFrom(["ConfigMap", "settings"]), { spec: { minReadySeconds: 300 } });
    await using world = await startKnownWorld([configMap("settings"), slow]);
    world.time.advance(10 * minute);
    world.put(configMap("settings", { a: "2" }));
    const lost = world.cluster.faults.push({ method: "PUT", resource: "leases", nth: 3, fault: { dropAnswer: true } });
    const ran = await world.run();
    assert.equal(lost.hits, 1);
    assert.deepEqual([words(ran), ran.exitCode, ran.issues], [{ "restarted RolledOut": 1 }, 0, []]);
    assert.equal(leaseOf(world).holderIdentity, "");
  });

  it("whose release was carried out but never answered is released", async () => {
    await using world = await known();
    world.cluster.faults.push({ method: "PUT", resource: "leases", nth: 2, fault: { dropAnswer: true } });
    assert.equal((await world.run()).exitCode, 0);
    assert.equal(leaseOf(world).holderIdentity, "");
  });

  it("that was taken without an answer is taken: the run goes on", async () => {
    await using world = await known();
    await assertOnceEach(world, "1", async () => {
      world.cluster.faults.push({ method: "PUT", resource: "leases", nth: 1, fault: { dropAnswer: true } });
      assert.deepEqual(words(await world.run()), { "restarted RolledOut": 10 });
    });
  });

  for (const answer of [409, 500] as const) {
    it(`that is answered with ${answer} without end ends the run before anything is done`, async () => {
      await using world = await known();
      world.put(...fleetSources("1"));
      world.cluster.faults.push({ method: "PUT", resource: "leases", fault: { answer } });
      await assert.rejects(world.run(), PortError);
      world.cluster.faults.clear();
      assert.deepEqual((await world.run()).restarted, fleet);
    });
  }

  it("that cannot be read ends the run before anything is done", async () => {
    await using world = await known();
    world.put(...fleetSources("1"));
    world.cluster.faults.push({ resource: "leases", fault: { answer: 403 } });
    await assert.rejects(world.run(), {
      code: "forbidden",
      message: /get leases\.coordination\.k8s\.io reroll in namespace reroll-system/,
    });
    world.cluster.faults.clear();
    assert.deepEqual((await world.run()).restarted, fleet);
  });
});
