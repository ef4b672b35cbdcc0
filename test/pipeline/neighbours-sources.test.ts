import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { neighbours } from "../support/neighbours.ts";
import { minute, type Ran, type RunSettings, second, startWorld, type World } from "../support/world.ts";

/** The neighbour's objects as its software wrote them, adopted by one run. */
async function settled(name: string): Promise<World> {
  const world = await startWorld();
  for (const { manifest, manager } of neighbours(name)) world.cluster.api.put(manifest, manager);
  world.time.advance(minute);
  assert.equal((await world.run()).exitCode, 0);
  world.time.advance(minute);
  return world;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const restarts = ({ actions }: Ran) => actions.map(({ workload }) => workload.name);
const words = ({ outcomes }: Ran) => outcomes.map(({ workload, outcome }) => `${workload.name} ${outcome}`).sort();
const skips = ({ skips: all }: Ran) => all.map(({ workload, reason }) => `${workload.name} ${reason}`);
/** Bodies of sources that came over the wire, by name. */
const bodies = ({ requests }: Ran) =>
  requests.flatMap(({ resource, metadataOnly, namespace, name }) =>
    (resource === "secrets" || resource === "configmaps") && !metadataOnly && namespace !== "reroll-system"
      ? [name ?? "a list"]
      : [],
  );

async function assertQuiet(world: World, settings: RunSettings = {}): Promise<void> {
  for (let again = 0; again < 2; again++) {
    world.time.advance(15 * minute);
    const ran = await world.run(settings);
    assert.deepEqual([restarts(ran), ran.pending, ran.exitCode, bodies(ran)], [[], [], 0, []]);
  }
}

describe("External Secrets: a Secret that its operator writes again and again", () => {
  const operator = "externalsecrets.external-secrets.io/orders-db";
  const [secret] = neighbours("external-secrets");
  const write = (world: World, patch: object) =>
    world.cluster.api.patch("Secret", "shop", "orders-db", { ...patch }, operator);
  const rotate = (world: World, password: string) =>
    write(world, {
      metadata: { annotations: { "reconcile.external-secrets.io/data-hash": base64(password) } },
      data: { password: base64(password) },
    });

  it("annotations every five seconds, no other content: never a restart, and at most one body for each run", async () => {
    await using world = await settled("external-secrets");
    for (let run = 0; run < 4; run++) {
      for (let tick = 0; tick < 12; tick++) {
        world.time.advance(5 * second);
        write(world, { metadata: { annotations: { "force-sync": `${run}-${tick}` } } });
      }
      const ran = await world.run();
      assert.deepEqual([restarts(ran), ran.pending, bodies(ran)], [[], [], ["orders-db"]]);
    }
    await assertQuiet(world);
  });

  it("the store has a new version: one restart, whatever the operator writes beside it", async () => {
    await using world = await settled("external-secrets");
    rotate(world, "second");
    world.time.advance(5 * second);
    write(world, { metadata: { annotations: { "force-sync": "again" } } });
    world.time.advance(5 * second);
    assert.deepEqual(words(await world.run()), ["orders restarted"]);
    write(world, { metadata: { annotations: { "force-sync": "and again" } } });
    world.time.advance(minute);
    assert.deepEqual(restarts(await world.run()), []);
    await assertQuiet(world);
  });

  it("rolled out by somebody else after the new version; what others annotate afterwards makes no pod older", async () => {
    await using world = await settled("external-secrets");
    rotate(world, "second");
    world.time.advance(minute);
    const template = { metadata: { annotations: { "example.com/deploy": "2" } } };
    world.cluster.api.patch("Deployment", "shop", "orders", { spec: { template } }, "kustomize-controller");
    world.time.advance(minute);
    const annotations = { "kubectl.kubernetes.io/seen": "true" };
    world.cluster.api.patch("Secret", "shop", "orders-db", { metadata: { annotations } }, "kubectl-annotate");
    world.time.advance(minute);
    const ran = await world.run();
    assert.deepEqual([restarts(ran), skips(ran)], [[], ["orders already-fresh"]]);
    await assertQuiet(world);
  });

  it("deletionPolicy Delete, and the store has it again: compared by content", async () => {
    await using world = await settled("external-secrets");
    assert.ok(secret);
    world.remove("Secret", "orders-db");
    assert.deepEqual(restarts(await world.run()), []);
    world.cluster.api.put(secret.manifest, operator);
    world.time.advance(minute);
    assert.deepEqual(restarts(await world.run()), []);
    world.remove("Secret", "orders-db");
    await world.run();
    world.cluster.api.put({ ...secret.manifest, data: { password: base64("other") } }, operator);
    world.time.advance(minute);
    assert.deepEqual(words(await world.run()), ["orders restarted"]);
    await assertQuiet(world);
  });

  it("a key that the pods do not read, and one that the operator takes out: nothing", async () => {
    await using world = await startWorld();
    for (const { manifest, manager } of neighbours("external-secrets")) world.cluster.api.put(manifest, manager);
    const auto = { "secret.reloader.stakater.com/reload": null, "reloader.stakater.com/auto": "true" };
    world.cluster.api.patch("Deployment", "shop", "orders", { metadata: { annotations: auto } });
    world.time.advance(minute);
    await world.run();
    write(world, { data: { username: base64("other") } });
    world.time.advance(minute);
    assert.deepEqual(restarts(await world.run()), []);
    write(world, { data: { username: null } });
    world.time.advance(minute);
    assert.deepEqual(restarts(await world.run()), []);
    await assertQuiet(world);
  });
});

describe("Sealed Secrets: a Secret that its controller unseals", () => {
  const [secret] = neighbours("sealed-secrets");
  const unseal = (world: World, texts: Readonly<Record<string, string>>) => {
    assert.ok(secret);
    const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, base64(text)]));
    world.cluster.api.put({ ...secret.manifest, data }, "controller");
  };
  const first = { "api-key": "first", "webhook-secret": "hook" };

  it("somebody labels the Secret and the controller takes the label away, on and on: never a restart", async () => {
    await using world = await settled("sealed-secrets");
    for (let round = 0; round < 4; round++) {
      const labels = { "example.com/round": `${round}` };
      world.cluster.api.patch("Secret", "shop", "payments", { metadata: { labels } });
      world.time.advance(5 * second);
      unseal(world, first);
      world.time.advance(minute);
      const ran = await world.run();
      assert.deepEqual([restarts(ran), bodies(ran)], [[], ["payments"]]);
    }
    await assertQuiet(world);
  });

  it("deleted by hand and unsealed again at once, between two runs: the same content is no change", async () => {
    await using world = await settled("sealed-secrets");
    world.cluster.api.delete("Secret", "shop", "payments");
    world.time.advance(second);
    unseal(world, first);
    world.time.advance(minute);
    assert.deepEqual(restarts(await world.run({ policy: { reloadOnDelete: true, reloadOnCreate: true } })), []);
    await assertQuiet(world, { policy: { reloadOnDelete: true, reloadOnCreate: true } });
  });

  it("sealed anew with another value: one restart", async () => {
    await using world = await settled("sealed-secrets");
    unseal(world, { ...first, "api-key": "second" });
    world.time.advance(minute);
    const ran = await world.run();
    assert.deepEqual(words(ran), ["payments restarted"]);
    assert.deepEqual(ran.actions[0]?.because[0]?.keys, ["api-key"]);
    await assertQuiet(world);
  });

  it("the controller writes a value and takes it back before the next run, under a second Secret key: nothing", async () => {
    await using world = await settled("sealed-secrets");
    unseal(world, { ...first, "api-key": "mistake" });
    world.time.advance(10 * second);
    unseal(world, first);
    world.time.advance(minute);
    assert.deepEqual(restarts(await world.run()), []);
    await assertQuiet(world);
  });
});

describe("storage: drivers whose pods everything else stands on", () => {
  const rotateKms = (world: World) =>
    world.cluster.api.patch("Secret", "ceph-csi-rbd", "ceph-csi-kms-token", { data: { token: base64("second") } });

  it("a Secret by a projected volume: the provisioner rolls, the node plugin (OnDelete) waits for people", async () => {
    await using world = await settled("storage");
    rotateKms(world);
    world.time.advance(minute);
    const before = world.cluster.api.list("Pod", "ceph-csi-rbd").map(({ metadata }) => metadata.name);
    const ran = await world.run();
    assert.deepEqual(words(ran), ["ceph-csi-rbd-nodeplugin needs-manual", "ceph-csi-rbd-provisioner restarted"]);
    const after = world.cluster.api.list("Pod", "ceph-csi-rbd").map(({ metadata }) => metadata.name);
    const kept = after.filter((name) => before.includes(name));
    assert.ok(kept.length > 0 && kept.every((name) => name.startsWith("ceph-csi-rbd-nodeplugin-")));
    await assertQuiet(world);
    for (const name of kept) world.cluster.api.delete("Pod", "ceph-csi-rbd", name);
    await world.cluster.settle();
    await assertQuiet(world);
  });

  it("a key of the ConfigMap that is not mounted: nothing; the one that is: both", async () => {
    await using world = await settled("storage");
    const config = (data: Record<string, string>) =>
      world.cluster.api.patch("ConfigMap", "ceph-csi-rbd", "ceph-csi-config", { data }, "helm");
    config({ "cluster-mapping.json": '[{"clusterIDMapping":{}}]' });
    world.time.advance(minute);
    assert.deepEqual(restarts(await world.run()), []);
    config({ "config.json": '[{"clusterID":"b9127830","monitors":["10.0.0.2:6789"]}]' });
    world.time.advance(minute);
    assert.deepEqual((await world.run()).outcomes.length, 2);
    await assertQuiet(world);
  });

  it("a controller that is a StatefulSet, and a Secret that a volume hands to its driver", async () => {
    await using world = await settled("storage");
    world.cluster.api.patch("Secret", "kube-system", "digitalocean", { data: { "access-token": base64("second") } });
    world.cluster.api.patch("Secret", "kube-system", "secrets-store-creds", { data: { clientsecret: base64("new") } });
    world.time.advance(minute);
    assert.deepEqual(words(await world.run()), ["backup restarted", "csi-do-controller restarted"]);
    await assertQuiet(world);
  });
});
