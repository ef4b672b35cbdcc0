import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listed } from "../../src/flux/live.ts";
import { readFlux } from "../../src/flux/read.ts";
import { isAsked, needsAsking, reconcilePatch } from "../../src/flux/reconcile.ts";
import { PortError } from "../../src/model/errors.ts";
import { fluxResources } from "../../src/model/flux-resources.ts";
import { type Changes, changed, fluxOf, liveObjects, manifestsOf } from "../support/flux.ts";
import { startWorld, withPorts } from "../support/world.ts";

const now = Date.parse("2026-11-23T02:00:00Z");
const key = "reconcile.fluxcd.io/requestedAt";

describe("a request to reconcile", () => {
  it("is one annotation, with and without others beside it, and only on the object that was read", async () => {
    await using world = await startWorld(manifestsOf(liveObjects()));
    await withPorts(world, {}, async ({ cluster }) => {
      const flux = await readFlux(cluster);
      const [source, kustomization] = [listed(flux.gitRepositories)[0], listed(flux.kustomizations)[0]];
      assert.ok(source && kustomization);
      const { GitRepository, Kustomization } = fluxResources;
      const first = await cluster.patch(GitRepository, "flux-system", "flux-system", reconcilePatch(source, now));
      assert.deepEqual(first.metadata.annotations, { [key]: "2026-11-23T02:00:00.000Z" });
      const second = await cluster.patch(Kustomization, "flux-system", "apps", reconcilePatch(kustomization, now));
      assert.deepEqual(second.metadata.annotations, { [key]: "2026-11-23T02:00:00.000Z" });
      assert.equal(second.metadata.generation, kustomization.generation);

      const again = listed((await readFlux(cluster)).gitRepositories)[0];
      assert.ok(again?.annotated && isAsked(again));
      const refused = (patch: ReturnType<typeof reconcilePatch>) =>
        assert.rejects(cluster.patch(GitRepository, "flux-system", "flux-system", patch), PortError);
      await refused(reconcilePatch(source, now + 5));
      await refused(reconcilePatch({ ...again, uid: "another" }, now + 5));
      await cluster.patch(GitRepository, "flux-system", "flux-system", reconcilePatch(again, now + 5));
    });
  });

  it("is never the value that was handled last, which would ask for nothing", () => {
    const [source] = listed(fluxOf(liveObjects()).gitRepositories);
    assert.ok(source);
    const last = new Date(now).toISOString();
    const value = JSON.stringify(reconcilePatch({ ...source, lastHandledReconcileAt: last }, now));
    assert.ok(value.includes("2026-11-23T02:00:00.001Z") && !value.includes(last));
  });
});

describe("a Kustomization is asked besides its source", () => {
  const ready = (status: string, reason: string) => ({
    status: { conditions: [{ type: "Ready", status, reason, message: "", observedGeneration: 3 }] },
  });
  for (const [claim, change, expected] of [
    ["not where it is ready", {}, false],
    ["where it failed, since it may wait for long", ready("False", "BuildFailed"), true],
    ["where something of it is not healthy", ready("False", "HealthCheckFailed"), true],
    ["not where it waits for others", ready("False", "DependencyNotReady"), false],
    ["not while it is at work", ready("Unknown", "Progressing"), false],
    ["not where it is suspended", { ...ready("False", "BuildFailed"), spec: { suspend: true } }, false],
    [
      "not where somebody has asked it already",
      { ...ready("False", "BuildFailed"), metadata: { annotations: { [key]: "2026-11-23T01:00:00Z" } } },
      false,
    ],
  ] as const) {
    it(claim, () => {
      const changes: Changes = { "Kustomization/flux-system/apps": change };
      const [kustomization] = listed(fluxOf(changed(liveObjects(), changes)).kustomizations);
      assert.ok(kustomization);
      assert.equal(needsAsking(kustomization), expected);
    });
  }
});
