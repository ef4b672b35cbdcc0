import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readersOf } from "../../src/flux/references.ts";
import { formatRef } from "../../src/model/ref.ts";
import { type Changes, changed, fluxOf, liveObjects } from "../support/flux.ts";

const from = (...references: readonly { readonly kind: string; readonly name: string }[]): Changes => ({
  "Kustomization/flux-system/apps": { spec: { postBuild: { substituteFrom: references } } },
});
const told = (changes: Changes, concerns = (_: string) => true) =>
  readersOf(fluxOf(changed(liveObjects(), changes)), (ref) => concerns(formatRef(ref))).map(
    ({ kind, object, sources }) => `${kind} ${object.name} <- ${sources.map(formatRef).join()}`,
  );
const podinfo = "HelmRelease podinfo <- ConfigMap/media/podinfo-values";
const settings = { kind: "Secret", name: "settings" };

describe("who of Flux takes values from sources", () => {
  it("HelmReleases by valuesFrom", () => assert.deepEqual(told({}), [podinfo]));
  it("Kustomizations by substituteFrom, each source once", () =>
    assert.deepEqual(told(from(settings, settings, { kind: "ConfigMap", name: "settings" })), [
      podinfo,
      "Kustomization apps <- Secret/flux-system/settings,ConfigMap/flux-system/settings",
    ]));
  it("nobody from sources that do not concern us", () =>
    assert.deepEqual(
      told(from(settings), (name) => name.startsWith("Secret/")),
      ["Kustomization apps <- Secret/flux-system/settings"],
    ));
  it("suspended ones too: they are told, and not asked", () =>
    assert.deepEqual(told({ "HelmRelease/media/podinfo": { spec: { suspend: true } } }), [podinfo]));
});
