/** Secrets of a store behind the CSI driver, played on a real control plane: what a rotation restarts, and what is none. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { deployment, type WorkloadParts, workload } from "../support/manifests.ts";
import { mounts, secretProviderClass } from "../support/secrets-store.ts";
import { rolledOut } from "./harness/workloads.ts";
import { Driver, serveSecretsStore, servesSecretsStore } from "./support/secrets-store.ts";
import { type Ended, openStage, outcomes, type Stage } from "./support/stage.ts";

const apps = ["rotated", "half", "gone-half", "zero", "more", "taken", "sts"] as const;
type App = (typeof apps)[number];

/** Times of the API are whole seconds, and freshness wants two of them between a write and a pod: waiting is the point here. */
const moment = () => sleep(3500);

describe("SecretProviderClass", () => {
  let stage: Stage;
  let driver: Driver;
  let absent: Ended | undefined;
  const ran: Ended[] = [];

  const manifest = (app: App, parts: WorkloadParts = {}) =>
    app === "sts"
      ? workload(app, { kind: "StatefulSet", pod: mounts(app), spec: { replicas: 2 }, ...parts })
      : deployment(app, mounts(app), { spec: { replicas: 2 }, ...parts });
  const target = (app: App) => ({
    apiVersion: "apps/v1",
    kind: app === "sts" ? "StatefulSet" : "Deployment",
    metadata: { name: app, namespace: stage.namespace },
  });
  const scale = async (app: App, replicas: number) => {
    await stage.cluster.patch(target(app), { spec: { replicas } });
    await rolledOut(stage.cluster, target(app));
    await driver.mount();
  };
  const podsOf = (app: App) =>
    stage.cluster.list(`/api/v1/namespaces/${stage.namespace}/pods?labelSelector=app%3D${app}`);
  const run = async () => {
    ran.push(await stage.run());
    await driver.mount();
    await moment();
  };
  const versions = (version: string) => ({ "db-password": version });

  before(async () => {
    stage = await openStage("csi");
    driver = new Driver(stage.cluster, stage.namespace);
    for (const app of apps) driver.store(app, versions("1"));
    if (!(await servesSecretsStore(stage.cluster))) absent = await stage.run();
    await serveSecretsStore(stage.cluster);
    await stage.put(...apps.map((app) => secretProviderClass(app)));
    await stage.apply(...apps.map((app) => manifest(app)));
    await driver.mount();
    await moment();
    await run();

    for (const app of apps) if (app !== "zero") driver.store(app, versions("2"));
    await scale("zero", 0);
    await scale("more", 3);
    const [half] = await podsOf("half");
    const [goneHalf] = await podsOf("gone-half");
    await driver.rotate((pod) => pod === half?.metadata.name || pod === goneHalf?.metadata.name);
    await driver.rotate((pod) => pod.startsWith("rotated-") || pod.startsWith("sts-"));
    await stage.cluster.patch(target("gone-half"), { spec: { paused: true } });
    await moment();
    await run();

    driver.store("zero", versions("2"));
    await scale("zero", 2);
    await stage.cluster.remove(`/api/v1/namespaces/${stage.namespace}/pods/${goneHalf?.metadata.name}`);
    await stage.cluster.waitFor(async () => (await podsOf("gone-half")).length === 2, {
      what: "the pod to be replaced",
    });
    await driver.mount();
    await stage.put(secretProviderClass("taken", { labels: { "helm.sh/chart": "shop-2" } }));
    await driver.rotate((pod) => pod.startsWith("more-") || pod.startsWith("half-"));
    await stage.cluster.patch(target("gone-half"), { spec: { paused: false } });
    await moment();
    await run();

    await driver.rotate();
    await run();
    await run();
  });
  after(() => stage.close());

  const restarted = (index: number) =>
    Object.entries(outcomes(ran[index] as Ended))
      .filter(([, outcome]) => outcome === "restarted")
      .map(([name]) => name)
      .sort();
  const [adopting, rotating, second, third, last] = [0, 1, 2, 3, 4] as const;

  it("an API that is not served is no failure to look", () => {
    if (absent) assert.deepEqual([absent.exitCode, absent.report.issues], [0, []]);
  });

  it("every run ends with exit code 0", () => {
    assert.deepEqual(
      ran.map(({ exitCode, stderr }) => [exitCode, stderr]),
      ran.map(() => [0, ""]),
    );
  });

  it("first sight adopts", () => {
    assert.deepEqual([ran[adopting]?.report.adopted.length, restarted(adopting)], [apps.length, []]);
  });

  it("a rotation restarts its workload, also half-way; scaling and pods that start with more do not", () => {
    assert.deepEqual(restarted(rotating), ["half", "rotated", "sts"]);
    const pending = ran[rotating]?.report.pending.map(({ workload: { name }, reason }) => `${name} ${reason}`);
    assert.deepEqual(pending, ["gone-half paused"]);
  });

  it("pods that are rotated later restart theirs once; what was owed is done although the rotated pod is gone", () => {
    assert.deepEqual(restarted(second), ["gone-half", "more"]);
  });

  it("the last pods of a rotation, and a workload back from zero: only who is behind", () => {
    assert.deepEqual(restarted(third), ["taken"]);
  });

  it("and then nothing", () => {
    assert.deepEqual([restarted(last), ran[last]?.report.pending], [[], []]);
  });

  it("the report names class and object, and no version", () => {
    const action = ran[rotating]?.report.actions.find(({ workload: { name } }) => name === "rotated");
    const source = { kind: "SecretProviderClass", namespace: stage.namespace, name: "rotated" };
    assert.deepEqual(action?.because, [{ source, change: "modified", keys: ["db-password"] }]);
  });
});
