import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { workloadKinds } from "../../src/model/kinds.ts";
import type { Policy } from "../../src/model/policy.ts";
import { auto, configMap, deployment, envFrom, secret } from "../support/manifests.ts";
import { minute, startKnownWorld } from "../support/world.ts";

const withoutSecrets: Partial<Policy> = { ignoreSources: ["Secret"] };

describe("a kind of workload that is ignored for a while", () => {
  it("is not touched meanwhile, and its change is found afterwards", async () => {
    const web = deployment("web", envFrom(["ConfigMap", "settings"]));
    await using world = await startKnownWorld([[configMap("settings", { a: "1" }), web]]);
    world.put(configMap("settings", { a: "2" }));
    const meanwhile = await world.run({ policy: { ignoreWorkloads: ["Deployment"] } });
    assert.deepEqual([meanwhile.restarted, meanwhile.issues, meanwhile.exitCode], [[], [], 0]);
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/web"]);
  });

  it("is remembered the same where the row of the configuration that described it was taken away", async () => {
    const db = deployment("db", envFrom(["ConfigMap", "settings"]), { kind: "StatefulSet" });
    await using world = await startKnownWorld([[configMap("settings", { a: "1" }), db]]);
    world.put(configMap("settings", { a: "2" }));
    const meanwhile = await world.run({
      policy: { kinds: workloadKinds.filter(({ name }) => name !== "StatefulSet") },
    });
    assert.deepEqual([meanwhile.restarted, meanwhile.issues, meanwhile.exitCode], [[], [], 0]);
    assert.deepEqual((await world.run()).restarted, ["StatefulSet/shop/db"]);
  });
});

describe("a kind of source that is ignored for a while", () => {
  const app = deployment("web", envFrom(["ConfigMap", "settings"], ["Secret", "creds"]));
  const start = () => startKnownWorld([[configMap("settings", { a: "1" }), secret("creds", { a: "1" }), app]]);

  it("restarts nothing meanwhile, and its change is found afterwards", async () => {
    await using world = await start();
    world.put(secret("creds", { a: "2" }));
    const meanwhile = await world.run({ policy: withoutSecrets });
    assert.deepEqual([meanwhile.restarted, meanwhile.issues, meanwhile.exitCode], [[], [], 0]);
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/web"]);
    assert.deepEqual((await world.run()).restarted, []);
  });

  it("costs no second restart where another source restarted the workload meanwhile", async () => {
    await using world = await start();
    world.put(secret("creds", { a: "2" }), configMap("settings", { a: "2" }));
    assert.deepEqual((await world.run({ policy: withoutSecrets })).restarted, ["Deployment/shop/web"]);
    assert.deepEqual((await world.run()).restarted, []);
    world.put(secret("creds", { a: "3" }));
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/web"]);
  });

  it("is asked for in vain by nobody: a run after the first writes nothing but the Lease", async () => {
    await using world = await start();
    await world.run({ policy: withoutSecrets });
    const steady = await world.run({ policy: withoutSecrets });
    const writes = steady.requests
      .filter(({ method }) => method !== "GET")
      .map(({ path }) => path.replace(/[?].*/, ""));
    assert.deepEqual([...new Set(writes)], ["/apis/coordination.k8s.io/v1/namespaces/reroll-system/leases/reroll"]);
    assert.deepEqual(
      steady.requests.filter(({ path }) => path.includes("/deployments/")),
      [],
    );
  });

  it("keeps what is owed for it: a pod that started on a value that came and went is found", async () => {
    const annotations = { ...auto, "reroll.dev/paused": "true" };
    await using world = await startKnownWorld([
      [secret("creds", { a: "1" }), deployment("web", envFrom(["Secret", "creds"]), { annotations })],
    ]);
    world.put(secret("creds", { a: "2" }));
    assert.deepEqual(
      (await world.run()).pending.map(({ reason }) => reason),
      ["paused-by-annotation"],
    );
    world.time.advance(minute);
    const [pod] = world.cluster.api.list("Pod", "shop");
    world.remove("Pod", String(pod?.metadata.name));
    await world.run({ policy: withoutSecrets });
    world.put(secret("creds", { a: "1" }));
    assert.deepEqual(
      (await world.run()).pending.map(({ reason }) => reason),
      ["paused-by-annotation"],
    );
  });
});
