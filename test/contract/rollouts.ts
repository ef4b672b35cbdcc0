import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answered, type Client, eventually, type Target, workload } from "./target.ts";

/** What the controllers behind the API do; the nodes of the real cluster are simulated too (KWOK). */
export function rollouts(_target: () => Target, client: () => Client): void {
  const stampPath = "/spec/template/metadata/annotations";
  const stamp = (kind: string, name: string, value: string) =>
    client().change(kind, name, [{ op: "add", path: stampPath, value: { "example.com/stamp": value } }]);
  const unstamp = (kind: string, name: string) =>
    client().change(kind, name, [{ op: "remove", path: `${stampPath}/example.com~1stamp` }]);
  const labelOf = (kind: string) => (kind === "deployments" ? "pod-template-hash" : "controller-revision-hash");

  const complete: Record<string, (object: Answered) => boolean> = {
    deployments: ({ spec, status, metadata }) =>
      status.observedGeneration === metadata.generation &&
      ["replicas", "updatedReplicas", "availableReplicas"].every((field) => (status[field] ?? 0) === spec.replicas),
    statefulsets: ({ spec, status, metadata }) =>
      status.observedGeneration === metadata.generation &&
      status.currentRevision === status.updateRevision &&
      ["replicas", "updatedReplicas", "availableReplicas"].every((field) => (status[field] ?? 0) === spec.replicas),
    daemonsets: ({ status, metadata }) =>
      status.observedGeneration === metadata.generation &&
      status.desiredNumberScheduled > 0 &&
      ["updatedNumberScheduled", "numberAvailable"].every((field) => status[field] === status.desiredNumberScheduled),
  };
  const done = (kind: string, name: string) => client().until(kind, name, complete[kind] ?? (() => false));
  const podsOf = async (name: string) =>
    ((await client().list("pods", `labelSelector=app%3D${name}`)).items ?? []).filter(
      ({ metadata }) => !("deletionTimestamp" in metadata),
    );
  const revisions = async (kind: string, name: string) =>
    (await client().list(kind === "deployments" ? "replicasets" : "controllerrevisions")).items?.filter(
      ({ metadata }) => metadata.ownerReferences?.some((owner) => owner.name === name),
    ) ?? [];

  for (const kind of ["deployments", "statefulsets", "daemonsets"]) {
    const name = `rolled-${kind}`;
    const spec = kind === "daemonsets" ? {} : { replicas: 2 };

    test(`${kind}: a new template makes a new revision and replaces every pod; taken back, the old revision returns`, async () => {
      const label = labelOf(kind);
      await client().create(kind, workload(name, spec));
      await done(kind, name);
      const before = await podsOf(name);
      assert.ok(before.length > 0);
      assert.equal((await revisions(kind, name)).length, 1);

      await stamp(kind, name, "1");
      await done(kind, name);
      const gone = new Set(before.map(({ metadata }) => metadata.uid));
      const after = await eventually(
        () => podsOf(name),
        (pods) => pods.length === before.length && pods.every(({ metadata }) => !gone.has(metadata.uid)),
        (pods) => `pods: ${pods.map(({ metadata }) => metadata.name).join()}`,
      );
      const values = (pods: readonly Answered[]) => [...new Set(pods.map((pod) => pod.metadata.labels?.[label]))];
      assert.equal(values(after).length, 1);
      assert.notDeepEqual(values(after), values(before));
      assert.ok(after.every(({ metadata }) => metadata.annotations?.["example.com/stamp"] === "1"));
      assert.equal((await revisions(kind, name)).length, 2);

      await unstamp(kind, name);
      await done(kind, name);
      const back = await eventually(
        () => podsOf(name),
        (pods) => pods.length === before.length && pods.every((pod) => values([pod])[0] === values(before)[0]),
        (pods) => `pods: ${pods.map(({ metadata }) => metadata.name).join()}`,
      );
      assert.ok(back.every(({ metadata }) => !metadata.annotations?.["example.com/stamp"]));
      const kept = await revisions(kind, name);
      assert.equal(kept.length, 2, "no third revision");
      const numbers = kept.map(
        ({ metadata, revision }) => revision ?? Number(metadata.annotations?.["deployment.kubernetes.io/revision"]),
      );
      assert.deepEqual(numbers.sort(), [2, 3], "the old one is the newest again");
    });

    test(`${kind}: every pod says who controls it and that it is ready`, async () => {
      const owner = kind === "deployments" ? "ReplicaSet" : kind === "statefulsets" ? "StatefulSet" : "DaemonSet";
      for (const pod of await podsOf(name)) {
        assert.deepEqual(
          pod.metadata.ownerReferences?.map((reference) => [reference.kind, reference.controller]),
          [[owner, true]],
        );
        const ready = pod.status.conditions.find(({ type }: { type: string }) => type === "Ready");
        assert.deepEqual([pod.status.phase, ready.status], ["Running", "True"]);
        assert.ok(pod.status.containerStatuses[0].state.running.startedAt);
      }
    });

    test(`${kind}: labels and annotations of its own roll nothing out`, async () => {
      const before = (await podsOf(name)).map(({ metadata }) => metadata.uid).sort();
      const metadata = { labels: { x: "1" }, annotations: { y: "1" } };
      await client().change(kind, name, { metadata }, { type: "merge" });
      await done(kind, name);
      assert.deepEqual((await podsOf(name)).map(({ metadata: { uid } }) => uid).sort(), before);
      assert.equal((await revisions(kind, name)).length, 2);
    });
  }

  test("deployments: the revision is an annotation that its writer's status update brings, not a new generation", async () => {
    const made = await client().create("deployments", workload("revised"));
    const settled = await done("deployments", "revised");
    assert.equal(settled.metadata.annotations?.["deployment.kubernetes.io/revision"], "1");
    assert.equal(settled.metadata.generation, made.metadata.generation);
    const reasons = settled.status.conditions.map(({ type, status, reason }: Record<string, string>) => [
      type,
      status,
      reason,
    ]);
    assert.deepEqual(reasons.sort(), [
      ["Available", "True", "MinimumReplicasAvailable"],
      ["Progressing", "True", "NewReplicaSetAvailable"],
    ]);
    const [set] = await revisions("deployments", "revised");
    const hash = set?.metadata.labels?.["pod-template-hash"];
    assert.equal(set?.metadata.name, `revised-${hash}`);
    assert.equal(set?.spec.selector.matchLabels["pod-template-hash"], hash);
    assert.equal(set?.spec.template.metadata.labels["pod-template-hash"], hash);
  });

  test("deployments: while paused a new template is observed and nothing moves", async () => {
    await client().create("deployments", workload("paused"));
    await done("deployments", "paused");
    await client().change("deployments", "paused", { spec: { paused: true } }, { type: "merge" });
    await stamp("deployments", "paused", "1");
    const seen = await client().until("deployments", "paused", ({ status, metadata }) => {
      return status.observedGeneration === metadata.generation;
    });
    assert.equal(seen.status.updatedReplicas, undefined);
    assert.equal((await revisions("deployments", "paused")).length, 1);
    const progressing = seen.status.conditions.find(({ type }: { type: string }) => type === "Progressing");
    assert.deepEqual([progressing.status, progressing.reason], ["Unknown", "DeploymentPaused"]);
    await client().change("deployments", "paused", { spec: { paused: false } }, { type: "merge" });
    await done("deployments", "paused");
    assert.equal((await revisions("deployments", "paused")).length, 2);
  });

  test("deployments: scaled to zero it takes a new template without pods, and counts nothing", async () => {
    await client().create("deployments", workload("zero", { replicas: 0 }));
    await done("deployments", "zero");
    await stamp("deployments", "zero", "1");
    const { status } = await done("deployments", "zero");
    assert.deepEqual(
      [status.replicas, status.updatedReplicas, status.readyReplicas],
      [undefined, undefined, undefined],
    );
    assert.deepEqual(await podsOf("zero"), []);
  });

  for (const kind of ["statefulsets", "daemonsets"]) {
    test(`${kind}: OnDelete leaves pods alone until somebody deletes them`, async () => {
      const name = `manual-${kind}`;
      await client().create(kind, workload(name, { updateStrategy: { type: "OnDelete" } }));
      const ready = ({ status, metadata }: Answered) =>
        status.observedGeneration === metadata.generation &&
        (kind === "statefulsets"
          ? status.readyReplicas === 1
          : status.desiredNumberScheduled > 0 && status.numberReady === status.desiredNumberScheduled);
      await client().until(kind, name, ready);
      const before = await podsOf(name);
      await stamp(kind, name, "1");
      const seen = await client().until(kind, name, ready);
      assert.deepEqual(
        (await podsOf(name)).map(({ metadata }) => metadata.uid),
        before.map(({ metadata }) => metadata.uid),
      );
      if (kind === "statefulsets") assert.notEqual(seen.status.currentRevision, seen.status.updateRevision);
      const [victim] = before;
      assert.ok(victim);
      await client().remove("pods", victim.metadata.name);
      await eventually(
        () => podsOf(name),
        (pods) =>
          pods.length === before.length &&
          pods.some(({ metadata }) => metadata.annotations?.["example.com/stamp"] === "1"),
        (pods) => `pods: ${JSON.stringify(pods.map(({ metadata }) => metadata.annotations))}`,
      );
    });
  }

  test("statefulsets: below the partition pods stay as they are", async () => {
    const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 1 } };
    await client().create("statefulsets", workload("split", { replicas: 2, updateStrategy }));
    await done("statefulsets", "split");
    await stamp("statefulsets", "split", "1");
    const { status } = await client().until(
      "statefulsets",
      "split",
      ({ status: now, metadata }) =>
        now.observedGeneration === metadata.generation && now.updatedReplicas === 1 && now.readyReplicas === 2,
    );
    assert.notEqual(status.currentRevision, status.updateRevision);
    assert.equal(status.currentReplicas, 1);
    const labels = (await podsOf("split")).map(({ metadata }) => metadata.labels?.["controller-revision-hash"]);
    assert.deepEqual(labels, [status.currentRevision, status.updateRevision]);
  });

  test("a deleted workload takes its pods and revisions with it", async () => {
    await client().create("deployments", workload("doomed"));
    await done("deployments", "doomed");
    await client().remove("deployments", "doomed", { propagationPolicy: "Background" });
    await eventually(
      async () => [...(await podsOf("doomed")), ...(await revisions("deployments", "doomed"))],
      (left) => left.length === 0,
      (left) => `left: ${left.map(({ metadata }) => metadata.name).join()}`,
    );
  });
}
