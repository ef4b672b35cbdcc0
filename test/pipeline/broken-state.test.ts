import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { UsageError } from "../../src/model/errors.ts";
import { commandLine } from "../support/command.ts";
import { configMap, deployment, envFrom, envKeys } from "../support/manifests.ts";
import { storedState } from "../support/stored-state.ts";
import { startKnownWorld, stateName, stateNamespace, type World } from "../support/world.ts";
import { largeSources, largeWorkloads, shardsOf } from "./large-state.ts";

const web = "Deployment/shop/web";
const usesSettings = deployment("web", envFrom(["ConfigMap", "settings"]));
const small = () => startKnownWorld([configMap("settings"), usesSettings]);

const large = () => startKnownWorld([largeSources("1"), largeWorkloads]);

function firstShard(world: World): string {
  const [shard] = shardsOf(world);
  assert.ok(shard, "the state is sharded");
  return shard.name;
}

const setState = (world: World, data: Readonly<Record<string, string>>, name = stateName) =>
  world.cluster.api.patch("ConfigMap", stateNamespace, name, { data });

/** Changes the state as JSON, as somebody with an editor would. */
// biome-ignore lint/suspicious/noExplicitAny: people write anything
function editState(world: World, edit: (namespaces: any) => void): void {
  const { data } = world.cluster.api.get("ConfigMap", stateNamespace, stateName) as { data?: Record<string, string> };
  const namespaces: unknown = JSON.parse(data?.["state.json"] ?? "");
  edit(namespaces);
  setState(world, { "state.json": JSON.stringify(namespaces) });
}

const zip = (bytes: string | Buffer) => ({ "state.json.gz": gzipSync(bytes).toString("base64") });
const setShard = (world: World, binaryData: Readonly<Record<string, string>>) =>
  world.cluster.api.patch("ConfigMap", stateNamespace, firstShard(world), { binaryData });

interface Damage {
  readonly start?: () => Promise<World>;
  readonly damage: (world: World) => void;
  readonly says: RegExp;
}

/** What can happen to a state: a new row is a new way to break it. */
const damages: Readonly<Record<string, Damage>> = {
  "cut off": {
    damage: (world) => setState(world, { "state.json": '{"shop": {"sour' }),
    says: /state\.json is no JSON; it may have been cut off/,
  },
  "empty text": { damage: (world) => setState(world, { "state.json": "" }), says: /state\.json is no JSON/ },
  "a list": { damage: (world) => setState(world, { "state.json": "[]" }), says: /state\.json is no map/ },
  emptied: {
    damage: (world) => world.cluster.api.patch("ConfigMap", stateNamespace, stateName, { data: null }),
    says: /manifest\.json is missing/,
  },
  "of a newer version": {
    damage: (world) => setState(world, { "manifest.json": '{"version":2,"shards":[]}' }),
    says: /has version 2, this reroll reads version 1\. Use the newer reroll/,
  },
  "a number where a text was": {
    damage: (world) => editState(world, (all) => (all.shop.workloads["Deployment/web"].uid = 7)),
    says: /state\.json\.shop\.workloads\.Deployment\/web\.uid is no text/,
  },
  "a digest cut short": {
    damage: (world) => editState(world, (all) => (all.shop.sources["ConfigMap/settings"].digests.a = "abc")),
    says: /sources\.ConfigMap\/settings\.digests\.a is no valid text/,
  },
  "a field nobody knows": {
    damage: (world) => editState(world, (all) => (all.shop.note = "by hand")),
    says: /state\.json\.shop\.note is unknown/,
  },
  "a field taken out": {
    damage: (world) => editState(world, (all) => delete all.shop.ledger),
    says: /state\.json\.shop\.ledger is missing/,
  },
  "a shard missing": {
    start: large,
    damage: (world) => world.cluster.api.delete("ConfigMap", stateNamespace, firstShard(world)),
    says: /is incomplete: ConfigMap reroll-state lists reroll-state-\d+-\d+, which does not exist/,
  },
  "a shard that is one of another number of shards": {
    start: large,
    damage: (world) => setState(world, { "manifest.json": '{"version":1,"shard":0,"of":4}' }, firstShard(world)),
    says: /ConfigMap reroll-state-\d+-0 cannot be read: manifest\.json: it is shard 0 of 4, listed as 0 of \d+\. /,
  },
  "a namespace in a shard that is not its own": {
    start: large,
    damage: (world) => {
      const empty = { sources: {}, workloads: {}, ledger: [] };
      const strays = Array.from({ length: 20 }, (_, index) => [`stray-${index}`, empty]);
      setShard(world, zip(JSON.stringify(Object.fromEntries(strays))));
    },
    says: /state\.json\.gz: namespace stray-\d+ belongs to another shard/,
  },
  "the manifest missing, but not the shards": {
    start: large,
    damage: (world) => world.cluster.api.delete("ConfigMap", stateNamespace, stateName),
    says: /ConfigMap reroll-system\/reroll-state is missing, but reroll-state-\d+-\d+.* exist/,
  },
  "a shard that is no gzip": {
    start: large,
    damage: (world) => setShard(world, { "state.json.gz": Buffer.from("plain").toString("base64") }),
    says: /state\.json\.gz: /,
  },
  "a shard cut off": {
    start: large,
    damage: (world) =>
      setShard(world, { "state.json.gz": gzipSync("{}".repeat(500)).subarray(0, 20).toString("base64") }),
    says: /state\.json\.gz: /,
  },
  "a shard that holds something else": {
    start: large,
    damage: (world) => setShard(world, zip("[1]")),
    says: /state\.json\.gz is no map/,
  },
  "a shard that unfolds without end": {
    start: large,
    damage: (world) => setShard(world, zip(Buffer.alloc(300 * 1024 * 1024))),
    says: /state\.json\.gz: /,
  },
};

describe("a state that is broken is an error, never an empty baseline", () => {
  for (const [what, { start = small, damage, says }] of Object.entries(damages)) {
    it(`${what}: said in plain words, and nothing is written`, async () => {
      await using world = await start();
      damage(world);
      world.put(configMap("settings", { a: "2" }));
      const before = JSON.stringify(world.cluster.api.list("ConfigMap", stateNamespace));
      const requests = world.cluster.requests.length;
      for (const attempt of [() => world.run(), () => world.plan()]) {
        await assert.rejects(attempt, (error: unknown) => {
          assert.ok(error instanceof UsageError, String(error));
          assert.match(error.message, says);
          assert.match(error.message, /Nothing was changed/);
          return true;
        });
      }
      const writes = world.cluster.requests.slice(requests).filter(({ method }) => method !== "GET");
      assert.deepEqual(
        writes.filter(({ resource }) => resource !== "leases"),
        [],
      );
      assert.equal(JSON.stringify(world.cluster.api.list("ConfigMap", stateNamespace)), before);
      assert.equal(world.rollouts().get(web), 0);
    });
  }
});

it("one shard missing, on the command line: exit code 2, its name, and what to do", async () => {
  await using world = await large();
  using line = commandLine(world);
  const shard = firstShard(world);
  world.cluster.api.delete("ConfigMap", stateNamespace, shard);
  for (const command of ["run", "plan", "status"]) {
    const { exitCode, stderr } = await line.here(command);
    assert.equal(exitCode, 2, command);
    assert.match(stderr, new RegExp(`${shard}, which does not exist.*Restore the ConfigMap from a backup, or delete`));
  }
});

describe("a state that is deleted", () => {
  it("with all of its shards: a first run, with a warning where there are stamps", async () => {
    await using world = await large();
    world.put(...largeSources("2"));
    assert.equal((await world.run()).restarted.length, 3);
    for (const { name } of storedState(world)) world.cluster.api.delete("ConfigMap", stateNamespace, name);
    const ran = await world.run();
    assert.deepEqual([ran.firstRun, ran.restarted, ran.exitCode], [true, [], 0]);
    assert.match(ran.issues.find(({ code }) => code === "state-missing")?.message ?? "", /3 workloads carry a stamp/);
    assert.deepEqual((await world.run()).issues, []);
  });

  it("restarts what the stamps show to be behind, and only that; the rest is adopted", async () => {
    const sources = (a: string) => [configMap("settings", { a }), configMap("more", { a })];
    const more = deployment("stamped", envFrom(["ConfigMap", "more"]));
    const unstamped = deployment("unstamped", envKeys("ConfigMap", "settings", ["b"]));
    await using world = await startKnownWorld([sources("1"), [usesSettings, more, unstamped]]);
    world.put(...sources("2"));
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/stamped", web]);
    world.put(configMap("settings", { a: "3" }));
    world.cluster.api.delete("ConfigMap", stateNamespace, stateName);
    const plan = await world.plan();
    const ran = await world.run();
    assert.deepEqual(ran.restarted, [web]);
    assert.deepEqual([ran.firstRun, ran.adopted.map(({ name }) => name)], [true, ["unstamped"]]);
    for (const { issues } of [plan, ran]) {
      const [issue] = issues.filter(({ code }) => code === "state-missing");
      assert.match(issue?.message ?? "", /2 workloads carry a stamp/);
    }
    assert.deepEqual((await world.run()).issues, []);
    assert.deepEqual((await world.run()).restarted, []);
  });

  it("with --catch-up restarts in addition what was never stamped and has pods older than the last write", async () => {
    const sources = (a: string) => [configMap("settings", { a }), configMap("more", { a })];
    const more = deployment("more", envFrom(["ConfigMap", "more"]));
    const young = deployment("young", envFrom(["ConfigMap", "more"]));
    await using world = await startKnownWorld([sources("1"), [usesSettings, more]]);
    world.put(configMap("settings", { a: "2" }));
    await world.run();
    world.put(configMap("more", { a: "2" }));
    world.put(young);
    world.cluster.api.delete("ConfigMap", stateNamespace, stateName);
    const ran = await world.run({ policy: { catchUp: true } });
    assert.deepEqual(ran.restarted, ["Deployment/shop/more"]);
    assert.deepEqual((await world.run({ policy: { catchUp: true } })).restarted, []);
  });

  it("before any workload was ever stamped is a first run, and no reason to warn", async () => {
    await using world = await small();
    world.cluster.api.delete("ConfigMap", stateNamespace, stateName);
    const ran = await world.run();
    assert.deepEqual([ran.firstRun, ran.issues, ran.restarted], [true, [], []]);
  });
});
