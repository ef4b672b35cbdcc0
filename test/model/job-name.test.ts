import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { triggeredJobName } from "../../src/model/job-name.ts";

const uid = fc.uuid();
const letter = fc.constantFrom(..."abcxyz019-.");
const cronJobName = fc
  .string({ unit: letter, minLength: 1, maxLength: 52 })
  .filter((name) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name));

test("the name of a triggered Job fits a label, whatever the CronJob is called, and is no name of the schedule", () => {
  fc.assert(
    fc.property(cronJobName, uid, fc.string(), (name, id, stamp) => {
      const made = triggeredJobName({ name, uid: id }, stamp);
      assert.ok(made.length <= 63, made);
      assert.match(made, /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/);
      assert.match(made, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
      assert.doesNotMatch(made, /-\d+$/, "the schedule's Jobs end in the minute they were due");
    }),
  );
});

test("the name of a triggered Job is the same for the same CronJob and stamp, and another one otherwise", () => {
  const cronJob = { name: "nightly", uid: "5d3f8a10-77c2-4d39-a2c4-9e1f0b2c3d44" };
  const made = triggeredJobName(cronJob, "a1b2c3d4 ConfigMap/config=3f2a9b1c0d4e.*");
  assert.equal(made, "nightly-rb6f74289");
  assert.equal(triggeredJobName(cronJob, "a1b2c3d4 ConfigMap/config=3f2a9b1c0d4e.*"), made);
  const others = [
    triggeredJobName(cronJob, "a1b2c3d4 ConfigMap/config=3f2a9b1c0d4e.* turn=2"),
    triggeredJobName(
      { ...cronJob, uid: "5d3f8a10-77c2-4d39-a2c4-9e1f0b2c3d45" },
      "a1b2c3d4 ConfigMap/config=3f2a9b1c0d4e.*",
    ),
  ];
  assert.ok(others.every((name) => name.startsWith("nightly-r") && name !== made));
});
