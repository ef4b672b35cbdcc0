import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type OverrideManagers, readOverrideManagers } from "../../src/flux/controllers.ts";
import { fightsWith } from "../../src/flux/fights.ts";
import { PortError } from "../../src/model/errors.ts";
import { workloadKinds } from "../../src/model/kinds.ts";
import { readWorkload } from "../../src/snapshot/workload.ts";
import { type Changes, changed, fluxOf, liveObjects, object } from "../support/flux.ts";
import { deployment } from "../support/manifests.ts";
import { testPolicy } from "../support/policy.ts";
import { startWorld, withPorts } from "../support/world.ts";

const [kind] = workloadKinds;
assert.ok(kind);
const web = "Deployment/shop/web";
const podinfo = "Deployment/media/podinfo";
const nobody: OverrideManagers = { "kustomize-controller": [], "helm-controller": [] };

function fights(name: string, overrides: OverrideManagers, changes: Changes = {}): string[] {
  const objects = changed(liveObjects(), changes);
  const found = object(objects, name);
  const { metadata } = found;
  const id = { group: "apps", kind: "Deployment", namespace: metadata.namespace ?? "", name: metadata.name };
  const { marks, stampOwners = [] } = readWorkload(found, kind ?? assert.fail(), testPolicy());
  const workload = { id, marks, template: kind?.template ?? [], stampOwners };
  return fightsWith(workload, fluxOf(objects), overrides).map(({ code, when, message }) => {
    assert.ok(message.includes(name), message);
    return `${code} ${when}`;
  });
}

const setBy = (manager: string) => ({
  metadata: {
    managedFields: [
      { manager: "reroll", operation: "Update", fieldsV1: stamped },
      { manager, operation: "Apply", fieldsV1: stamped },
    ],
  },
});
const stamped = { "f:spec": { "f:template": { "f:metadata": { "f:annotations": { "f:reroll.dev/stamp": {} } } } } };
const kustomize = (...managers: string[]): OverrideManagers => ({ ...nobody, "kustomize-controller": managers });
const helm = (...managers: string[]): OverrideManagers => ({ ...nobody, "helm-controller": managers });
const ssa = (word: string): Changes => ({
  [web]: { metadata: { annotations: { "kustomize.toolkit.fluxcd.io/ssa": word } } },
});
const kustomization = (spec: object): Changes => ({ "Kustomization/flux-system/apps": { spec } });
const release = (spec: object): Changes => ({ "HelmRelease/media/podinfo": { spec } });

describe("what of Flux fights with direct restarts", () => {
  for (const [claim, name, overrides, changes, expected] of [
    ["nothing does, as a rule", web, nobody, {}, []],
    ["nothing of a HelmRelease does, as a rule", podinfo, nobody, {}, []],
    ["a controller that undoes our changes", web, kustomize("other", "reroll"), {}, ["override-manager at-once"]],
    ["one that undoes everybody's whose name begins so", web, kustomize("rer"), {}, ["override-manager at-once"]],
    ["not one that undoes those of somebody with a longer name", web, kustomize("reroll-2", "Reroll"), {}, []],
    ["not the controller of other workloads", web, helm("reroll"), {}, []],
    ["helm-controller may be told to as well", podinfo, helm("reroll"), {}, ["override-manager at-once"]],
    ["not where the object merges", web, kustomize("reroll"), ssa("Merge"), []],
    ["not where Flux leaves the object alone", web, kustomize("reroll"), ssa("Ignore"), []],
    ["not while its owner is suspended", web, kustomize("reroll"), kustomization({ suspend: true }), []],
    ["not where nobody could look", web, { ...nobody, "kustomize-controller": undefined }, {}, []],
    [
      "not where fields are ignored: what is live stays",
      web,
      nobody,
      kustomization({ ignore: [{ paths: ["/spec"] }] }),
      [],
    ],
    [
      "Git that sets the same annotation",
      web,
      nobody,
      { [web]: setBy("kustomize-controller") },
      ["stamp-in-git at-once"],
    ],
    ["not somebody else who does", web, nobody, { [web]: setBy("argocd-controller") }, []],
    [
      "a chart that sets the same annotation, with the next upgrade",
      podinfo,
      nobody,
      { [podinfo]: setBy("helm") },
      ["stamp-in-git with-upgrade"],
    ],
    [
      "a chart that sets the same annotation, at once where drift is corrected",
      podinfo,
      nobody,
      { [podinfo]: setBy("helm-controller"), ...release({ driftDetection: { mode: "enabled" } }) },
      ["stamp-in-git at-once"],
    ],
    ["not drift that is corrected otherwise", podinfo, nobody, release({ driftDetection: { mode: "enabled" } }), []],
    ["upgrades by replacing", podinfo, nobody, release({ upgrade: { force: true } }), ["forced-upgrade with-upgrade"]],
    [
      "nothing of an owner that labels only claim",
      web,
      kustomize("reroll"),
      { "Kustomization/flux-system/apps": { status: null } },
      [],
    ],
  ] as const) {
    it(claim, () => assert.deepEqual(fights(name, overrides, changes), expected));
  }
});

describe("the managers whose changes Flux undoes", () => {
  const controller = (name: string, component: string, args: readonly string[]) => {
    const made = deployment(
      name,
      {},
      { namespace: "flux-system", labels: { "app.kubernetes.io/component": component } },
    );
    const spec = made.spec as { template: { spec: { containers: object[] } } };
    const containers = [{ name: "manager", image: "registry.test/controller:1", args }];
    return { ...made, spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers } } } };
  };

  it("are read from the arguments of its controllers, in both forms, of every shard", async () => {
    await using world = await startWorld([
      controller("kustomize-controller", "kustomize-controller", ["--log-level=info", "--override-manager=reroll"]),
      controller("kustomize-controller-2", "kustomize-controller", [
        "--override-manager",
        "other",
        "--override-manager",
      ]),
      controller("source-controller", "source-controller", ["--override-manager=source"]),
      controller("app", "app", ["--override-manager=app"]),
    ]);
    await withPorts(world, {}, async ({ cluster }) => {
      assert.deepEqual(await readOverrideManagers(cluster), {
        "kustomize-controller": ["other", "reroll"],
        "helm-controller": undefined,
      });
    });
  });

  it("are not known where Deployments may not be listed", async () => {
    await using world = await startWorld([controller("k", "kustomize-controller", [])], {
      allow: ({ resource }) => resource !== "deployments",
    });
    await withPorts(world, {}, async ({ cluster }) => {
      await assert.rejects(async () => {
        for await (const _ of cluster.list(kind, {}));
      }, PortError);
      const none = { "kustomize-controller": undefined, "helm-controller": undefined };
      assert.deepEqual(await readOverrideManagers(cluster), none);
    });
  });
});
