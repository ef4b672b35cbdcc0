import assert from "node:assert/strict";
import { test } from "node:test";
import { findWorkloadKind, workloadKinds } from "../../src/model/kinds.ts";
import type { KubeObject } from "../../src/model/object.ts";
import { takeBaseline, wasBroken, wasDown } from "../../src/verify/baseline.ts";

function take(kind: string, spec: object, status: object, pods?: KubeObject[]) {
  const row = findWorkloadKind(kind, workloadKinds);
  assert.ok(row);
  return takeBaseline(row, { metadata: { name: "x", uid: "u1", resourceVersion: "1" }, spec, status }, pods);
}

function pod(
  name: string,
  node: string,
  ready: "True" | "False",
  more: { owner?: string; deleted?: true } = {},
): KubeObject {
  const { owner = "u1", deleted } = more;
  return {
    metadata: {
      ...{ name, uid: name, resourceVersion: "1" },
      ...(deleted ? { deletionTimestamp: "2026-11-23T02:00:00Z" } : {}),
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Any", name: "x", uid: owner, controller: true }],
    },
    spec: { nodeName: node },
    status: { conditions: [{ type: "Ready", status: ready }] },
  };
}

test("a workload is broken before where pods were missing, and down where all were", () => {
  const healthy = take("Deployment", { replicas: 3 }, { availableReplicas: 3 });
  const partly = take("StatefulSet", { replicas: 3 }, { availableReplicas: 2 });
  const down = take("DaemonSet", {}, { desiredNumberScheduled: 2 });
  const zero = take("Deployment", { replicas: 0 }, {});
  assert.deepEqual([healthy, partly, down, zero].map(wasBroken), [false, true, true, false]);
  assert.deepEqual([healthy, partly, down, zero].map(wasDown), [false, false, true, false]);
  assert.deepEqual([wasBroken(undefined), wasDown(undefined)], [false, false]);
});

test("replicas that are not set are one", () => {
  assert.deepEqual(take("Deployment", {}, {}), { desired: 1, available: 0 });
});

test("a DaemonSet's baseline names the nodes without a ready pod, also where the pod is stuck in deletion", () => {
  const pods = [
    pod("a", "node-a", "True"),
    pod("b", "node-b", "False"),
    pod("c", "node-c", "True", { deleted: true }),
    pod("d-old", "node-d", "True", { deleted: true }),
    pod("d-new", "node-d", "True"),
    pod("e", "node-e", "False", { owner: "somebody-else" }),
  ];
  const baseline = take("DaemonSet", {}, { desiredNumberScheduled: 4, numberAvailable: 2 }, pods);
  assert.deepEqual(baseline, { desired: 4, available: 2, notReadyAt: ["node-b", "node-c"] });
});

test("a StatefulSet's baseline names its pods, a Deployment's none: its pods have no place of their own", () => {
  const pods = [pod("db-0", "node-a", "True"), pod("db-1", "node-a", "False")];
  assert.deepEqual(take("StatefulSet", { replicas: 2 }, { availableReplicas: 1 }, pods).notReadyAt, ["db-1"]);
  assert.equal(take("Deployment", { replicas: 2 }, { availableReplicas: 1 }, pods).notReadyAt, undefined);
});
