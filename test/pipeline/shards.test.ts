import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runUntil, whereWritesAre } from "../support/killing.ts";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { type PortCall, tapPorts } from "../support/port-tap.ts";
import { storedState } from "../support/stored-state.ts";
import { minute, startKnownWorld, stateNamespace, type World } from "../support/world.ts";
import { largeSources, largeWorkloads, manyKeys, shardsOf } from "./large-state.ts";

const large = () => startKnownWorld([largeSources("1"), largeWorkloads]);
const small = () => startKnownWorld([configMap("settings"), deployment("web", envFrom(["ConfigMap", "settings"]))]);
/** More namespaces, with sources so large that the state grows out of one ConfigMap. */
const grow = (world: World) => world.put(...largeSources("1").slice(1), ...largeWorkloads.slice(1));
const versions = (world: World) => storedState(world).map(({ resourceVersion }) => resourceVersion);

describe("a state too large for one ConfigMap", () => {
  it("is sharded by namespace, and read back", async () => {
    await using world = await large();
    const before = storedState(world);
    assert.ok(before.length >= 3, before.map(({ name }) => name).join(" "));
    for (const { bytes } of before) assert.ok(bytes < 1024 * 1024);
    assert.deepEqual((await world.run()).restarted, []);
    assert.deepEqual(
      versions(world),
      before.map(({ resourceVersion }) => resourceVersion),
    );
  });

  it("is written shard by shard: only what changed, and compared with what was read alone", async () => {
    await using world = await large();
    const own = shardsOf(world).find(({ text }) => text.includes('"other":{'));
    const foreign = shardsOf(world).find(({ name }) => name !== own?.name);
    assert.ok(own && foreign);
    world.put(configMap("settings", manyKeys("2"), { namespace: "other" }));
    // Somebody writes the other shard in the middle of the run: no conflict for this one.
    let touched = false;
    const before = async ({ method }: PortCall) => {
      if (method !== "patch" || touched) return;
      touched = true;
      world.cluster.api.patch("ConfigMap", stateNamespace, foreign.name, { metadata: { labels: { touched: "yes" } } });
    };
    const ran = await world.run({ through: (ports) => tapPorts(ports, { before, after: async () => {} }) });
    assert.deepEqual([ran.restarted, ran.issues, ran.exitCode], [["Deployment/other/web"], [], 0]);
    const written = ran.requests.filter(({ method, resource }) => method === "PUT" && resource === "configmaps");
    assert.deepEqual([...new Set(written.map(({ name }) => name))], [own.name]);
    assert.deepEqual((await world.run()).restarted, []);
  });

  it("that was small before keeps what it knew", async () => {
    await using world = await small();
    grow(world);
    assert.deepEqual((await world.run()).restarted, []);
    assert.ok(shardsOf(world).length >= 2);
    world.put(configMap("settings", { a: "2" }));
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/web"]);
  });

  it("grows in a run that is killed at any write: the next run reads it and knows what was known", async () => {
    const changed = async () => {
      const world = await small();
      grow(world);
      world.put(configMap("settings", { a: "2" }));
      return world;
    };
    for (const at of await whereWritesAre(changed)) {
      await using world = await changed();
      await runUntil(world, { at, when: "after" });
      world.time.advance(2 * minute);
      assert.equal((await world.run({ identity: "next" })).exitCode, 0);
      assert.equal(world.rollouts().get("Deployment/shop/web"), 1);
      world.put(...largeSources("2").slice(1));
      assert.deepEqual((await world.run()).restarted, ["Deployment/other/web", "Deployment/third/web"]);
    }
  });
});
