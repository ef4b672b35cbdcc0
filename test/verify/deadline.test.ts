import assert from "node:assert/strict";
import { test } from "node:test";
import { findWorkloadKind, workloadKinds } from "../../src/model/kinds.ts";
import { rolloutDeadline } from "../../src/verify/deadline.ts";

function minutes(kind: string, spec: object, status: object = {}, configured?: number): number {
  const row = findWorkloadKind(kind, workloadKinds);
  assert.ok(row);
  const object = { metadata: { name: "x", uid: "u1", resourceVersion: "1" }, spec, status };
  return rolloutDeadline(row, object, configured) / 60_000;
}

const rolling = (rollingUpdate: object) => ({ updateStrategy: { type: "RollingUpdate", rollingUpdate } });
const surge = { strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } } };

const rows: [claim: string, actual: number, expected: number][] = [
  ["Deployment: half a minute after its own", minutes("Deployment", { progressDeadlineSeconds: 1200 }), 20.5],
  ["Deployment: at least ten minutes", minutes("Deployment", { progressDeadlineSeconds: 60 }), 10],
  ["Deployment: none of its own", minutes("Deployment", { progressDeadlineSeconds: 2147483647 }), 10],
  [
    "Deployment: minReadySeconds for each of 3 batches of 5 (surge rounds up, unavailable down)",
    minutes("Deployment", { ...surge, replicas: 11, progressDeadlineSeconds: 600, minReadySeconds: 60 }),
    10.5 + 3,
  ],
  [
    "Deployment: Recreate waits once",
    minutes("Deployment", { replicas: 10, strategy: { type: "Recreate" }, minReadySeconds: 60 }),
    11,
  ],
  ["StatefulSet: one after the other", minutes("StatefulSet", { replicas: 4 }), 20],
  ["StatefulSet: replicas not set", minutes("StatefulSet", {}), 5],
  ["StatefulSet: two at once", minutes("StatefulSet", { replicas: 5, ...rolling({ maxUnavailable: 2 }) }), 15],
  ["StatefulSet: 30% of 5 is one", minutes("StatefulSet", { replicas: 5, ...rolling({ maxUnavailable: "30%" }) }), 25],
  ["StatefulSet: the partition is left out", minutes("StatefulSet", { replicas: 5, ...rolling({ partition: 3 }) }), 10],
  ["StatefulSet: minReadySeconds", minutes("StatefulSet", { replicas: 2, minReadySeconds: 300 }), 20],
  ["DaemonSet: no node", minutes("DaemonSet", rolling({ maxUnavailable: 1 })), 3],
  ["DaemonSet: one after the other", minutes("DaemonSet", {}, { desiredNumberScheduled: 7 }), 21],
  [
    "DaemonSet: 10% of 25 is three",
    minutes("DaemonSet", rolling({ maxUnavailable: "10%", maxSurge: 0 }), { desiredNumberScheduled: 25 }),
    27,
  ],
  [
    "DaemonSet: by surge",
    minutes("DaemonSet", rolling({ maxUnavailable: 0, maxSurge: 2 }), { desiredNumberScheduled: 4 }),
    6,
  ],
  [
    "DaemonSet: 30% of 5 as surge is two",
    minutes("DaemonSet", rolling({ maxUnavailable: 0, maxSurge: "30%" }), { desiredNumberScheduled: 5 }),
    9,
  ],
  ["DaemonSet: an hour at most", minutes("DaemonSet", {}, { desiredNumberScheduled: 500 }), 60],
  ["what is configured decides", minutes("DaemonSet", {}, { desiredNumberScheduled: 500 }, 90 * 60_000), 90],
];

for (const [claim, actual, expected] of rows) {
  test(`deadline of a ${claim}`, () => assert.equal(actual, expected));
}
