import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { allKinds } from "../../src/config/kinds.ts";
import { stampAnnotation } from "../../src/model/annotations.ts";
import { dig } from "../../src/model/object.ts";
import { auto, configMap, deployment, envFrom } from "../support/manifests.ts";
import { startWorld, type World } from "../support/world.ts";

describe("a Rollout", () => {
  let world: World;
  const rollout = (name: string, spec: object, annotations: object = {}, status: object = {}) => ({
    ...{ apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" },
    metadata: { name, namespace: "shop", annotations: { ...auto, ...annotations } },
    spec: { replicas: 1, selector: { matchLabels: { app: name } }, ...spec },
    status: { phase: "Healthy", updatedReplicas: 1, availableReplicas: 1, ...status },
  });
  const { template } = deployment("any", envFrom(["ConfigMap", "settings"])).spec as { template: object };
  const live = (name: string) => world.cluster.api.get("Rollout", "shop", name);

  before(async () => {
    world = await startWorld();
    world.put(
      configMap("settings"),
      rollout("plain", { template }),
      rollout("aborted", { template }, {}, { abort: true, phase: "Degraded" }),
      rollout("lost", { workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "nobody" } }),
    );
    await world.run();
    world.put(configMap("settings", { a: "2" }));
  });
  after(() => world[Symbol.asyncDispose]());

  it("is left alone where its template is borrowed from nobody, and where its last update was aborted", async () => {
    const { exitCode, pending, issues } = await world.run();
    assert.ok([0, 75].includes(exitCode));
    assert.deepEqual(
      pending.map(({ workload, reason }) => [workload.name, reason]),
      [["aborted", "paused"]],
    );
    assert.ok(issues.some(({ path, message }) => path.includes("Rollout/shop/lost") && /is not there/.test(message)));
    assert.equal(dig(live("aborted"), "spec", "template", "metadata", "annotations", stampAnnotation), undefined);
    assert.match(
      String(dig(live("plain"), "spec", "template", "metadata", "annotations", stampAnnotation)),
      /settings=/,
    );
  });

  it("is restarted in place where its namespace's policy says so, aborted or not, and loses no stamp when it is switched back", async () => {
    world.put(configMap("settings", { a: "3" }));
    await world.run({ policy: { strategies: { Rollout: "restart" } } });
    assert.match(String(dig(live("plain"), "spec", "restartAt")), /:\d\dZ$/);
    assert.match(String(dig(live("aborted"), "metadata", "annotations", stampAnnotation)), /settings=/);

    world.put(configMap("settings", { a: "4" }));
    await world.run();
    assert.equal(dig(live("plain"), "metadata", "annotations", stampAnnotation), undefined);
    assert.match(
      String(dig(live("plain"), "spec", "template", "metadata", "annotations", stampAnnotation)),
      /settings=/,
    );
  });
});

describe("a configured kind", () => {
  it("whose API nobody serves is not there: no issue, no exit code", async () => {
    await using world = await startWorld();
    const { exitCode, issues } = await world.run({
      policy: { kinds: allKinds([{ apiVersion: "example.com/v1", kind: "Widget" }]) },
    });
    assert.deepEqual([exitCode, issues], [0, []]);
  });

  it("whose objects have no generation is restarted once for a change", async () => {
    const { template } = deployment("any", envFrom(["ConfigMap", "settings"])).spec as { template: object };
    const apiVersion = "apps/v1";
    const kind = "ControllerRevision";
    const policy = { kinds: allKinds([{ apiVersion, kind, template: "data.spec.template", health: "none" }]) };
    const metadata = { name: "bare", namespace: "shop", annotations: auto };
    const bare = { apiVersion, kind, metadata, revision: 1, data: { spec: { template } } };
    await using world = await startWorld([configMap("settings"), bare]);
    await world.run({ policy });
    world.put(configMap("settings", { a: "2" }));
    const { outcomes } = await world.run({ policy });
    const live = world.cluster.api.get(kind, "shop", "bare");
    assert.equal(live?.metadata.generation, undefined);
    assert.deepEqual(
      outcomes.map(({ outcome, message }) => [outcome, message]),
      [["restarted", "patched; how its pods come up is not looked at (health: none)"]],
    );
    assert.match(
      String(dig(live, "data", "spec", "template", "metadata", "annotations", stampAnnotation)),
      /settings=/,
    );
    assert.deepEqual((await world.run({ policy })).outcomes, []);
  });

  it("gets its plural as English makes it, and its group where its name is taken", () => {
    const rows = allKinds([
      { apiVersion: "example.com/v1", kind: "Policy" },
      { apiVersion: "example.com/v1", kind: "Gateway" },
      { apiVersion: "apps.kruise.io/v1beta1", kind: "StatefulSet" },
    ]).slice(-3);
    assert.deepEqual(
      rows.map(({ plural, name }) => [plural, name]),
      [
        ["policies", "Policy"],
        ["gateways", "Gateway"],
        ["statefulsets", "StatefulSet.apps.kruise.io"],
      ],
    );
  });
});
