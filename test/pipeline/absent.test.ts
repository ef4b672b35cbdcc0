/** The API of a kind goes away while the state knows objects of that kind, and comes back. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stampAnnotation } from "../../src/model/annotations.ts";
import { dig } from "../../src/model/object.ts";
import { auto, configMap, deployment, envFrom } from "../support/manifests.ts";
import { driverOf, mounts, secretProviderClass } from "../support/secrets-store.ts";
import { stateOf } from "../support/stored-state.ts";
import { minute, type Ran, startKnownWorld, startWorld, type World } from "../support/world.ts";

/** The API server forgets these resources, as where somebody takes their definition away; gives what brings them back. */
function forget({ cluster, time }: World, ...plurals: readonly string[]): () => void {
  const fault = { answer: 404, body: "404 page not found\n" };
  const rules = plurals.map((resource) => cluster.faults.push({ resource, fault }));
  return () => {
    for (const rule of rules) rule.remove();
    time.advance(minute);
  };
}

const codes = ({ issues }: Ran) => issues.map(({ code, path }) => [code, path]);
const nothing = (ran: Ran) => [ran.exitCode, ran.actions, ran.pending, ran.outcomes, ran.adopted];
const nothingAt = (exitCode: number) => [exitCode, [], [], [], []];

const { template } = deployment("any", envFrom(["ConfigMap", "settings"])).spec as { template: object };
const rollout = (replicas = 1) => ({
  ...{ apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" },
  metadata: { name: "web", namespace: "shop", annotations: auto },
  spec: { replicas, selector: { matchLabels: { app: "web" } }, template },
  status: { phase: "Healthy", replicas, updatedReplicas: replicas, availableReplicas: replicas },
});
const stampOf = ({ cluster }: World) =>
  dig(cluster.api.get("Rollout", "shop", "web"), "spec", "template", "metadata", "annotations", stampAnnotation);

describe("an API that goes away and comes back: a kind of workload", () => {
  it("its records stay and an issue says so; what changed meanwhile is one restart, and then nothing", async () => {
    await using world = await startKnownWorld([configMap("settings"), rollout()]);
    const before = stateOf(world, "shop");
    assert.match(before ?? "", /Rollout\/web/);
    const comeBack = forget(world, "rollouts");

    for (const a of ["1", "2", "3"]) {
      world.put(configMap("settings", { a }));
      const away = await world.run();
      assert.deepEqual(nothing(away), nothingAt(0), `with ${a}`);
      assert.deepEqual(codes(away), [["api-absent", "Rollout"]]);
      assert.match(stateOf(world, "shop") ?? "", /Rollout\/web/);
    }

    comeBack();
    const back = await world.run();
    assert.deepEqual([back.restarted, codes(back)], [["Rollout/shop/web"], []]);
    assert.match(String(stampOf(world)), /ConfigMap\/settings=/);
    world.time.advance(minute);
    assert.deepEqual([(await world.run()).restarted, (await world.run()).restarted], [[], []]);
  });

  it("without a change meanwhile nothing happens when it comes back", async () => {
    await using world = await startKnownWorld([configMap("settings"), rollout()]);
    const comeBack = forget(world, "rollouts");
    await world.run();
    world.put(configMap("settings", { a: "2" }));
    await world.run();
    world.put(configMap("settings"));
    comeBack();
    const back = await world.run();
    assert.deepEqual([back.restarted, back.pending, back.issues], [[], [], []]);
  });

  it("a restart that is owed stays owed", async () => {
    await using world = await startKnownWorld([configMap("settings"), rollout()]);
    world.put(configMap("settings", { a: "2" }));
    const api = world.cluster.api;
    api.patch("Rollout", "shop", "web", { spec: { paused: true } });
    assert.deepEqual(
      (await world.run()).pending.map(({ reason }) => reason),
      ["paused"],
    );
    const comeBack = forget(world, "rollouts");
    assert.deepEqual(codes(await world.run()), [["api-absent", "Rollout"]]);
    comeBack();
    api.patch("Rollout", "shop", "web", { spec: { paused: false } });
    assert.deepEqual((await world.run()).restarted, ["Rollout/shop/web"]);
  });

  it("a neighbour that uses the same source goes on", async () => {
    const api = deployment("api", envFrom(["ConfigMap", "settings"]));
    await using world = await startKnownWorld([configMap("settings"), rollout(), api]);
    forget(world, "rollouts");
    world.put(configMap("settings", { a: "2" }));
    const away = await world.run();
    assert.deepEqual([away.exitCode, away.restarted], [0, ["Deployment/shop/api"]]);
  });
});

describe("an API that goes away and comes back: a kind of source", () => {
  it("what is known of classes stays; a rotation meanwhile is one restart", async () => {
    await using world = await startWorld([secretProviderClass("vault"), deployment("web", mounts("vault"))]);
    const driver = driverOf(world);
    driver.store("vault", { "db-password": "1" });
    driver.mount();
    world.time.advance(minute);
    await world.run();
    const comeBack = forget(world, "secretproviderclasses", "secretproviderclasspodstatuses");
    const away = await world.run();
    assert.deepEqual(nothing(away), nothingAt(0));
    assert.deepEqual(codes(away), [["api-absent", "SecretProviderClass"]]);

    driver.store("vault", { "db-password": "2" });
    world.time.advance(minute);
    driver.rotate();
    assert.deepEqual((await world.run()).restarted, []);
    comeBack();
    const back = await world.run();
    assert.deepEqual([back.exitCode, back.restarted, back.issues], [0, ["Deployment/shop/web"], []]);
    world.time.advance(minute);
    driver.mount();
    assert.deepEqual((await world.run()).restarted, []);
  });

  it("is no deletion and no creation of its classes, also where these count", async () => {
    await using world = await startWorld([secretProviderClass("vault"), deployment("web", mounts("vault"))]);
    const policy = { reloadOnCreate: true, reloadOnDelete: true };
    const driver = driverOf(world);
    driver.store("vault", { "db-password": "1" });
    driver.mount();
    world.time.advance(minute);
    await world.run({ policy });
    const comeBack = forget(world, "secretproviderclasses", "secretproviderclasspodstatuses");
    assert.deepEqual(nothing(await world.run({ policy })), nothingAt(0));
    assert.deepEqual(nothing(await world.run({ policy })), nothingAt(0));
    comeBack();
    assert.deepEqual(nothing(await world.run({ policy })), nothingAt(0));
  });
});
