import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DemoCluster } from "../../../src/demo/cluster.ts";
import { app, demo, fates, pods, stamp, status } from "./support.ts";

const kinds = ["Deployment", "StatefulSet", "DaemonSet"];

function generations(cluster: DemoCluster, kind: string): unknown[] {
  const object = cluster.api.get(kind, "shop", "app");
  return [object?.metadata.generation, status(cluster, kind).observedGeneration];
}

describe("the controllers of the demo", () => {
  for (const kind of kinds) {
    it(`have rolled a ${kind} out when the write is done`, async () => {
      await using cluster = await demo();
      cluster.api.put(app(kind));
      const before = pods(cluster).map(({ metadata }) => metadata.uid);
      assert.equal(before.length, 2);
      stamp(cluster, kind, { x: "1" });
      assert.deepEqual(generations(cluster, kind), [2, 2]);
      assert.deepEqual(
        pods(cluster).filter(({ metadata }) => metadata.annotations?.x !== "1" || before.includes(metadata.uid)),
        [],
      );
      assert.deepEqual(fates(cluster), ["ready", "ready"]);
    });

    it(`count the rollouts of a ${kind}, and nothing else`, async () => {
      await using cluster = await demo();
      const workload = `${kind}/shop/app`;
      cluster.api.put(app(kind));
      assert.equal(cluster.rollouts(workload), 0);
      stamp(cluster, kind, { x: "1" });
      stamp(cluster, kind, { x: "1" });
      cluster.api.patch(kind, "shop", "app", { metadata: { labels: { y: "1" } } });
      assert.equal(cluster.rollouts(workload), 1);
      stamp(cluster, kind, { x: null });
      assert.equal(cluster.rollouts(workload), 2);
    });

    it(`need their time for a ${kind} when told so`, async () => {
      await using cluster = await demo({ rolloutDelay: 5 });
      cluster.api.put(app(kind));
      assert.deepEqual([generations(cluster, kind), pods(cluster)], [[1, undefined], []]);
      await cluster.settle();
      assert.deepEqual(
        [generations(cluster, kind), fates(cluster)],
        [
          [1, 1],
          ["ready", "ready"],
        ],
      );
      stamp(cluster, kind, { x: "1" });
      assert.deepEqual(generations(cluster, kind), [2, 1], "a rollout nobody has noticed yet does not look complete");
      await cluster.settle();
      assert.deepEqual(
        [generations(cluster, kind), fates(cluster)],
        [
          [2, 2],
          ["ready", "ready"],
        ],
      );
      assert.ok(pods(cluster).every(({ metadata }) => metadata.annotations?.x === "1"));
    });
  }

  it("put a pod of a DaemonSet on every node", async () => {
    await using cluster = await demo({ nodes: 5 });
    cluster.api.put(app("DaemonSet"));
    const nodes = new Set(pods(cluster).map(({ spec }) => (spec as { nodeName: string }).nodeName));
    assert.deepEqual([nodes.size, status(cluster, "DaemonSet").desiredNumberScheduled], [5, 5]);
  });

  it("leave nothing old running for Recreate, even when the new pods crash", async () => {
    await using cluster = await demo({ rolloutDelay: 2 });
    cluster.api.put(app("Deployment", {}, { strategy: { type: "Recreate" } }));
    await cluster.settle();
    stamp(cluster, "Deployment", { "lab/broken": "true" });
    await cluster.settle();
    assert.deepEqual(fates(cluster), ["CrashLoopBackOff", "CrashLoopBackOff"], "nothing old is left");
  });

  it("follow spec.replicas up and down", async () => {
    await using cluster = await demo();
    for (const kind of ["Deployment", "StatefulSet"]) {
      cluster.api.put(app(kind));
      for (const replicas of [5, 0, 1]) {
        cluster.api.patch(kind, "shop", "app", { spec: { replicas } });
        assert.equal(pods(cluster).length, replicas, kind);
      }
      cluster.api.delete(kind, "shop", "app");
      assert.deepEqual(pods(cluster), []);
    }
  });

  it("tell available from ready where minReadySeconds says so", async () => {
    let now = Date.parse("2026-01-01T00:00:00Z");
    await using cluster = await demo({ now: () => now });
    cluster.api.put(app("Deployment", {}, { minReadySeconds: 30 }));
    const { readyReplicas, availableReplicas } = status(cluster, "Deployment");
    assert.deepEqual([readyReplicas, availableReplicas], [2, undefined]);
    now += 31_000;
    cluster.wake();
    assert.equal(status(cluster, "Deployment").availableReplicas, 2);
  });

  it("give a rollout up after its deadline", async () => {
    let now = Date.parse("2026-01-01T00:00:00Z");
    await using cluster = await demo({ now: () => now });
    cluster.api.put(app("Deployment", {}, { progressDeadlineSeconds: 60 }));
    stamp(cluster, "Deployment", { "lab/broken": "true" });
    const progressing = () =>
      (status(cluster, "Deployment").conditions as { type: string; status: string; reason: string }[]).find(
        ({ type }) => type === "Progressing",
      );
    assert.equal(progressing()?.reason, "ReplicaSetUpdated");
    now += 61_000;
    cluster.wake();
    assert.deepEqual([progressing()?.status, progressing()?.reason], ["False", "ProgressDeadlineExceeded"]);
    stamp(cluster, "Deployment", { "lab/broken": null });
    assert.equal(progressing()?.reason, "NewReplicaSetAvailable");
  });

  it("bring the new pod of a surging DaemonSet before the old one goes", async () => {
    await using cluster = await demo();
    const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
    cluster.api.put(app("DaemonSet", {}, { updateStrategy: { type: "RollingUpdate", rollingUpdate } }));
    stamp(cluster, "DaemonSet", { "lab/broken": "true" });
    assert.deepEqual(fates(cluster).sort(), ["CrashLoopBackOff", "ready", "ready"]);
    stamp(cluster, "DaemonSet", { "lab/broken": null, x: "1" });
    assert.deepEqual(fates(cluster), ["ready", "ready"]);
    assert.ok(pods(cluster).every(({ metadata }) => metadata.annotations?.x === "1"));
  });

  it("keep as many former revisions as they are told", async () => {
    await using cluster = await demo();
    for (const kind of kinds) {
      cluster.api.put(app(kind, {}, { revisionHistoryLimit: 2 }));
      for (const x of ["1", "2", "3", "4"]) stamp(cluster, kind, { x });
      const kept = cluster.api.list(kind === "Deployment" ? "ReplicaSet" : "ControllerRevision", "shop");
      assert.equal(kept.length, 3, kind);
      cluster.api.delete(kind, "shop", "app");
    }
  });

  it("clear a namespace that is deleted", async () => {
    await using cluster = await demo();
    cluster.api.put(app("Deployment"));
    cluster.api.delete("Namespace", undefined, "shop");
    assert.deepEqual([...pods(cluster), ...cluster.api.list("ReplicaSet"), ...cluster.api.list("Deployment")], []);
  });
});
