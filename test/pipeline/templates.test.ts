import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { configMap, deployment, envFrom, envKeys, workload } from "../support/manifests.ts";
import { storedState } from "../support/stored-state.ts";
import { type Ran, startKnownWorld, type World } from "../support/world.ts";

const uses = envFrom(["ConfigMap", "settings"]);
const settings = (a: string) => configMap("settings", { a });
const web = "Deployment/shop/web";

/** Every time a template came over the wire: `list deployments`, `get web`. */
const templatesRead = ({ requests }: Ran) =>
  requests
    .filter(({ resource, method, metadataOnly }) => resource === "deployments" && method === "GET" && !metadataOnly)
    .map(({ verb, name }) => `${verb} ${name ?? "deployments"}`);
const scale = (world: World, name: string, replicas: number) =>
  world.cluster.api.patch("Deployment", "shop", name, { spec: { replicas } });
const writes = ({ requests }: Ran) =>
  requests.filter(({ method, resource }) => method !== "GET" && resource !== "leases").map(({ name }) => name);

describe("templates of workloads", () => {
  it("are not read where nothing is to be done, whether the workload asks or not", async () => {
    const silent = Array.from({ length: 6 }, (_, index) => deployment(`silent-${index}`, uses, { annotations: {} }));
    await using world = await startKnownWorld([settings("1"), deployment("web", uses), silent]);
    const ran = await world.run();
    assert.deepEqual([templatesRead(ran), ran.coverage.workloads, ran.exitCode], [[], 1, 0]);
  });

  it("are read of whom a changed source concerns, and of whom it passes by", async () => {
    const silent = Array.from({ length: 6 }, (_, index) => deployment(`silent-${index}`, uses, { annotations: {} }));
    const other = deployment("other", envFrom(["ConfigMap", "unmoved"]));
    await using world = await startKnownWorld([
      settings("1"),
      configMap("unmoved"),
      deployment("web", uses),
      other,
      silent,
    ]);
    world.put(settings("2"));
    const ran = await world.run();
    assert.deepEqual([ran.restarted, templatesRead(ran).slice(0, 1)], [[web], ["list deployments"]]);
    assert.deepEqual(
      ran.skips.map(({ reason }) => reason),
      silent.map(() => "not-opted-in"),
    );
  });

  it("that moved are read again: a use that is new restarts", async () => {
    await using world = await startKnownWorld([settings("1"), configMap("more"), deployment("web", uses)]);
    world.put(deployment("web", envFrom(["ConfigMap", "settings"], ["ConfigMap", "more"])));
    const ran = await world.run();
    assert.deepEqual(templatesRead(ran), ["get web"]);
    world.put(configMap("more", { a: "2" }));
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  for (const [where, manifest] of [
    [
      "the pod template",
      workload("web", { pod: uses, annotations: {}, template: { annotations: { "reroll.dev/auto": "true" } } }),
    ],
    ["the workload", deployment("web", uses)],
  ] as const) {
    it(`of workloads that asked for nothing are read again where ${where} begins to ask`, async () => {
      const silent = Array.from({ length: 6 }, (_, index) => deployment(`silent-${index}`, uses, { annotations: {} }));
      await using world = await startKnownWorld([settings("1"), deployment("web", uses, { annotations: {} }), silent]);
      assert.deepEqual(templatesRead(await world.run()), []);
      world.put(manifest);
      assert.equal((await world.run()).adopted.length, 1);
      world.put(settings("2"));
      assert.deepEqual((await world.run()).restarted, [web]);
    });
  }

  it("of a workload that was deleted and made anew are its own", async () => {
    await using world = await startKnownWorld([settings("1"), configMap("more"), deployment("web", uses)]);
    world.remove("Deployment", "web");
    world.put(deployment("web", envFrom(["ConfigMap", "more"])));
    await world.run();
    world.put(configMap("more", { a: "2" }));
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  it("of a few that were scaled are read in every run and not written down; of many they are, once", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `web-${index}`);
    await using world = await startKnownWorld([settings("1"), names.map((name) => deployment(name, uses))]);
    for (const name of names.slice(0, 3)) scale(world, name, 2);
    for (let times = 0; times < 2; times++) {
      const ran = await world.run();
      assert.deepEqual([templatesRead(ran).length, writes(ran), ran.restarted], [3, [], []]);
    }
    for (const name of names) scale(world, name, 3);
    assert.equal(writes(await world.run()).length, 1);
    const ran = await world.run();
    assert.deepEqual([templatesRead(ran), writes(ran)], [[], []]);
  });

  it("read by other rules are read again: an annotation that the configuration renames counts at once", async () => {
    const annotated = workload("web", {
      pod: uses,
      annotations: {},
      template: { annotations: { "example.com/auto": "true" } },
    });
    await using world = await startKnownWorld([settings("1"), annotated, deployment("first", uses)]);
    const policy = { annotationKeys: { auto: "example.com/auto" } };
    assert.equal((await world.run({ policy })).adopted.length, 1);
    world.put(settings("2"));
    assert.ok((await world.run({ policy })).restarted.includes(web));
  });

  it("that cannot be read leave what is known as it is, and the run says so", async () => {
    await using world = await startKnownWorld([settings("1"), deployment("web", uses)]);
    world.put(settings("2"));
    const before = storedState(world);
    world.cluster.faults.push({ verb: "get", resource: "deployments", fault: { answer: 403 } });
    const ran = await world.run();
    assert.deepEqual([ran.restarted, ran.exitCode, ran.issues.map(({ code }) => code)], [[], 3, ["not-observed"]]);
    assert.match(ran.issues[0]?.message ?? "", /get deployments\.apps web in namespace shop/);
    assert.ok(before.length > 0);
    world.cluster.faults.clear();
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  it("tell a key that is not read from one that is, without being read", async () => {
    await using world = await startKnownWorld([
      configMap("settings", { a: "1", b: "1" }),
      deployment("web", envKeys("ConfigMap", "settings", ["a"])),
    ]);
    world.put(configMap("settings", { a: "1", b: "2" }));
    const ran = await world.run();
    assert.deepEqual(
      [ran.restarted, ran.skips.map(({ reason }) => reason), templatesRead(ran)],
      [[], ["keys-not-used"], []],
    );
  });
});
