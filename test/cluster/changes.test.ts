/** Which changes are restarts and which are none, on real controllers. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { configMap, deployment, envFrom, envKeys, secret } from "../support/manifests.ts";
import { rolledOut } from "./harness/workloads.ts";
import { type Ended, openStage, outcomes, type Stage } from "./support/stage.ts";

const five = ["one", "two", "three", "four", "five"] as const;
const apps = ["many", "reverted", "recreated", "uses-more", "reads-more", "ignoring", "fresh", "late"] as const;

/** Freshness tells moments apart that are more than two seconds apart, and the API's times are whole seconds: waiting is the point here. */
const moment = () => sleep(3500);

describe("changes", () => {
  let stage: Stage;
  let ran: Ended;
  const before1: Record<string, number> = {};
  const after1: Record<string, number> = {};

  const path = (kind: string, name: string) => `/api/v1/namespaces/${stage.namespace}/${kind}/${name}`;
  const target = (name: string) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: stage.namespace },
  });
  const generations = async (into: Record<string, number>) => {
    for (const name of apps) into[name] = await stage.generation("Deployment", name);
  };

  before(async () => {
    stage = await openStage("changes");
    await stage.put(
      ...five.map((name) => configMap(name)),
      ...apps.map((name) => configMap(`${name}-config`)),
      secret("extra", { token: "t" }),
      configMap("ignored", { a: "1" }, { annotations: { "reloader.stakater.com/ignore": "true" } }),
    );
    await moment();
    await stage.apply(
      deployment("many", envFrom(...five.map((name) => ["ConfigMap", name] as const))),
      deployment("ignoring", envFrom(["ConfigMap", "ignored"])),
      deployment("reads-more", envKeys("ConfigMap", "reads-more-config", ["a"])),
      ...["reverted", "recreated", "uses-more", "fresh"].map((name) =>
        deployment(name, envFrom(["ConfigMap", `${name}-config`])),
      ),
    );
    await stage.run();
    // Seen for the first time only after its source changed.
    await stage.apply(deployment("late", envFrom(["ConfigMap", "late-config"])));
    await stage.put(configMap("late-config", { a: "2" }));
    // A template that newly uses a source, or a key, starts pods that read it.
    await stage.apply(
      deployment("uses-more", envFrom(["ConfigMap", "uses-more-config"], ["Secret", "extra"])),
      deployment("reads-more", envKeys("ConfigMap", "reads-more-config", ["a", "b"])),
    );
    await stage.put(
      ...five.map((name) => configMap(name, { a: "2", b: "1" })),
      configMap("ignored", { a: "2" }, { annotations: { "reloader.stakater.com/ignore": "true" } }),
    );
    await stage.put(configMap("reverted-config", { a: "2", b: "1" }));
    await stage.put(configMap("reverted-config", { a: "1", b: "1" }));
    await stage.cluster.remove(path("configmaps", "recreated-config"));
    await stage.put(configMap("recreated-config"));
    await stage.put(configMap("fresh-config", { a: "2", b: "1" }));
    await moment();
    await stage.cluster.patch(target("fresh"), {
      spec: {
        template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() } } },
      },
    });
    await rolledOut(stage.cluster, target("fresh"));
    await generations(before1);
    ran = await stage.run();
    await generations(after1);
  });
  after(() => stage.close());

  const restarted = (name: string) => (after1[name] ?? 0) - (before1[name] ?? 0);
  const reasons = (name: string) =>
    ran.report.skips.filter(({ workload }) => workload.name === name).map(({ reason }) => reason);

  it("five changed sources of one workload are one restart, because of all five", () => {
    assert.equal(restarted("many"), 1);
    assert.equal(outcomes(ran).many, "restarted");
    const because = ran.report.actions.find(({ workload }) => workload.name === "many")?.because;
    assert.deepEqual(
      because?.map(({ source, keys }) => [source.name, ...keys]),
      [...five].sort().map((name) => [name, "a"]),
    );
  });
  it("a change that was taken back between two runs is none", () => assert.equal(restarted("reverted"), 0));
  it("a source deleted and made again alike is no change", () => assert.equal(restarted("recreated"), 0));
  it("a template that newly uses a source restarts nothing more", () => assert.equal(restarted("uses-more"), 0));
  it("a template that newly reads a key restarts nothing more", () => assert.equal(restarted("reads-more"), 0));
  it("a workload seen for the first time is adopted, and told to be maybe stale", () => {
    assert.equal(restarted("late"), 0);
    assert.deepEqual(
      ran.report.adopted.map(({ name }) => name),
      ["late"],
    );
  });
  it("an ignored source restarts nothing and says why", () => {
    assert.equal(restarted("ignoring"), 0);
    assert.deepEqual(reasons("ignoring"), ["source-ignored"]);
  });
  it("pods that somebody else replaced after the change are fresh already", () => {
    assert.equal(restarted("fresh"), 0);
    assert.deepEqual(reasons("fresh"), ["already-fresh"]);
  });
  it("plan agrees with a run: nothing is left to do", async () => {
    const plan = await stage.run(["plan"]);
    assert.deepEqual([plan.report.actions, plan.report.pending], [[], []]);
  });
});
