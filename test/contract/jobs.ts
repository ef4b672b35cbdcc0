import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answered, assertRefused, type Client, eventually, pathOf, type Target } from "./target.ts";

const jobSpec = (stays: boolean) => ({
  template: {
    metadata: { annotations: { "lab/stays": String(stays) } },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "app", image: "example.com/app:1" }],
    },
  },
});

const job = (name: string, stays: boolean, spec: object = {}) => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name },
  spec: { ...jobSpec(stays), ...spec },
});

const cronJob = (name: string, spec: object = {}) => ({
  apiVersion: "batch/v1",
  kind: "CronJob",
  metadata: { name },
  spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: jobSpec(false) }, ...spec },
});

/** Jobs and CronJobs: what the API server fills in and refuses, and what their controllers do. */
export function jobs(target: () => Target, client: () => Client): void {
  const podsOf = async (name: string) =>
    ((await client().list("pods", `labelSelector=job-name%3D${name}`)).items ?? []).filter(
      ({ metadata }) => !("deletionTimestamp" in metadata),
    );
  const untilPods = (name: string, wanted: (pods: readonly Answered[]) => boolean) =>
    eventually(
      () => podsOf(name),
      wanted,
      (pods) => `pods: ${JSON.stringify(pods.map(({ metadata, status }) => [metadata.name, status.phase]))}`,
    );
  const condition = ({ status }: Answered, type: string): string | undefined =>
    status.conditions?.find((each: { type: string }) => each.type === type)?.status;
  const suspend = (name: string, value: boolean) =>
    client().change("jobs", name, [{ op: "replace", path: "/spec/suspend", value }]);

  test("a Job gets a selector and labels that name it, and runs its pod to the end", async () => {
    const { metadata, spec } = await client().create("jobs", job("once", false));
    assert.deepEqual(spec.selector.matchLabels, { "batch.kubernetes.io/controller-uid": metadata.uid });
    assert.deepEqual(spec.template.metadata.labels, {
      "batch.kubernetes.io/controller-uid": metadata.uid,
      "batch.kubernetes.io/job-name": "once",
      "controller-uid": metadata.uid,
      "job-name": "once",
    });
    const { parallelism, completions, backoffLimit, suspend: suspended, podReplacementPolicy } = spec;
    assert.deepEqual(
      [metadata.generation, parallelism, completions, backoffLimit, suspended, podReplacementPolicy],
      [1, 1, 1, 6, false, "TerminatingOrFailed"],
    );
    const { status } = await client().until("jobs", "once", (object) => condition(object, "Complete") === "True");
    assert.deepEqual([status.succeeded, status.active, status.observedGeneration], [1, undefined, undefined]);
    assert.deepEqual(
      (await podsOf("once")).map((pod) => pod.status.phase),
      ["Succeeded"],
    );
  });

  test("a suspended Job loses its pods without counting them as failed, and makes new ones when it is resumed", async () => {
    await client().create("jobs", job("halted", true, { parallelism: 2, completions: 4 }));
    const ready = (pods: readonly Answered[]) =>
      pods.length === 2 && pods.every(({ status }) => status.containerStatuses?.[0]?.ready);
    const before = await untilPods("halted", ready);
    const halted = await suspend("halted", true);
    assert.equal(halted.metadata.generation, 2);
    await untilPods("halted", (pods) => pods.length === 0);
    const asleep = await client().until("jobs", "halted", (object) => condition(object, "Suspended") === "True");
    const { active, failed, succeeded, startTime } = asleep.status;
    assert.deepEqual([active, failed, succeeded, startTime], [undefined, undefined, undefined, undefined]);
    const resumed = await suspend("halted", false);
    assert.deepEqual([resumed.metadata.generation, resumed.metadata.uid], [3, halted.metadata.uid]);
    const after = await untilPods("halted", ready);
    const old = new Set(before.map(({ metadata }) => metadata.uid));
    assert.ok(after.every(({ metadata }) => !old.has(metadata.uid)));
    const awake = await client().until("jobs", "halted", ({ status }) => status.ready === 2);
    assert.deepEqual([condition(awake, "Suspended"), awake.status.failed], ["False", undefined]);
  });

  test("annotations of a Job raise no generation; its template never changes; its name fits a label", async () => {
    await client().create("jobs", job("fixed", true));
    const annotated = { metadata: { annotations: { "example.com/x": "1" } } };
    assert.equal((await client().change("jobs", "fixed", annotated, { type: "merge" })).metadata.generation, 1);
    const template = [{ op: "add", path: "/spec/template/metadata/annotations/x", value: "1" }];
    assertRefused(await client().patch("jobs", "fixed", template), 422, "Invalid", /spec\.template: .*immutable/);
    assertRefused(await client().post("jobs", job("n".repeat(64), false)), 422, "Invalid", /no more than 63/);
    const always = job("always", false);
    Object.assign(always.spec.template.spec, { restartPolicy: "Always" });
    assertRefused(await client().post("jobs", always), 422, "Invalid", /restartPolicy/);
  });

  test("deleting a Job keeps its pods, unless the request says that they go in the background", async () => {
    await client().create("jobs", job("kept", true));
    await untilPods("kept", (pods) => pods.length === 1);
    await client().remove("jobs", "kept");
    await eventually(
      () => client().ask("jobs", "kept"),
      ({ status }) => status === 404,
      ({ body }) => JSON.stringify(body),
    );
    const [orphan] = await podsOf("kept");
    assert.deepEqual(orphan?.metadata.ownerReferences, undefined);

    const { metadata } = await client().create("jobs", job("swept", true));
    await untilPods("swept", (pods) => pods.length === 1);
    const body = { preconditions: { uid: "other" }, propagationPolicy: "Background" };
    assertRefused(await client().remove("jobs", "swept", body), 409, "Conflict", /in the precondition/);
    const removed = await client().remove("jobs", "swept", { ...body, preconditions: { uid: metadata.uid } });
    assert.equal(removed.status, 200);
    await untilPods("swept", (pods) => pods.length === 0);
    assertRefused(await client().ask("jobs", "swept"), 404, "NotFound");
  });

  test("a CronJob's job template may change; only that, not an annotation, raises its generation", async () => {
    const made = await client().create("cronjobs", cronJob("nightly"));
    const { concurrencyPolicy, suspend: suspended } = made.spec;
    assert.deepEqual([made.metadata.generation, concurrencyPolicy, suspended], [1, "Allow", false]);
    const annotated = { metadata: { annotations: { "example.com/x": "1" } } };
    assert.equal((await client().change("cronjobs", "nightly", annotated, { type: "merge" })).metadata.generation, 1);
    const path = "/spec/jobTemplate/spec/template/metadata/annotations/x";
    const { metadata, status } = await client().change("cronjobs", "nightly", [{ op: "add", path, value: "1" }]);
    assert.deepEqual([metadata.generation, status?.observedGeneration], [2, undefined]);
    assertRefused(await client().post("cronjobs", cronJob("n".repeat(53))), 422, "Invalid", /no more than 52/);
    assertRefused(await client().post("cronjobs", cronJob("never", { schedule: "" })), 422, "Invalid", /schedule/);
  });

  test("a Job that is made by hand from a CronJob belongs to it, and goes with it", async () => {
    const { metadata } = await client().create("cronjobs", cronJob("parent"));
    const owner = { apiVersion: "batch/v1", kind: "CronJob", name: "parent", uid: metadata.uid, controller: true };
    const annotations = { "cronjob.kubernetes.io/instantiate": "manual" };
    const child = { ...job("parent-by-hand", true), metadata: { name: "parent-by-hand", annotations } };
    await client().create("jobs", { ...child, metadata: { ...child.metadata, ownerReferences: [owner] } });
    await untilPods("parent-by-hand", (pods) => pods.length === 1);
    const { status } = await client().get("cronjobs", "parent");
    assert.equal(status?.active, undefined, "the schedule knows nothing of it");
    assertRefused(
      await client().post("jobs", child),
      409,
      "AlreadyExists",
      /^jobs\.batch "parent-by-hand" already exists$/,
    );
    const at = pathOf("cronjobs", target().namespace, "parent");
    assert.equal((await target().request("DELETE", at)).status, 200);
    await eventually(
      () => client().ask("jobs", "parent-by-hand"),
      ({ status: code }) => code === 404,
      ({ body }) => JSON.stringify(body.metadata),
    );
  });
}
