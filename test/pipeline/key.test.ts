import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { configMap, deployment, envFrom, secret } from "../support/manifests.ts";
import { storedState } from "../support/stored-state.ts";
import { startKnownWorld, stateNamespace, type World } from "../support/world.ts";

const sources = (a: string) => [configMap("settings", { a }), secret("creds", { a })];
const web = "Deployment/shop/web";
const db = "Deployment/shop/db";
const workloads = [
  deployment("web", envFrom(["ConfigMap", "settings"], ["Secret", "creds"])),
  deployment("db", envFrom(["Secret", "creds"])),
];
const known = () => startKnownWorld([sources("1"), workloads]);

function keyOf({ cluster }: World): Record<string, string> {
  return (cluster.api.get("Secret", stateNamespace, "reroll-key")?.data ?? {}) as Record<string, string>;
}

/** As a person rotates it: the old key is retired, a new one is put in its place. */
function rotate(world: World): void {
  const { current = "", ...retired } = keyOf(world);
  const data = {
    ...retired,
    [`retired-${Object.keys(retired).length + 1}`]: current,
    current: randomBytes(32).toString("base64"),
  };
  world.cluster.api.patch("Secret", stateNamespace, "reroll-key", { data });
}

describe("the digest key is deleted", () => {
  it("everything is adopted, nothing restarts, and it is said loudly", async () => {
    await using world = await known();
    world.put(...sources("2"));
    await world.run();
    world.put(...sources("3"));
    world.cluster.api.delete("Secret", stateNamespace, "reroll-key");
    for (const report of [await world.plan(), await world.run()]) {
      assert.equal(report.keyMissing, true);
      assert.deepEqual(report.actions, []);
      const [issue] = report.issues.filter(({ code }) => code === "key-missing");
      assert.equal(issue?.path, "Secret/reroll-system/reroll-key");
      assert.match(issue?.message ?? "", /baseline/);
      assert.deepEqual([...new Set(report.skips.map(({ reason }) => reason))], ["key-lost"]);
      assert.equal(report.skips.length, 3, "each workload and source by name");
    }
    const next = await world.run();
    assert.deepEqual([next.keyMissing, next.issues, next.skips, next.restarted], [false, [], [], []]);
    world.put(...sources("4"));
    assert.deepEqual((await world.run()).restarted, [db, web], "from then on changes are seen again");
  });

  it("a restart that was owed is still owed: that it changed is known without any key", async () => {
    await using world = await startKnownWorld([configMap("settings", { a: "1" }), workloads[0] ?? []]);
    world.cluster.api.patch("Deployment", "shop", "web", { spec: { paused: true } });
    world.put(configMap("settings", { a: "2" }));
    assert.equal((await world.run()).pending.length, 1);
    world.cluster.api.delete("Secret", stateNamespace, "reroll-key");
    assert.equal((await world.run()).pending.length, 1);
    world.cluster.api.patch("Deployment", "shop", "web", { spec: { paused: false } });
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  it("with the state: a first run that cannot compare the stamps, and says so", async () => {
    await using world = await known();
    world.put(...sources("2"));
    await world.run();
    world.cluster.api.delete("Secret", stateNamespace, "reroll-key");
    world.cluster.api.delete("ConfigMap", stateNamespace, "reroll-state");
    world.put(...sources("3"));
    const ran = await world.run();
    assert.deepEqual([ran.restarted, ran.firstRun], [[], true]);
    assert.deepEqual([...new Set(ran.skips.map(({ reason }) => reason))], ["key-lost"]);
    world.put(...sources("4"));
    assert.deepEqual((await world.run()).restarted, [db, web]);
  });
});

describe("the digest key is rotated by hand", () => {
  it("nothing restarts, and what is recorded moves to the new key", async () => {
    await using world = await known();
    world.put(...sources("2"));
    await world.run();
    rotate(world);
    const ran = await world.run();
    assert.deepEqual([ran.restarted, ran.skips, ran.issues, ran.keyMissing], [[], [], [], false]);
    const text = storedState(world)
      .map((piece) => piece.text)
      .join("\n");
    const ids = new Set([...text.matchAll(/"keyId": "([0-9a-f]{8})"/g)].map(([, id]) => id));
    assert.equal(ids.size, 1, "one key id in the whole state");
    const next = await world.run();
    const bodies = next.requests.filter(
      ({ verb, resource, metadataOnly }) =>
        verb === "get" && /configmaps|secrets/.test(resource ?? "") && !metadataOnly,
    );
    assert.deepEqual(
      bodies.map(({ name }) => name),
      ["reroll-state", "reroll-key"],
      "no body is read again",
    );
  });

  it("together with a change of content: exactly the change restarts", async () => {
    await using world = await known();
    world.put(...sources("2"));
    await world.run();
    rotate(world);
    world.put(configMap("settings", { a: "3" }));
    assert.deepEqual((await world.run()).restarted, [web]);
    rotate(world);
    assert.deepEqual((await world.run()).restarted, []);
  });

  it("with the state lost: the stamps of the retired key still tell", async () => {
    await using world = await known();
    world.put(...sources("2"));
    await world.run();
    rotate(world);
    world.cluster.api.delete("ConfigMap", stateNamespace, "reroll-state");
    world.put(configMap("settings", { a: "3" }));
    assert.deepEqual((await world.run()).restarted, [web]);
  });
});

describe("a digest key that cannot be one", () => {
  for (const [what, data, says] of [
    ["too short", { current: "c2hvcnQ=" }, /has 5 bytes/],
    ["missing under its name", { current: null, other: randomBytes(32).toString("base64") }, /no entry `current`/],
  ] as const) {
    it(`${what}: an error, and nothing is written`, async () => {
      await using world = await known();
      world.put(...sources("2"));
      world.cluster.api.patch("Secret", stateNamespace, "reroll-key", { data });
      const requests = world.cluster.requests.length;
      await assert.rejects(world.run(), says);
      const writes = world.cluster.requests.slice(requests).filter(({ method }) => method !== "GET");
      assert.deepEqual(
        writes.filter(({ resource }) => resource !== "leases"),
        [],
      );
    });
  }
});
