import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { auto, deployment, type WorkloadParts, workload } from "../support/manifests.ts";
import { type Driver, driverOf, mounts, secretProviderClass } from "../support/secrets-store.ts";
import { minute, type Ran, type RunSettings, startWorld, type World } from "../support/world.ts";

const web = "Deployment/shop/web";
const vault = "vault";
const webOf = (replicas: number, parts: WorkloadParts = {}) =>
  deployment("web", mounts(vault), { spec: { replicas }, ...parts });

interface Shop {
  readonly world: World;
  readonly driver: Driver;
  /** A minute later, with every pod mounted. */
  readonly run: (settings?: RunSettings) => Promise<Ran>;
  readonly scale: (replicas: number) => void;
  readonly podNames: () => string[];
}

/** A shop whose `web` mounts the class `vault`, at version 1 and known from a run. */
async function startShop(
  use: (shop: Shop) => Promise<void>,
  { replicas = 2, parts = {} }: { readonly replicas?: number; readonly parts?: WorkloadParts } = {},
): Promise<void> {
  await using world = await startWorld([secretProviderClass(vault), webOf(replicas, parts)]);
  const driver = driverOf(world);
  const run = async (settings: RunSettings = {}) => {
    driver.mount();
    world.time.advance(minute);
    const ran = await world.run(settings);
    world.time.advance(minute);
    driver.mount();
    return ran;
  };
  driver.store(vault, { "db-password": "1" });
  const first = await run();
  assert.deepEqual([first.restarted, first.adopted.length], [[], 1]);
  await use({
    world,
    driver,
    run,
    scale(to) {
      world.cluster.api.patch("Deployment", "shop", "web", { spec: { replicas: to } });
      world.time.advance(minute);
      driver.mount();
    },
    podNames: () => world.cluster.api.list("Pod", "shop").map(({ metadata }) => metadata.name),
  });
}

const nothing = async (run: Shop["run"]) => {
  const { restarted, pending, exitCode } = await run();
  assert.deepEqual([restarted, pending, exitCode], [[], [], 0]);
};

describe("secrets of a store, mounted by the secrets store CSI driver", () => {
  it("a rotation is one restart, and the report names the class and the object", () =>
    startShop(async ({ world, driver, run }) => {
      driver.store(vault, { "db-password": "2" });
      world.time.advance(minute);
      driver.rotate();
      const ran = await run();
      assert.deepEqual(ran.restarted, [web]);
      const [change] = ran.actions[0]?.because ?? [];
      assert.deepEqual(change, {
        source: { kind: "SecretProviderClass", namespace: "shop", name: vault },
        change: "modified",
        keys: ["db-password"],
      });
      await nothing(run);
      await nothing(run);
    }));

  it("half-way through a rotation: one restart, and the second half is none", () =>
    startShop(async ({ world, driver, run, podNames }) => {
      const [early] = podNames();
      driver.store(vault, { "db-password": "2" });
      world.time.advance(minute);
      driver.rotate((pod) => pod === early);
      assert.deepEqual((await run()).restarted, [web]);
      driver.rotate();
      await nothing(run);
    }));

  it("the rotated pod goes before the others are rotated, while the restart is owed: no way back, and none is missed", () =>
    startShop(async ({ world, driver, run, podNames }) => {
      world.cluster.api.patch("Deployment", "shop", "web", { spec: { paused: true } });
      const [early = ""] = podNames();
      driver.store(vault, { "db-password": "2" });
      world.time.advance(minute);
      driver.rotate((pod) => pod === early);
      assert.deepEqual(
        (await run()).pending.map(({ reason }) => reason),
        ["paused"],
      );
      world.cluster.api.delete("Pod", "shop", early);
      world.time.advance(minute);
      assert.deepEqual(
        (await run()).pending.map(({ reason }) => reason),
        ["paused"],
      );
      world.cluster.api.patch("Deployment", "shop", "web", { spec: { paused: false } });
      assert.deepEqual((await run()).restarted, [web]);
      await nothing(run);
    }));

  it("a pod that starts and mounts the same is no change", () =>
    startShop(async ({ run, scale }) => {
      scale(3);
      await nothing(run);
    }));

  it("a pod that starts with more, before the driver has looked at the others: restarted once it has", () =>
    startShop(async ({ world, driver, run, scale }) => {
      driver.store(vault, { "db-password": "2" });
      scale(3);
      await nothing(run);
      driver.rotate();
      world.time.advance(minute);
      assert.deepEqual((await run()).restarted, [web]);
      await nothing(run);
    }));

  it("scaled to zero and back, with a rotation meanwhile: no restart, and the next rotation is one", () =>
    startShop(async ({ world, driver, run, scale }) => {
      scale(0);
      await nothing(run);
      driver.store(vault, { "db-password": "2" });
      scale(2);
      await nothing(run);
      driver.store(vault, { "db-password": "1" });
      world.time.advance(minute);
      driver.rotate();
      assert.deepEqual((await run()).restarted, [web], "back to what was rolled out before scaling");
      await nothing(run);
    }));

  it("rotated and rolled out by somebody else before the next run: every pod is fresh", () =>
    startShop(async ({ world, driver, run }) => {
      driver.store(vault, { "db-password": "2" });
      world.time.advance(minute);
      driver.rotate();
      world.time.advance(minute);
      const template = { metadata: { annotations: { "example.com/deploy": "2" } } };
      world.cluster.api.patch("Deployment", "shop", "web", { spec: { template } });
      await world.cluster.settle();
      await nothing(run);
      await nothing(run);
    }));

  it("an object is taken out of the class: one restart", () =>
    startShop(async ({ world, driver, run }) => {
      driver.store(vault, { "db-password": "1", "db-user": "1" });
      world.time.advance(minute);
      driver.rotate();
      assert.deepEqual((await run()).restarted, [web]);
      driver.store(vault, { "db-password": "1" });
      world.time.advance(minute);
      driver.rotate();
      const ran = await run();
      assert.deepEqual([ran.restarted, ran.actions[0]?.because[0]?.keys], [[web], ["db-user"]]);
      await nothing(run);
    }));

  it("an object is taken out while nothing runs: pods that start later never had it, and are fresh", () =>
    startShop(async ({ world, driver, run, scale }) => {
      driver.store(vault, { "db-password": "1", "db-user": "1" });
      world.time.advance(minute);
      driver.rotate();
      assert.deepEqual((await run()).restarted, [web]);
      scale(0);
      driver.store(vault, { "db-password": "1" });
      scale(2);
      await nothing(run);
      await nothing(run);
    }));

  it("every pod has credentials of its own, leased when it starts: only a rotation under a running pod is a change", () =>
    startShop(async ({ world, driver, run, podNames, scale }) => {
      let lease = 10;
      const ownLease = () => driver.store(vault, { "db-password": String(++lease) });
      for (const replicas of [3, 4, 5]) {
        ownLease();
        scale(replicas);
        await nothing(run);
      }
      const [one] = podNames();
      ownLease();
      driver.rotate((pod) => pod === one);
      world.time.advance(minute);
      assert.deepEqual((await run()).restarted, [web]);
      await nothing(run);
      await nothing(run);
    }));

  it("labels that others put on a status, and a class that is applied again, are no change", () =>
    startShop(async ({ world, run }) => {
      for (const { metadata } of world.cluster.api.list("SecretProviderClassPodStatus", "shop")) {
        const labels = { "example.com/seen": "true" };
        world.cluster.api.patch("SecretProviderClassPodStatus", "shop", metadata.name, { metadata: { labels } });
      }
      world.put(secretProviderClass(vault, { labels: { "helm.sh/chart": "shop-2" } }));
      await nothing(run);
      world.remove("SecretProviderClass", vault);
      await nothing(run);
      world.put(secretProviderClass(vault));
      await nothing(run);
    }));

  it("the state is lost: a stamp that is behind the rotation restarts, one that is not does not", () =>
    startShop(async ({ world, driver, run }) => {
      driver.store(vault, { "db-password": "2" });
      world.time.advance(minute);
      driver.rotate();
      assert.deepEqual((await run()).restarted, [web]);
      world.remove("ConfigMap", "reroll-state", "reroll-system");
      await nothing(run);
      driver.store(vault, { "db-password": "3" });
      driver.rotate();
      world.remove("ConfigMap", "reroll-state", "reroll-system");
      assert.deepEqual((await run()).restarted, [web]);
    }));

  it("ignore on the class, an exclude list, and ignoreSources: nothing", async () => {
    const exclude = { ...auto, "secretproviderclasses.exclude.reloader.stakater.com/reload": vault };
    await startShop(
      async ({ world, driver, run }) => {
        driver.store(vault, { "db-password": "2" });
        driver.rotate();
        world.time.advance(minute);
        await nothing(run);
      },
      { parts: { annotations: exclude } },
    );
    await startShop(async ({ world, driver, run }) => {
      world.put(secretProviderClass(vault, { annotations: { "reloader.stakater.com/ignore": "true" } }));
      driver.store(vault, { "db-password": "2" });
      driver.rotate();
      world.time.advance(minute);
      const { restarted, skips } = await run();
      assert.deepEqual([restarted, skips.map(({ reason }) => reason)], [[], ["source-ignored"]]);
      const off = await run({ policy: { ignoreSources: ["SecretProviderClass"] } });
      assert.deepEqual(off.restarted, []);
      const touched = off.requests.filter(({ path }) => path.includes("secretproviderclass"));
      assert.deepEqual(touched, [], "not even listed");
    });
  });

  it("statuses that may not be listed: nothing is decided, exit code 3, and it is done once they can be", () =>
    startShop(async ({ world, driver, run }) => {
      driver.store(vault, { "db-password": "2" });
      driver.rotate();
      const refused = world.cluster.faults.push({ resource: "secretproviderclasspodstatuses", fault: { answer: 403 } });
      const blind = await run();
      assert.deepEqual([blind.restarted, blind.exitCode], [[], 3]);
      refused.remove();
      assert.deepEqual((await run()).restarted, [web]);
    }));

  it("no class in the cluster: one more list, and no more than that", async () => {
    await using world = await startWorld([workload("web")]);
    const { requests } = await world.run();
    const about = requests.filter(({ path }) => path.includes("secrets-store"));
    assert.equal(about.length, 1);
  });
});
