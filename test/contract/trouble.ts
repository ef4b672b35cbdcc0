import assert from "node:assert/strict";
import { test } from "node:test";
import { findWorkloadKind, workloadKinds } from "../../src/model/kinds.ts";
import type { KubeObject } from "../../src/model/object.ts";
import { currentRevision, revisionAnnotation } from "../../src/model/revision.ts";
import { type Answered, type Client, eventually, type Target, workload } from "./target.ts";

const annotationsPath = "/spec/template/metadata/annotations";

/** Rollouts that do not come to their end, and how they are told. The pods' fate is asked for as in test/cluster/harness/stages.yaml. */
export function trouble(_target: () => Target, client: () => Client): void {
  const podsOf = async (name: string) =>
    ((await client().list("pods", `labelSelector=app%3D${name}`)).items ?? []).filter(
      ({ metadata }) => !("deletionTimestamp" in metadata),
    );
  const annotate = (plural: string, name: string, annotations: object) =>
    client().change(plural, name, [{ op: "add", path: annotationsPath, value: annotations }]);
  const ready = (plural: string, name: string) =>
    client().until(
      plural,
      name,
      ({ metadata, spec, status }) =>
        status.observedGeneration === metadata.generation &&
        (plural === "daemonsets"
          ? status.desiredNumberScheduled > 0 && status.numberReady === status.desiredNumberScheduled
          : status.readyReplicas === spec.replicas),
    );
  /** By the model's own rule: the value of the revision label that current pods carry. */
  const current = async (plural: string, name: string) => {
    const kind = findWorkloadKind(plural, workloadKinds);
    assert.ok(kind?.revisions);
    const { resource, label } = kind.revisions;
    const object = (await client().get(plural, name)) as KubeObject & Answered;
    const { items = [] } = await client().list(resource.plural);
    const revision = plural === "deployments" ? revisionAnnotation(object) : object.status.updateRevision;
    const value = currentRevision(kind, { uid: object.metadata.uid, revision }, items as unknown as KubeObject[]);
    const isCurrent = (pod: Answered) => pod.metadata.labels?.[label] === value;
    return { value, isCurrent };
  };
  const waiting = (pod: Answered | undefined): string | undefined =>
    pod?.status.containerStatuses?.[0]?.state?.waiting?.reason;
  const describe = (pods: readonly Answered[]) =>
    JSON.stringify(pods.map(({ metadata, status }) => [metadata.name, metadata.labels, status]));

  for (const plural of ["deployments", "statefulsets", "daemonsets"]) {
    const name = `broken-${plural}`;

    test(`${plural}: the model's rule names the pods of the current revision, also while a rollout is stuck`, async () => {
      await client().create(plural, workload(name, plural === "daemonsets" ? {} : { replicas: 2 }));
      await ready(plural, name);
      const before = await current(plural, name);
      const healthy = await podsOf(name);
      assert.ok(before.value !== undefined && healthy.length > 1 && healthy.every(before.isCurrent));

      const { metadata } = await annotate(plural, name, { "lab/broken": "true" });
      const stuck = await client().until(
        plural,
        name,
        ({ status }) =>
          status.observedGeneration === metadata.generation &&
          (status.updatedReplicas === 1 || status.updatedNumberScheduled === 1) &&
          (status.unavailableReplicas === 1 || status.numberUnavailable === 1 || status.availableReplicas === 1),
      );
      const after = await current(plural, name);
      assert.ok(after.value !== undefined && after.value !== before.value);
      const pods = await eventually(
        () => podsOf(name),
        (all) => all.filter(after.isCurrent).some((pod) => waiting(pod) === "CrashLoopBackOff"),
        describe,
      );
      const [crashing, ...more] = pods.filter(after.isCurrent);
      assert.equal(more.length, 0);
      const [container] = crashing?.status.containerStatuses ?? [];
      assert.deepEqual(
        [crashing?.status.phase, container.ready, container.restartCount, container.lastState.terminated.exitCode],
        ["Running", false, 5, 1],
      );
      const conditions = crashing?.status.conditions as { type: string; status: string; reason: string }[];
      const condition = conditions.find(({ type }) => type === "Ready");
      assert.deepEqual([condition?.status, condition?.reason], ["False", "ContainersNotReady"]);
      const left = pods.filter(before.isCurrent);
      assert.equal(left.length, plural === "deployments" ? healthy.length : healthy.length - 1);
      if (plural === "deployments") {
        const { replicas, readyReplicas, availableReplicas } = stuck.status;
        assert.deepEqual([replicas, readyReplicas, availableReplicas], [3, 2, 2], "one more than wanted, none fewer");
      }
    });

    test(`${plural}: taken back, the former revision is current again`, async () => {
      await client().change(plural, name, [{ op: "remove", path: annotationsPath }]);
      if (plural === "statefulsets") {
        // OrderedReady waits for the crashing pod for ever; people have to delete it.
        const last = await eventually(
          () => client().get(plural, name),
          ({ metadata, status }) => status.observedGeneration === metadata.generation,
          ({ status }) => JSON.stringify(status),
        );
        assert.equal(last.status.readyReplicas, 1);
        const [crashing] = (await podsOf(name)).filter((pod) => waiting(pod) === "CrashLoopBackOff");
        await client().remove("pods", crashing?.metadata.name ?? "");
      }
      await ready(plural, name);
      const { isCurrent } = await current(plural, name);
      await eventually(
        () => podsOf(name),
        (pods) => pods.length > 1 && pods.every((pod) => isCurrent(pod) && pod.status.containerStatuses?.[0]?.ready),
        describe,
      );
    });
  }

  const fates = {
    "lacks a key": [{ annotations: { "lab/missing-key": "true" } }, "CreateContainerConfigError", /couldn't find key/],
    "lacks its image": [{}, "ErrImagePull", /failed to pull/],
  } as const;
  for (const [what, [metadata, reason, message]] of Object.entries(fates)) {
    test(`a container that ${what} waits, and its pod is pending`, async () => {
      const name = what.replaceAll(" ", "-");
      const image = reason === "ErrImagePull" ? "lab/absent:1" : "example.com/app:1";
      const template = {
        metadata: { labels: { app: name }, ...metadata },
        spec: { containers: [{ name: "app", image }] },
      };
      await client().create("deployments", workload(name, {}, template));
      const [pod] = await eventually(
        () => podsOf(name),
        (pods) => pods.some((each) => waiting(each) === reason),
        describe,
      );
      assert.equal(pod?.status.phase, "Pending");
      const [container] = pod?.status.containerStatuses ?? [];
      assert.deepEqual([container.ready, container.restartCount], [false, 0]);
      assert.match(container.state.waiting.message, message);
      const counted = ({ status: now }: Answered) => now.unavailableReplicas === 1;
      const { status } = await client().until("deployments", name, counted);
      assert.equal(status.readyReplicas, undefined);
      const available = status.conditions.find(({ type }: { type: string }) => type === "Available");
      assert.deepEqual([available.status, available.reason], ["False", "MinimumReplicasUnavailable"]);
    });
  }

  test("statefulsets: pods deleted one by one under OnDelete come back new, and currentRevision stays behind", async () => {
    await client().create("statefulsets", workload("by-hand", { updateStrategy: { type: "OnDelete" } }));
    await ready("statefulsets", "by-hand");
    await annotate("statefulsets", "by-hand", { x: "1" });
    await client().until("statefulsets", "by-hand", ({ status }) => status.observedGeneration === 2);
    await client().remove("pods", "by-hand-0");
    const isNew = ({ status }: Answered) => status.updatedReplicas === 1 && status.readyReplicas === 1;
    const { status } = await client().until("statefulsets", "by-hand", isNew);
    assert.notEqual(status.currentRevision, status.updateRevision);
    const [pod] = await podsOf("by-hand");
    assert.equal(pod?.metadata.labels?.["controller-revision-hash"], status.updateRevision);
  });

  test("statefulsets: Parallel replaces no second pod while the first is broken, either", async () => {
    const spec = { replicas: 3, podManagementPolicy: "Parallel" };
    await client().create("statefulsets", workload("at-once", spec));
    await ready("statefulsets", "at-once");
    await annotate("statefulsets", "at-once", { "lab/broken": "true" });
    await eventually(
      () => podsOf("at-once"),
      (pods) => pods.some((pod) => waiting(pod) === "CrashLoopBackOff"),
      describe,
    );
    // The status follows the pods in steps: first one ready pod less, then one of the new revision.
    const counted = ({ status: now }: Answered) => now.readyReplicas === 2 && now.updatedReplicas > 0;
    const { status } = await client().until("statefulsets", "at-once", counted);
    assert.deepEqual([status.updatedReplicas, status.currentReplicas], [1, 2]);
  });

  test("a rollout past its deadline says so", async () => {
    await client().create("deployments", workload("late", { replicas: 1, progressDeadlineSeconds: 1 }));
    await ready("deployments", "late");
    await annotate("deployments", "late", { "lab/broken": "true" });
    const { status } = await client().until("deployments", "late", ({ status: now }) =>
      now.conditions?.some(({ reason }: { reason: string }) => reason === "ProgressDeadlineExceeded"),
    );
    const progressing = status.conditions.find(({ type }: { type: string }) => type === "Progressing");
    assert.equal(progressing.status, "False");
    assert.match(progressing.message, /^ReplicaSet "late-\w+" has timed out progressing\.$/);
  });
}
