import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { auto, configMap, deployment, envFrom, secret, workload } from "../support/manifests.ts";
import { minute, startKnownWorld } from "../support/world.ts";

const web = "Deployment/shop/web";
const usesSettings = deployment("web", envFrom(["ConfigMap", "settings"]));

/** Defects of other tools, by the numbers under which they were noted: each must not be one of ours. */
describe("what goes wrong elsewhere", () => {
  it("D1: a change while nobody was running is lost", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.time.advance(7 * 24 * 60 * minute);
    world.put(configMap("settings", { a: "2" }));
    world.time.advance(7 * 24 * 60 * minute);
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  it("D2: a list that failed passes for an empty one, and the change counts as handled", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.put(configMap("settings", { a: "2" }));
    world.cluster.faults.push({ verb: "list", resource: "deployments", fault: { answer: 500 } });
    const blind = await world.run();
    assert.deepEqual([blind.restarted, blind.exitCode], [[], 75]);
    world.cluster.faults.clear();
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  it("D3: the first workload that fails keeps the others from being restarted", async () => {
    const kinds = ["DaemonSet", "Deployment", "StatefulSet"] as const;
    const all = kinds.map((kind) => workload("web", { kind, pod: envFrom(["ConfigMap", "settings"]) }));
    await using world = await startKnownWorld([configMap("settings"), all]);
    world.put(configMap("settings", { a: "2" }));
    world.cluster.faults.push({ method: "PATCH", resource: "daemonsets", fault: { answer: 403 } });
    const ran = await world.run({ policy: { concurrency: 1 } });
    assert.deepEqual(ran.restarted, [web, "StatefulSet/shop/web"]);
    world.cluster.faults.clear();
    assert.deepEqual((await world.run()).restarted, ["DaemonSet/shop/web"]);
  });

  it("D4: after a few failed attempts a restart is given up", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.put(configMap("settings", { a: "2" }));
    world.cluster.faults.push({ method: "PATCH", fault: { answer: 500 } });
    for (let run = 0; run < 10; run++) assert.deepEqual((await world.run()).restarted, []);
    world.cluster.faults.clear();
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  it("D5: trying again restarts what was restarted already", async () => {
    const other = deployment("other", envFrom(["ConfigMap", "settings"]));
    await using world = await startKnownWorld([configMap("settings"), [usesSettings, other]]);
    world.put(configMap("settings", { a: "2" }));
    world.cluster.faults.push({ method: "PATCH", name: "other", fault: { answer: 500 } });
    assert.deepEqual((await world.run()).restarted, [web]);
    world.cluster.faults.clear();
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/other"]);
    assert.deepEqual((await world.run()).restarted, []);
  });

  for (const [what, before, after] of [
    ["a separator inside a value", configMap("settings", { a: "1;b=2" }), configMap("settings", { a: "1", b: "2" })],
    ["one value cut elsewhere", configMap("settings", { a: "12", b: "3" }), configMap("settings", { a: "1", b: "23" })],
    [
      "base64 that looks like its content",
      configMap("settings", { k: "YQ==" }),
      { ...configMap("settings", {}), data: null, binaryData: { k: "YQ==" } },
    ],
    ["an empty value and none", configMap("settings", { a: "1", b: "" }), configMap("settings", { a: "1" })],
  ] as const) {
    it(`D6: two contents with one hash: ${what}`, async () => {
      await using world = await startKnownWorld([before, usesSettings]);
      world.put(after);
      assert.deepEqual((await world.run()).restarted, [web]);
    });
  }

  it("D7: each change costs lists of its own", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `c${index}`);
    const sources = (a: string) => names.map((name) => configMap(name, { a }));
    const apps = names.map((name) => deployment(name, envFrom(["ConfigMap", name])));
    await using world = await startKnownWorld([sources("1"), apps]);
    world.put(...sources("2"));
    const { requests, restarted } = await world.run();
    assert.equal(restarted.length, 10);
    const lists = requests.filter(({ verb }) => verb === "list").map(({ resource }) => resource);
    assert.deepEqual(lists.sort(), [
      "configmaps",
      "cronjobs",
      "daemonsets",
      "deploymentconfigs",
      "deployments",
      "deployments",
      "jobs",
      "namespaces",
      "pods",
      "replicasets",
      "rollouts",
      "secretproviderclasses",
      "secrets",
      "statefulsets",
    ]);
  });

  it("D8: a patch by position changes what somebody else has put there meanwhile", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.put(configMap("settings", { a: "2", b: "1" }));
    const edited = deployment("web", envFrom(["ConfigMap", "settings"]), {
      template: { annotations: { by: "a person" } },
    });
    let edits = 0;
    const ran = await world.run({
      through: (ports) => {
        const { patch } = ports.cluster;
        const cluster = {
          ...ports.cluster,
          patch: (...args: Parameters<typeof patch>) => {
            edits += 1;
            world.put(edited);
            return patch(...args);
          },
        };
        return { ...ports, cluster };
      },
    });
    assert.deepEqual([edits, ran.restarted, ran.outcomes.map(({ outcome }) => outcome)], [1, [web], ["superseded"]]);
    const template = world.cluster.api.get("Deployment", "shop", "web")?.spec as { template: { metadata: object } };
    assert.deepEqual(template.template.metadata, { labels: { app: "web" }, annotations: { by: "a person" } });
    assert.deepEqual((await world.run()).restarted, [], "the edit has brought the new content already");
  });

  it("D10: a|b names everything that begins with a or ends with b; said where it makes a difference", async () => {
    const names = ["app", "app-more", "more-db", "db"];
    const sources = (a: string) => names.map((name) => configMap(name, { a }));
    const list = { "configmap.reloader.stakater.com/reload": "app|db" };
    await using world = await startKnownWorld([sources("1"), workload("web", { annotations: list })]);
    const because = async (changed: string, policy: Parameters<typeof world.run>[0] = {}) => {
      world.put(configMap(changed, { a: `${world.time.now()}` }));
      return (await world.run(policy)).actions.length;
    };
    assert.deepEqual([await because("app"), await because("db")], [1, 1]);
    assert.deepEqual([await because("app-more"), await because("more-db")], [0, 0]);
    const { issues } = await world.plan();
    assert.deepEqual(
      issues.map(({ code }) => code),
      ["anchoring-differs"],
    );
    assert.match(issues[0]?.message ?? "", /app-more, more-db/);
    const stakater = { policy: { anchoring: "stakater" } } as const;
    await world.run(stakater);
    assert.deepEqual([await because("app-more", stakater), await because("more-db", stakater)], [1, 1]);
  });

  it("D11: every Secret is read, also those nobody asked for", async () => {
    const idle = Array.from({ length: 20 }, (_, index) => secret(`idle-${index}`));
    const unasked = deployment("unasked", envFrom(["Secret", "idle-1"]), { annotations: {} });
    await using world = await startKnownWorld([
      [secret("creds"), ...idle],
      [deployment("web", envFrom(["Secret", "creds"]), { annotations: auto }), unasked],
    ]);
    world.put(...idle, secret("creds", { a: "2" }));
    const { requests, restarted } = await world.run();
    assert.deepEqual(restarted, [web]);
    const bodies = requests.filter(({ resource, metadataOnly }) => resource === "secrets" && !metadataOnly);
    assert.deepEqual(
      bodies.map(({ verb, name }) => `${verb} ${name}`),
      ["get reroll-key", "get creds"],
    );
  });
});
