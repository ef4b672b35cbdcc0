import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Manifest } from "../../src/demo/direct.ts";
import { auto, configMap, deployment, envFrom, envKeys, namespace, secret, workload } from "../support/manifests.ts";
import { storedState } from "../support/stored-state.ts";
import { startKnownWorld } from "../support/world.ts";

const web = "Deployment/shop/web";
const count = <Item>(length: number, of: (index: number) => Item) => Array.from({ length }, (_, index) => of(index));
/** What the API server takes for data of one object, less a little for metadata. */
const mebibyte = 1024 * 1024 - 4096;
/** The longest name of an object, and of a key; a key takes letters, digits, `-`, `_` and `.`, in binaryData too. */
const longName = `${"long-".repeat(50)}end`;
/** A ReplicaSet and its pods have the name of their Deployment and some characters more, which have to fit as well. */
const longWorkload = longName.slice(20);
const longKey = (index: number) => `${"K".repeat(248)}_${String(index).padStart(4, "0")}`;

/** Long names do not fit into a label. */
function longNamed(manifest: Manifest): Manifest {
  const labels = { app: "web" };
  const { spec, ...rest } = manifest as Manifest & { spec: { template: object } };
  return {
    ...rest,
    spec: { ...spec, selector: { matchLabels: labels }, template: { ...spec.template, metadata: { labels } } },
  };
}

describe("objects at the limits of the API", () => {
  it("a ConfigMap and a Secret of 1 MiB: one byte that changes restarts", async () => {
    const big = (last: string) => "x".repeat(mebibyte - 1) + last;
    const both = envFrom(["ConfigMap", "big"], ["Secret", "big"]);
    await using world = await startKnownWorld([
      configMap("big", { a: big("1") }),
      secret("big", { a: big("1").slice(300_000) }),
      deployment("web", both),
    ]);
    assert.deepEqual((await world.run()).restarted, []);
    world.put(configMap("big", { a: big("2") }));
    assert.deepEqual((await world.run()).restarted, [web]);
    world.put(secret("big", { a: big("2").slice(300_000) }));
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  it("500 keys with the longest names: the one that changed is told from those that did not", async () => {
    const data = (value: string) =>
      Object.fromEntries(count(500, (index) => [longKey(index), index === 499 ? value : "1"]));
    const used = deployment("web", envKeys("ConfigMap", "settings", [longKey(499)]));
    const unused = deployment("other", envKeys("ConfigMap", "settings", count(499, longKey)));
    await using world = await startKnownWorld([configMap("settings", data("1")), used, unused]);
    world.put(configMap("settings", data("2")));
    const ran = await world.run();
    assert.deepEqual([ran.restarted, ran.actions[0]?.because[0]?.keys], [[web], [longKey(499)]]);
    assert.ok(storedState(world).every(({ bytes }) => bytes < 1024 * 1024));
  });

  it("bytes that are no text, in binaryData", async () => {
    const binary = (...bytes: number[]): Manifest => ({
      ...configMap("settings", {}),
      binaryData: { "a.bin": Buffer.from(bytes).toString("base64") },
    });
    await using world = await startKnownWorld([
      binary(0xff, 0xfe, 0, 0x80),
      deployment("web", envFrom(["ConfigMap", "settings"])),
    ]);
    world.put(binary(0xff, 0xfe, 0, 0x81));
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  it("200 containers with a source each: any one of them restarts, and the stamp stays short", async () => {
    const containers = count(200, (index) => ({
      name: `c${index}`,
      image: "registry.test/app:1",
      ...envFrom(["ConfigMap", `settings-${index}`]),
    }));
    const base = workload("web") as Manifest & { spec: { template: { spec: object } } };
    const crowded = { ...base, spec: { ...base.spec, template: { ...base.spec.template, spec: { containers } } } };
    const sources = (value: string) =>
      count(200, (index) => configMap(`settings-${index}`, { a: index === 137 ? value : "1" }));
    await using world = await startKnownWorld([sources("1"), crowded]);
    world.put(...sources("2"));
    const ran = await world.run();
    assert.deepEqual(
      [ran.restarted, ran.actions[0]?.because.map(({ source }) => source.name)],
      [[web], ["settings-137"]],
    );
    assert.ok((ran.actions[0]?.stamp.length ?? 0) < 1024);
    const next = await world.run();
    assert.deepEqual([next.restarted, next.exitCode], [[], 0]);
  });

  it("the longest names, of sources and of a Deployment", async () => {
    const app = longNamed(
      deployment(longWorkload, envFrom(["ConfigMap", longName], ["Secret", longName]), { annotations: auto }),
    );
    await using world = await startKnownWorld([configMap(longName), secret(longName), app]);
    world.put(secret(longName, { a: "2" }));
    const ran = await world.run();
    assert.deepEqual([ran.restarted, ran.exitCode], [[`Deployment/${namespace}/${longWorkload}`], 0]);
    assert.deepEqual((await world.run()).restarted, []);
  });
});
