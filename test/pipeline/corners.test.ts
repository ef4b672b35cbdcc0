import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { configMap, deployment, envFrom, envKeys } from "../support/manifests.ts";
import { second, startKnownWorld, stateName, stateNamespace, type World } from "../support/world.ts";

const web = "Deployment/shop/web";
const pod = envFrom(["ConfigMap", "settings"]);
const settings = (a: string) => configMap("settings", { a, b: "1" });

function stampOf({ cluster }: World): string {
  const { spec } = cluster.api.get("Deployment", "shop", "web") as { spec?: unknown };
  return (
    (spec as { template: { metadata: { annotations: Record<string, string> } } }).template.metadata.annotations[
      "reroll.dev/stamp"
    ] ?? ""
  );
}

describe("a workload with very many sources", () => {
  const names = Array.from({ length: 60 }, (_, index) => `a-rather-long-name-of-a-source-${index}`);
  const sources = (a: string) => names.map((name) => configMap(name, { a }));
  const uses = deployment("web", envFrom(...names.map((name) => ["ConfigMap", name] as const)));
  const known = async () => {
    const world = await startKnownWorld([sources("1"), uses]);
    world.put(...sources("2"));
    assert.deepEqual((await world.run()).restarted, [web]);
    return world;
  };

  it("gets a stamp that stays short, and its bodies are read by one list", async () => {
    await using world = await known();
    assert.match(stampOf(world), /^[0-9a-f]{8} 60-sources=[0-9a-f]{12}\.[0-9a-f]{4}$/);
    world.put(...sources("3"));
    const { requests, actions } = await world.run();
    assert.equal(actions[0]?.because.length, 60);
    const bodies = requests.filter(
      ({ resource, namespace, metadataOnly }) => resource === "configmaps" && namespace === "shop" && !metadataOnly,
    );
    assert.deepEqual(
      bodies.map(({ verb }) => verb),
      ["list"],
    );
  });

  it("and the state lost: nothing while nothing has moved, one restart when something has", async () => {
    await using world = await known();
    world.cluster.api.delete("ConfigMap", stateNamespace, stateName);
    assert.deepEqual((await world.run()).restarted, []);
    world.put(configMap(names[7] ?? "", { a: "3" }));
    world.cluster.api.delete("ConfigMap", stateNamespace, stateName);
    assert.deepEqual((await world.run()).restarted, [web]);
    assert.deepEqual((await world.run()).restarted, []);
  });
});

describe("content that comes back to what the stamp already says", () => {
  it("restarts all the same, because pods have started on other content in between", async () => {
    await using world = await startKnownWorld([settings("1"), deployment("web", pod)]);
    world.put(settings("2"));
    await world.run();
    const stamp = stampOf(world);
    world.put(settings("3"));
    world.cluster.api.patch("Deployment", "shop", "web", {
      spec: { template: { metadata: { labels: { version: "2" } } } },
    });
    world.time.advance(60 * second);
    assert.deepEqual((await world.run()).restarted, [], "its pods run 3 already");
    world.put(settings("2"));
    assert.deepEqual((await world.run()).restarted, [web]);
    assert.equal(stampOf(world), `${stamp} turn=2`);
    assert.equal(world.views("web")[0]?.["ConfigMap/settings"]?.a, "2");
    assert.deepEqual((await world.run()).restarted, []);
  });
});

describe("a template its controller has not taken notice of", () => {
  it("is left alone, and so is the rollout that follows: its pods read the new content anyway", async () => {
    await using world = await startKnownWorld([settings("1"), deployment("web", pod)], { rolloutDelay: 3_600_000 });
    world.put(settings("2"));
    world.time.advance(60 * second);
    world.cluster.api.put(deployment("web", pod, { template: { labels: { version: "2" } } }));
    const ran = await world.run();
    assert.deepEqual([ran.restarted, ran.pending.map(({ reason }) => reason)], [[], ["rollout-not-observed"]]);
    world.time.advance(60 * second);
    const next = await world.run();
    assert.deepEqual([next.restarted, next.pending.map(({ reason }) => reason)], [[], ["verifying"]]);
  });
});

describe("keys with names that mean something to JavaScript", () => {
  const odd = (value: string) =>
    configMap("settings", JSON.parse(`{"__proto__": "${value}", "constructor": "1", "toString": "1"}`));

  it("are keys like others", async () => {
    const own = deployment("own", envKeys("ConfigMap", "settings", ["constructor"]));
    await using world = await startKnownWorld([odd("1"), [deployment("web", pod), own]]);
    assert.deepEqual((await world.run()).restarted, []);
    world.put(odd("2"));
    const ran = await world.run();
    assert.deepEqual([ran.restarted, ran.actions[0]?.because[0]?.keys], [[web], ["__proto__"]]);
    world.put(configMap("settings", { toString: "1" }));
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/own", web]);
    assert.deepEqual((await world.run()).restarted, []);
  });
});
