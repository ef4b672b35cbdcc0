import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { startKnownWorld } from "../support/world.ts";

describe("a kind of workload that is ignored for a while", () => {
  it("is not touched meanwhile, and its change is found afterwards", async () => {
    const web = deployment("web", envFrom(["ConfigMap", "settings"]));
    await using world = await startKnownWorld([[configMap("settings", { a: "1" }), web]]);
    world.put(configMap("settings", { a: "2" }));
    const meanwhile = await world.run({ policy: { ignoreWorkloads: ["Deployment"] } });
    assert.deepEqual([meanwhile.restarted, meanwhile.issues, meanwhile.exitCode], [[], [], 0]);
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/web"]);
  });
});
