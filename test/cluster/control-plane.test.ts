import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { userKubeconfig } from "./harness/access.ts";
import { openCluster } from "./harness/client.ts";
import { type Pod, podsOf, rolledOut, WORKLOAD_KINDS, workload } from "./harness/workloads.ts";

const cluster = openCluster();
after(() => cluster.close());
const namespace = await cluster.createNamespace("control-plane");

/** The pods once there are as many as wanted and each has said something about its container. */
function podsWithStatus(target: ReturnType<typeof workload>, count: number): Promise<Pod[]> {
  return cluster.waitFor(
    async () => {
      const pods = await podsOf(cluster, target);
      return pods.length === count && pods.every((pod) => pod.status.containerStatuses) && pods;
    },
    { what: `${count} pods of ${target.metadata.name}` },
  );
}

function container(pod: Pod | undefined) {
  const [status] = pod?.status.containerStatuses ?? [];
  assert.ok(status, "the pod has the status of a container");
  return status;
}

describe("the control plane of the tests", () => {
  for (const kind of WORKLOAD_KINDS) {
    it(`rolls out a ${kind}, and again with new pods when its template changes`, async () => {
      const target = workload(kind, namespace, `rolls-${kind.toLowerCase()}`);
      await cluster.apply(target);
      await rolledOut(cluster, target);
      const before = await podsOf(cluster, target);
      assert.ok(before.length >= 2, `two pods or more, one a node for a DaemonSet: ${before.length}`);
      for (const pod of before) {
        assert.equal(pod.status.phase, "Running");
        assert.equal(container(pod).ready, true);
      }

      const stamp = { spec: { template: { metadata: { annotations: { "reroll.dev/stamp": "1" } } } } };
      await cluster.patch(target, stamp);
      await rolledOut(cluster, target);
      const now = await podsOf(cluster, target);
      assert.equal(now.length, before.length);
      const old = new Set(before.map((pod) => pod.metadata.uid));
      assert.deepEqual(
        now.filter((pod) => old.has(pod.metadata.uid)),
        [],
      );
      for (const pod of now) assert.equal(pod.metadata.annotations?.["reroll.dev/stamp"], "1");
    });
  }

  for (const [how, template] of Object.entries({
    "annotation lab/broken": { annotations: { "lab/broken": "true" } },
    "label lab/crash": { labels: { "lab/crash": "true" } },
    "annotation lab/crash-when": { annotations: { "lab/crash-when": "a/b=yes", "a/b": "oh yes" } },
  })) {
    it(`lets pods crash-loop by ${how}`, async () => {
      const target = workload("Deployment", namespace, how.replace(/\W/g, "-"), { replicas: 1, template });
      await cluster.apply(target);
      const [pod] = await podsWithStatus(target, 1);
      const { ready, restartCount, state, lastState } = container(pod);
      assert.deepEqual(
        [ready, restartCount, state.waiting?.reason, lastState?.terminated?.exitCode],
        [false, 5, "CrashLoopBackOff", 1],
      );
    });
  }

  it("crashes a pod only once it carries the annotation lab/crash-when names", async () => {
    const template = { annotations: { "lab/crash-when": "reroll.dev/stamp" } };
    const target = workload("Deployment", namespace, "crash-later", { replicas: 1, template });
    await cluster.apply(target);
    await rolledOut(cluster, target);
    await cluster.patch(target, { spec: { template: { metadata: { annotations: { "reroll.dev/stamp": "x" } } } } });
    const pods = await podsWithStatus(target, 2);
    const states = pods.map((pod) => container(pod).state.waiting?.reason ?? "running");
    assert.deepEqual(states.sort(), ["CrashLoopBackOff", "running"]);
  });

  it("says what the kubelet says about a key that is not there", async () => {
    const target = workload("Deployment", namespace, "missing-key", {
      replicas: 1,
      template: { annotations: { "lab/missing-key": "true" } },
      container: { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "settings", key: "color" } } }] },
    });
    await cluster.apply(target);
    const [pod] = await podsWithStatus(target, 1);
    assert.equal(pod?.status.phase, "Pending");
    assert.deepEqual(container(pod).state.waiting, {
      reason: "CreateContainerConfigError",
      message: `couldn't find key color in ConfigMap ${namespace}/settings`,
    });
  });

  it("does not find the image lab/absent", async () => {
    const target = workload("Deployment", namespace, "absent", { replicas: 1, image: "lab/absent:2" });
    await cluster.apply(target);
    const [pod] = await podsWithStatus(target, 1);
    assert.equal(container(pod).state.waiting?.reason, "ErrImagePull");
    assert.match(container(pod).state.waiting?.message ?? "", /"lab\/absent:2".*not found/);
  });

  it("makes pods ready late where they ask for it", async () => {
    const template = { annotations: { "lab/ready-after": "1500ms" } };
    const target = workload("Deployment", namespace, "late", { replicas: 1, template });
    const started = Date.now();
    await cluster.apply(target);
    await rolledOut(cluster, target);
    assert.ok(Date.now() - started >= 1500);
  });

  it("completes the pods of a Job", async () => {
    const target = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "once", namespace } };
    const template = { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "lab/app:1" }] } };
    await cluster.apply({ ...target, spec: { template } });
    const done = () => cluster.get<{ status?: { succeeded?: number } }>(target);
    await cluster.waitFor(async () => (await done()).status?.succeeded === 1, { what: "the Job to succeed" });
  });

  it("holds a user to the rights it was given", async () => {
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] }];
    const user = openCluster(await userKubeconfig(cluster, rules, { namespace, within: [namespace] }));
    after(() => user.close());
    const statusOf = async (path: string) => (await user.request("GET", path)).status;
    assert.equal(await statusOf(`/api/v1/namespaces/${namespace}/configmaps`), 200);
    assert.equal(await statusOf(`/api/v1/namespaces/${namespace}/secrets`), 403);
    assert.equal(await statusOf("/api/v1/configmaps"), 403);
  });
});
