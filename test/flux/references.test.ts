import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Reader, readersOf, untold } from "../../src/flux/references.ts";
import type { SourceRef } from "../../src/model/ref.ts";
import { type Changes, changed, fluxOf, liveObjects } from "../support/flux.ts";
import { configMap, secret } from "../support/manifests.ts";
import { startWorld, withPorts } from "../support/world.ts";

const source = (kind: SourceRef["kind"], namespace: string, name: string): SourceRef => ({ kind, namespace, name });
const values = source("ConfigMap", "media", "podinfo-values");
const settings = source("Secret", "flux-system", "settings");
const changes: Changes = {
  "Kustomization/flux-system/apps": { spec: { postBuild: { substituteFrom: [{ kind: "Secret", name: "settings" }] } } },
};
const flux = fluxOf(changed(liveObjects(), changes));
const told = (readers: readonly Reader[]) =>
  readers.map(({ kind, object, because }) => `${kind} ${object.name} <- ${because.map(({ name }) => name).join()}`);

describe("who of Flux takes values from changed sources", () => {
  for (const [claim, refs, expected] of [
    ["HelmReleases by valuesFrom", [values], ["HelmRelease podinfo <- podinfo-values"]],
    ["Kustomizations by substituteFrom", [settings], ["Kustomization apps <- settings"]],
    ["both at once", [settings, values], ["HelmRelease podinfo <- podinfo-values", "Kustomization apps <- settings"]],
    ["nobody in another namespace", [source("ConfigMap", "shop", "podinfo-values")], []],
    ["nobody of another kind", [source("Secret", "media", "podinfo-values")], []],
    ["nobody where nothing changed", [], []],
  ] as const) {
    it(claim, () => assert.deepEqual(told(readersOf(refs, flux)), expected));
  }
  it("nobody who is suspended", () => {
    const asleep = fluxOf(changed(liveObjects(), { "HelmRelease/media/podinfo": { spec: { suspend: true } } }));
    assert.deepEqual(told(readersOf([values], asleep)), []);
  });
});

describe("those whom Flux does not tell by itself", () => {
  const watch = { "reconcile.fluxcd.io/watch": "Enabled" };
  const readers = readersOf([values, settings], flux);

  for (const [claim, labels, expected] of [
    ["take values from a source without the label", {}, ["HelmRelease podinfo <- podinfo-values"]],
    ["take none from a source with the label", watch, []],
    [
      "need the very value of the label",
      { "reconcile.fluxcd.io/watch": "enabled" },
      ["HelmRelease podinfo <- podinfo-values"],
    ],
  ] as const) {
    it(claim, async () => {
      await using world = await startWorld([
        configMap("podinfo-values", { "values.yaml": "hunter2" }, { namespace: "media", labels }),
        secret("settings", { a: "hunter2" }, { namespace: "flux-system", labels: watch }),
      ]);
      await withPorts(world, {}, async ({ cluster }) => {
        assert.deepEqual(told(await untold(cluster, readers)), expected);
      });
    });
  }

  it("are none where the source is gone or may not be read", async () => {
    await using world = await startWorld([configMap("podinfo-values", {}, { namespace: "media" })], {
      allow: ({ resource }) => resource !== "configmaps",
    });
    await withPorts(world, {}, async ({ cluster }) => assert.deepEqual(await untold(cluster, readers), []));
  });
});
