import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NamespacePolicy, Policy } from "../../src/model/policy.ts";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { stateOf, storedState } from "../support/stored-state.ts";
import { minute, startKnownWorld, startWorld, stateNamespace } from "../support/world.ts";

const places = ["one", "three", "two"] as const;
const sources = (a: string) => places.map((namespace) => configMap("settings", { a, b: "1" }, { namespace }));
const pod = envFrom(["ConfigMap", "settings"]);
const apps = places.map((namespace) => deployment("web", pod, { namespace }));
const known = () => startKnownWorld([sources("1"), apps]);
const web = (namespace: string) => `Deployment/${namespace}/web`;

const narrowed = (more: Partial<NamespacePolicy>) => ({
  policy: { namespaces: { only: [], ignore: [], selector: "", ...more } },
});

describe("a run narrowed to some namespaces (-n)", () => {
  it("restarts there and nowhere else, and leaves what the state knows of others untouched byte for byte", async () => {
    await using world = await known();
    world.put(...sources("2"));
    const before = places.map((namespace) => stateOf(world, namespace));
    const ran = await world.run(narrowed({ only: ["two"] }));
    assert.deepEqual(ran.restarted, [web("two")]);
    assert.deepEqual([stateOf(world, "one"), stateOf(world, "three")], before.slice(0, 2));
    assert.notEqual(stateOf(world, "two"), before[2]);
    assert.deepEqual((await world.run()).restarted, [web("one"), web("three")], "nothing was missed elsewhere");
  });

  it("asks the API for nothing outside of them but its own state", async () => {
    await using world = await known();
    world.put(...sources("2"));
    const { requests } = await world.run(narrowed({ only: ["one", "two"] }));
    const where = new Set(requests.map(({ namespace, resource, name }) => namespace ?? `${resource} ${name}`));
    assert.deepEqual([...where].sort(), [
      "namespaces one",
      "namespaces reroll-system",
      "namespaces two",
      "one",
      "reroll-system",
      "two",
    ]);
  });

  it("never forgets a namespace that is not among them, nor one that does not exist", async () => {
    await using world = await known();
    const before = storedState(world).map(({ text }) => text);
    await world.run(narrowed({ only: ["nowhere"] }));
    assert.deepEqual(
      storedState(world).map(({ text }) => text),
      before,
    );
  });
});

describe("a namespace that was asked for by name", () => {
  const empty = async (only: string[], policy: Partial<Policy> = {}) => {
    await using world = await known();
    const namespaces = { only, ignore: [], selector: "" };
    const { issues, exitCode } = await world.plan({ policy: { namespaces, ...policy } });
    assert.equal(exitCode, 0);
    return issues.map(({ code, path }) => `${code} ${path}`);
  };

  it("and holds nothing is said to be none, perhaps; the others are not", async () => {
    assert.deepEqual(await empty(["one", "nowhere"]), ["namespace-empty Namespace/nowhere"]);
  });

  it("is not doubted where sources are left out on purpose", async () => {
    assert.deepEqual(await empty(["nowhere"], { selector: "a=b" }), []);
    assert.deepEqual(await empty(["nowhere"], { ignoreSources: ["ConfigMap"] }), []);
  });
});

describe("namespaces that are left out", () => {
  it("by name: nothing restarts there, and it is known again when they come back", async () => {
    await using world = await known();
    world.put(...sources("2"));
    const ran = await world.run(narrowed({ ignore: ["one", "two"] }));
    assert.deepEqual(ran.restarted, [web("three")]);
    assert.deepEqual((await world.run()).restarted, [web("one"), web("two")]);
  });

  it("by their labels", async () => {
    await using world = await known();
    world.cluster.api.patch("Namespace", undefined, "two", { metadata: { labels: { watched: "yes" } } });
    world.put(...sources("2"));
    assert.deepEqual((await world.run(narrowed({ selector: "watched=yes" }))).restarted, [web("two")]);
    assert.deepEqual((await world.run(narrowed({ selector: "watched!=yes" }))).restarted, [web("one"), web("three")]);
  });

  it("by their labels, and the namespaces cannot be listed: the run ends before anything is done", async () => {
    await using world = await known();
    world.put(...sources("2"));
    const before = storedState(world).map(({ text }) => text);
    world.cluster.faults.push({ resource: "namespaces", verb: "list", fault: { answer: 403 } });
    await assert.rejects(world.run(narrowed({ selector: "watched=yes" })), { code: "forbidden" });
    assert.deepEqual([storedState(world).map(({ text }) => text), [...world.rollouts().values()]], [before, [0, 0, 0]]);
  });
});

describe("sources that the label selector leaves out", () => {
  it("are not compared, keep their baseline, and count again when they are let in", async () => {
    const labelled = { labels: { watched: "no" } };
    const settings = (a: string) => configMap("settings", { a }, labelled);
    await using world = await startKnownWorld([settings("1"), deployment("web", pod)]);
    world.put(settings("2"));
    const ran = await world.run({ policy: { selector: "watched=yes" } });
    assert.deepEqual([ran.restarted, ran.coverage.sourcesSeen], [[], 0]);
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/web"]);
  });
});

describe("what is gone", () => {
  it("a workload that is gone is forgotten, and seen for the first time when it comes back", async () => {
    await using world = await known();
    world.remove("Deployment", "web", "one");
    await world.run();
    world.put(...sources("2"));
    world.put(...apps);
    const ran = await world.run();
    assert.deepEqual(
      [ran.adopted.map(({ namespace }) => namespace), ran.restarted],
      [["one"], [web("three"), web("two")]],
    );
  });

  it("namespaces that come and go leave nothing behind for ever", async () => {
    await using world = await startWorld();
    const sizes: number[] = [];
    for (let day = 0; day < 30; day++) {
      const namespace = `preview-${day}`;
      world.put(configMap("settings", {}, { namespace }), deployment("web", pod, { namespace }));
      await world.run();
      world.cluster.api.delete("Namespace", undefined, namespace);
      world.time.advance(24 * 60 * minute);
      await world.run();
      sizes.push(storedState(world).reduce((sum, { bytes }) => sum + bytes, 0));
    }
    assert.ok((sizes[29] ?? 0) <= 1.2 * (sizes[14] ?? 0), sizes.join(" "));
    const text = storedState(world)
      .map((piece) => piece.text)
      .join("");
    assert.ok(text.includes("preview-29"), "what was just done there can still be read");
    assert.ok(world.cluster.api.get("Namespace", undefined, stateNamespace));
  });
});
