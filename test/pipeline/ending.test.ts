import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UsageError } from "../../src/model/errors.ts";
import { configMap, deployment, envKeys } from "../support/manifests.ts";
import { beforeNth } from "../support/port-tap.ts";
import { startKnownWorld, startWorld, stateNamespace } from "../support/world.ts";
import { assertAtRest, assertOnceEach, fleetSources, fleetWorkloads, words } from "./fleet.ts";

const known = () => startKnownWorld([fleetSources("0"), fleetWorkloads()], { nodes: 1 });

describe("SIGTERM", () => {
  it("before anything is started: all is owed, the state says so, and the next run does it", async () => {
    await using world = await known();
    await assertOnceEach(world, "1", async () => {
      const ran = await world.run({ signal: AbortSignal.abort() });
      assert.deepEqual([words(ran), ran.restarted], [{ "deferred Interrupted": 10 }, []]);
      const next = await world.run();
      assert.deepEqual(words(next), { "restarted RolledOut": 10 });
    });
    await assertAtRest(world);
  });

  it("while acting: what was started is remembered, the rest is owed since then", async () => {
    await using world = await known();
    await assertOnceEach(world, "1", async () => {
      const stop = new AbortController();
      const through = beforeNth("patch", 3, async () => stop.abort());
      const ran = await world.run({ signal: stop.signal, through, policy: { concurrency: 1 } });
      assert.deepEqual(words(ran), { "deferred Interrupted": 7, "verifying Interrupted": 3 });
      assert.equal(ran.restarted.length, 3);
      const next = await world.run();
      assert.deepEqual(words(next), { "restarted RolledOut": 10 });
      assert.equal(next.restarted.length, 7);
    });
    await assertAtRest(world);
  });
});

describe("the namespace of the state", () => {
  it("is missing: the run says how to make it, and touches nothing", async () => {
    await using world = await startWorld([
      configMap("settings"),
      deployment("web", envKeys("ConfigMap", "settings", ["a"])),
    ]);
    world.cluster.api.delete("Namespace", undefined, stateNamespace);
    await assert.rejects(world.run(), (error: unknown) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /kubectl create namespace reroll-system/);
      return true;
    });
    assert.deepEqual(
      world.cluster.requests.filter(({ method }) => method !== "GET"),
      [],
    );
    const { exitCode, adopted } = await world.plan();
    assert.deepEqual([exitCode, adopted.length], [0, 1], "a plan needs no namespace");
  });
});
