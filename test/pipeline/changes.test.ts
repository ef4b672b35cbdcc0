import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { configMap, deployment, envFrom, envKeys, secret } from "../support/manifests.ts";
import { minute, type Ran, second, startKnownWorld, startWorld } from "../support/world.ts";

const web = "Deployment/shop/web";
const usesSettings = deployment("web", envFrom(["ConfigMap", "settings"]));
const usesKeyA = deployment("web", envKeys("ConfigMap", "settings", ["a"]));
const skips = ({ skips: all }: Pick<Ran, "skips">) => all.map(({ reason, source }) => `${reason} ${source.name}`);

describe("what changed between two runs", () => {
  it("five sources at once: one restart, and all five are the reason", async () => {
    const names = ["c1", "c2", "c3"].map((name) => ["ConfigMap", name] as const);
    const all = [...names, ["Secret", "s1"], ["Secret", "s2"]] as const;
    const sources = (a: string) =>
      all.map(([kind, name]) => (kind === "Secret" ? secret(name, { a }) : configMap(name, { a })));
    await using world = await startKnownWorld([sources("1"), deployment("web", envFrom(...all))]);
    world.put(...sources("2"));
    const ran = await world.run();
    assert.deepEqual(ran.restarted, [web]);
    assert.deepEqual(
      ran.actions[0]?.because.map(({ source, change, keys }) => [source.name, change, ...keys]),
      ["c1", "c2", "c3", "s1", "s2"].map((name) => [name, "modified", "a"]),
    );
    assert.deepEqual((await world.run()).restarted, []);
  });

  it("changed and reverted: nothing", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.put(configMap("settings", { a: "2", b: "1" }));
    world.put(configMap("settings"));
    const ran = await world.run();
    assert.deepEqual([ran.restarted, skips(ran), ran.pending], [[], [], []]);
  });

  it("owed, then reverted: it cancels itself and says so", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.cluster.api.patch("Deployment", "shop", "web", { spec: { paused: true } });
    world.put(configMap("settings", { a: "2", b: "1" }));
    assert.equal((await world.run()).pending.length, 1);
    world.put(configMap("settings"));
    const ran = await world.run();
    assert.deepEqual([ran.restarted, skips(ran), ran.pending], [[], ["reverted settings"], []]);
  });

  it("seen for the first time: adopted, and a later change is a change", async () => {
    await using world = await startWorld([configMap("settings"), usesSettings]);
    const first = await world.run();
    assert.deepEqual([first.restarted, first.adopted.length, first.firstRun], [[], 1, true]);
    world.put(configMap("settings", { a: "2", b: "1" }));
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  it("seen for the first time with pods older than the last write: named, and restarted only by --catch-up", async () => {
    const manifests = [configMap("settings"), usesSettings, configMap("settings", { a: "2" })];
    await using world = await startWorld(manifests);
    const first = await world.run();
    assert.deepEqual([first.restarted, skips(first)], [[], ["maybe-stale settings"]]);
    await using caught = await startWorld(manifests);
    assert.deepEqual((await caught.run({ policy: { catchUp: true } })).restarted, [web]);
    assert.deepEqual((await caught.run({ policy: { catchUp: true } })).restarted, []);
  });

  for (const looks of [false, true]) {
    const seen = looks ? "with a run between" : "between two runs";
    it(`deleted and created alike, ${seen}: nothing; created differently: one restart`, async () => {
      await using world = await startKnownWorld([configMap("settings"), usesSettings]);
      world.remove("ConfigMap", "settings");
      if (looks) assert.deepEqual(skips(await world.run()), ["removed-source-kept settings"]);
      world.put(configMap("settings"));
      assert.deepEqual((await world.run()).restarted, []);
      world.remove("ConfigMap", "settings");
      if (looks) await world.run();
      world.put(configMap("settings", { a: "2", b: "1" }));
      assert.deepEqual((await world.run()).restarted, [web]);
    });
  }

  it("bytes that move from data to binaryData: nothing", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    const { data: _, ...rest } = configMap("settings");
    world.put({ ...rest, data: { b: "1" }, binaryData: { a: Buffer.from("1").toString("base64") } });
    assert.deepEqual((await world.run()).restarted, []);
  });
});

describe("a template that changes", () => {
  const more = configMap("more");
  const usesMore = deployment("web", envFrom(["ConfigMap", "settings"], ["ConfigMap", "more"]));

  it("newly uses a source: its pods are fresh, so nothing, and it is said why", async () => {
    await using world = await startKnownWorld([[configMap("settings"), more], usesSettings]);
    world.put(usesMore);
    const ran = await world.run();
    assert.deepEqual([ran.restarted, skips(ran)], [[], ["already-fresh more"]]);
    world.put(configMap("more", { a: "2", b: "1" }));
    assert.deepEqual((await world.run()).restarted, [web], "from then on the source counts");
  });

  it("newly uses a key: nothing", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesKeyA]);
    world.put(deployment("web", envKeys("ConfigMap", "settings", ["a", "b"])));
    assert.deepEqual((await world.run()).restarted, []);
    world.put(configMap("settings", { a: "1", b: "2" }));
    assert.deepEqual((await world.run()).restarted, [web], "from then on the key counts");
  });

  it("newly uses a source that changed after the pods had started: one restart", async () => {
    await using world = await startKnownWorld([[configMap("settings"), more], usesSettings]);
    world.put(usesMore);
    world.put(configMap("more", { a: "2", b: "1" }));
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  it("was rolled out for another reason after the change: nothing", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.put(configMap("settings", { a: "2", b: "1" }));
    world.put(deployment("web", envFrom(["ConfigMap", "settings"]), { template: { annotations: { version: "2" } } }));
    const ran = await world.run();
    assert.deepEqual([ran.restarted, skips(ran)], [[], ["already-fresh settings"]]);
    assert.deepEqual((await world.run()).restarted, []);
  });

  for (const [later, restarts] of [
    [2 * second, [web]],
    [3 * second, []],
  ] as const) {
    it(`was rolled out ${later / second} s after the change: ${restarts.length === 0 ? "nothing" : "too close to tell, so a restart"}`, async () => {
      await using world = await startKnownWorld([configMap("settings"), usesSettings]);
      world.cluster.api.put(configMap("settings", { a: "2", b: "1" }));
      world.time.advance(later);
      world.put(deployment("web", envFrom(["ConfigMap", "settings"]), { template: { annotations: { version: "2" } } }));
      assert.deepEqual((await world.run()).restarted, restarts);
    });
  }

  it("was rolled out after a key was removed: that shows in no time of the source, so one restart", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.put(configMap("settings", { a: "1" }));
    world.put(deployment("web", envFrom(["ConfigMap", "settings"]), { template: { annotations: { version: "2" } } }));
    assert.deepEqual((await world.run()).restarted, [web]);
    assert.deepEqual((await world.run()).restarted, []);
  });
});

describe("a source that comes or goes", () => {
  it("goes: nothing by default, one restart with reload-on-delete", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.remove("ConfigMap", "settings");
    assert.deepEqual((await world.run()).restarted, []);
    await using deleting = await startKnownWorld([configMap("settings"), usesSettings]);
    deleting.remove("ConfigMap", "settings");
    const policy = { reloadOnDelete: true };
    assert.deepEqual((await deleting.run({ policy })).actions[0]?.because[0]?.change, "removed");
    assert.deepEqual((await deleting.run({ policy })).restarted, []);
  });

  it("comes where it was used already: nothing by default, one restart with reload-on-create", async () => {
    const waiting = [deployment("web", envFrom(["ConfigMap", "settings"]))];
    await using world = await startKnownWorld([waiting]);
    world.put(configMap("settings"));
    assert.deepEqual((await world.run()).restarted, []);
    await using creating = await startKnownWorld([waiting]);
    creating.put(configMap("settings"));
    const policy = { reloadOnCreate: true };
    assert.deepEqual((await creating.run({ policy })).actions[0]?.because[0]?.change, "added");
    assert.deepEqual((await creating.run({ policy })).restarted, []);
  });

  it("changes while the workload is scaled to zero: stamped, and that counts as restarted", async () => {
    const asleep = deployment("web", envFrom(["ConfigMap", "settings"]), { spec: { replicas: 0 } });
    await using world = await startKnownWorld([configMap("settings"), asleep]);
    world.put(configMap("settings", { a: "2", b: "1" }));
    const ran = await world.run();
    assert.deepEqual(
      ran.outcomes.map(({ outcome, reason }) => [outcome, reason]),
      [["restarted", "ScaledToZero"]],
    );
    world.time.advance(minute);
    assert.deepEqual((await world.run()).restarted, []);
  });
});
