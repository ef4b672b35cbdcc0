import assert from "node:assert/strict";
import { test } from "node:test";
import { jobFrom } from "../../src/act/job-manifest.ts";
import { triggeredJobName } from "../../src/model/job-name.ts";

const spec = {
  backoffLimit: 2,
  template: { metadata: { labels: { app: "x" } }, spec: { restartPolicy: "Never", containers: [] } },
};
const metadata = {
  name: "nightly",
  namespace: "shop",
  uid: "5d3f8a10-77c2-4d39-a2c4-9e1f0b2c3d44",
  resourceVersion: "1",
};
const stamp = "a1b2c3d4 ConfigMap/config=3f2a9b1c0d4e.*";

test("a Job made from a CronJob is what kubectl create job --from makes, with our stamp", () => {
  const jobTemplate = { metadata: { labels: { team: "a" }, annotations: { note: "b" } }, spec };
  assert.deepEqual(jobFrom({ metadata, spec: { schedule: "@daily", jobTemplate } }, stamp), {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: triggeredJobName(metadata, stamp),
      namespace: "shop",
      labels: { team: "a" },
      annotations: { note: "b", "cronjob.kubernetes.io/instantiate": "manual", "reroll.dev/stamp": stamp },
      ownerReferences: [
        { apiVersion: "batch/v1", kind: "CronJob", name: "nightly", uid: metadata.uid, controller: true },
      ],
    },
    spec,
  });
});

test("what the template says about itself does not stand in our way", () => {
  const annotations = { "cronjob.kubernetes.io/instantiate": "x", "reroll.dev/stamp": "y" };
  const made = jobFrom({ metadata, spec: { jobTemplate: { metadata: { annotations }, spec } } }, stamp);
  assert.deepEqual(made.metadata.annotations, {
    "cronjob.kubernetes.io/instantiate": "manual",
    "reroll.dev/stamp": stamp,
  });
});
