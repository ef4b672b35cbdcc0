import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { auto, deployment, secret, type WorkloadParts } from "../support/manifests.ts";
import { type RunSettings, startKnownWorld } from "../support/world.ts";

const pull: Readonly<Record<string, string>> = { ...auto, "reroll.dev/image-pull-secrets": "true" };
const puller = (parts: WorkloadParts = {}) => deployment("web", { imagePullSecrets: [{ name: "registry" }] }, parts);

/** What a change of the Secret that images are pulled with restarts. */
async function restarted(parts: WorkloadParts, namespace: Record<string, string> = {}, settings: RunSettings = {}) {
  await using world = await startKnownWorld([
    { kind: "Namespace", metadata: { name: "shop", annotations: namespace } },
    secret("registry", { auth: "1" }),
    puller(parts),
  ]);
  await world.run(settings);
  world.put(secret("registry", { auth: "2" }));
  const ran = await world.run(settings);
  assert.deepEqual((await world.run(settings)).restarted, []);
  return ran.restarted;
}

describe("the Secrets that images are pulled with", () => {
  const opted: RunSettings = { policy: { imagePullSecrets: true } };
  const asks = { "reroll.dev/image-pull-secrets": "true" };
  const rows: readonly [string, WorkloadParts, Record<string, string>, RunSettings, string[]][] = [
    ["do not count", {}, {}, {}, []],
    ["count where the workload says so", { annotations: pull }, {}, {}, ["Deployment/shop/web"]],
    ["count where the configuration says so", {}, {}, opted, ["Deployment/shop/web"]],
    ["count where the namespace says so", {}, asks, {}, ["Deployment/shop/web"]],
    [
      "the workload decides",
      { annotations: { ...pull, ...{ "reroll.dev/image-pull-secrets": "false" } } },
      asks,
      opted,
      [],
    ],
  ];
  for (const [claim, parts, namespace, settings, expected] of rows) {
    it(claim, async () => assert.deepEqual(await restarted(parts, namespace, settings), expected));
  }

  it("to switch them on is no change: what they hold is taken as it is", async () => {
    await using world = await startKnownWorld([secret("registry", { auth: "1" }), puller()]);
    assert.deepEqual((await world.run(opted)).restarted, []);
    world.put(secret("registry", { auth: "2" }));
    assert.deepEqual((await world.run(opted)).restarted, ["Deployment/shop/web"]);
  });
});
