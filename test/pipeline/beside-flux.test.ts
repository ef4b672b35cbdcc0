import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { doctor } from "../../src/commands/doctor.ts";
import { stampAnnotation } from "../../src/model/annotations.ts";
import { runJson } from "../../src/report/json.ts";
import { withPorts } from "../commands/support.ts";
import { fleetFiles, fleetSources } from "../support/git-fleet.ts";
import { startGitWorld } from "../support/git-world.ts";
import { configMap } from "../support/manifests.ts";
import { testPolicy } from "../support/policy.ts";
import { minute, type Ran, startWorld, stateName, type World } from "../support/world.ts";

const direct = { policy: { mode: "direct" } } as const;

describe("direct mode beside Flux", () => {
  it("where Git holds our own annotation, plan and doctor say that Flux puts its value back", async () => {
    await using world = await startGitWorld(fleetFiles, fleetSources("red"));
    const examined = () => withPorts(world.world, (ports) => doctor(ports, testPolicy(), stateName, "server"));
    const checkOf = async () => (await examined()).checks.find(({ name }) => name === "Flux");
    await world.run(direct);
    const before = await checkOf();
    assert.deepEqual([before?.outcome, before?.details], ["ok", []]);

    const template = { metadata: { annotations: { [stampAnnotation]: "from Git" } } };
    world.world.cluster.api.patch("Deployment", "shop", "web", { spec: { template } }, "kustomize-controller");
    world.world.time.advance(minute);
    const found = await checkOf();
    assert.equal(found?.outcome, "warning");
    assert.equal(found.details.length, 1);
    assert.match(
      found.details[0] ?? "",
      /^Deployment\/shop\/web: .*apps sets reroll\.dev\/stamp .* puts its own value back/,
    );

    world.world.put(...fleetSources("blue"));
    const { issues } = await world.plan(direct);
    assert.deepEqual(
      issues.map(({ code, path }) => [code, path]),
      [["flux-stamp-in-git", "Deployment/shop/web"]],
    );
  });
});

const readsValues = {
  kind: "HelmRelease",
  metadata: { namespace: "shop", name: "web" },
  spec: { interval: "1h", valuesFrom: [{ kind: "ConfigMap", name: "web-values" }] },
};
const asking = { policy: { git: { ...testPolicy().git, reconcileReferences: true } } };
const requested = ({ cluster }: World) =>
  cluster.api.get("HelmRelease", "shop", "web")?.metadata.annotations?.["reconcile.fluxcd.io/requestedAt"];
const told = (ran: Ran) =>
  runJson(ran).reconciles.map(({ object, outcome }) => `${object.kind} ${object.name} ${outcome}`);

describe("a HelmRelease that takes values from a ConfigMap", () => {
  it("is asked to reconcile once the ConfigMap has changed, once, where that is asked for", async () => {
    await using world = await startWorld([configMap("web-values", { a: "1" }), readsValues]);
    assert.deepEqual(told(await world.run(asking)), []);
    assert.equal(requested(world), undefined);
    world.put(configMap("web-values", { a: "2" }));
    assert.deepEqual(told(await world.run()), []);
    assert.equal(requested(world), undefined);
    assert.deepEqual(told(await world.run(asking)), ["HelmRelease web asked"]);
    const first = requested(world);
    assert.notEqual(first, undefined);
    world.time.advance(minute);
    assert.deepEqual(told(await world.run(asking)), []);
    assert.equal(requested(world), first);
  });

  it("is left to Flux where the ConfigMap has the label that Flux watches", async () => {
    const watched = (a: string) =>
      configMap("web-values", { a }, { labels: { "reconcile.fluxcd.io/watch": "Enabled" } });
    await using world = await startWorld([watched("1"), readsValues]);
    await world.run(asking);
    world.put(watched("2"));
    assert.deepEqual(told(await world.run(asking)), []);
    assert.equal(requested(world), undefined);
  });
});
