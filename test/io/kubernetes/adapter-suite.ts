import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { RequestRecord } from "../../../src/io/kubernetes/call.ts";
import { loadConnection } from "../../../src/io/kubernetes/config.ts";
import { createKubernetesPorts, type KubernetesPorts } from "../../../src/io/kubernetes/ports.ts";
import { PortError } from "../../../src/model/errors.ts";
import { resources, sourceResources, workloadKinds } from "../../../src/model/kinds.ts";
import { dig, type PatchOperation } from "../../../src/model/object.ts";
import type { Page } from "../../../src/ports.ts";
import { workload } from "../../cluster/harness/workloads.ts";

/** An API server the adapter is tried on. */
export interface AdapterHost {
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** An empty namespace. */
  readonly namespace: string;
  createNamespace(prefix: string): Promise<string>;
  apply(object: ReturnType<typeof workload>): Promise<unknown>;
  /** Path of a kubeconfig for somebody who may list the ConfigMaps of `namespace` and nothing else. */
  listerOfConfigMaps(): Promise<string>;
}

const { ConfigMap: configMaps, Secret: secrets } = sourceResources;

/** Lets a controller come first. */
const nextTurn = () => pause(20);

async function namesOf(pages: AsyncIterable<Page>): Promise<string[][]> {
  const names: string[][] = [];
  for await (const page of pages) names.push(page.items.map((item) => item.metadata.name));
  return names;
}

/** What the adapter promises, against whatever answers: the embedded API and a real one must not differ. */
export async function describeAdapter(title: string, host: AdapterHost): Promise<void> {
  const { kubeconfig, namespace } = host;
  const [deployments] = workloadKinds;
  assert.ok(deployments);
  const records: RequestRecord[] = [];
  const open: KubernetesPorts[] = [];

  async function portsOf(file: string, stateNamespace = namespace): Promise<KubernetesPorts> {
    const connection = await loadConnection({ kubeconfig: file, environment: process.env });
    const ports = createKubernetesPorts(connection, stateNamespace, { onRequest: (record) => records.push(record) });
    open.push(ports);
    return ports;
  }

  const { cluster, states, keys, lock } = await portsOf(kubeconfig);

  describe(title, () => {
    after(() => Promise.all(open.map((ports) => ports.close())));

    it("lists in pages of one version, with or without bodies", async () => {
      const crowded = await host.createNamespace("crowded");
      const store = (await portsOf(kubeconfig, crowded)).states;
      const post = (n: number) => store.write({ name: `c${n}`, data: { a: "b" }, binaryData: {} }, undefined);
      for (let n = 0; n < 510; n += 30) await Promise.all(Array.from({ length: 30 }, (_, i) => post(n + i)));
      const whole = await namesOf(cluster.list(configMaps, { namespace: crowded }));
      const written = new Set(whole.flat().filter((name) => /^c\d+$/.test(name)));
      assert.deepEqual([whole.length, whole[0]?.length, written.size], [6, 100, 510]);
      for await (const page of cluster.list(configMaps, { namespace: crowded, metadataOnly: true })) {
        assert.match(page.resourceVersion, /^\d+$/);
        for (const item of page.items) assert.deepEqual([Object.keys(item), !!item.metadata.uid], [["metadata"], true]);
      }
      const one = cluster.list(configMaps, { namespace: crowded, fieldSelector: "metadata.name=c7" });
      assert.deepEqual(await namesOf(one), [["c7"]]);
      assert.deepEqual(await namesOf(cluster.list(configMaps, { namespace: "no-such-namespace" })), [[]]);
    });

    it("tells an absent object from a path that is not served", async () => {
      assert.equal(await cluster.get(configMaps, namespace, "absent"), undefined);
      assert.equal(await cluster.get(configMaps, "no-such-namespace", "absent"), undefined);
      const unserved = { group: "example.test", version: "v1", plural: "things", kind: "Thing" };
      await assert.rejects(cluster.get(unserved, namespace, "absent"), { code: "bad-answer", status: 404 });
      await assert.rejects(namesOf(cluster.list(unserved, {})), { code: "bad-answer", status: 404 });
    });

    it("tells what is served from what is not: group, version and resource", async () => {
      for (const served of [configMaps, secrets, deployments, resources.cronJob]) {
        assert.equal(await cluster.serves(served), true, served.plural);
      }
      for (const unserved of [
        { ...deployments, group: "example.test" },
        { ...deployments, plural: "things", kind: "Thing" },
        { ...deployments, version: "v9" },
        { ...configMaps, version: "v9" },
        { ...configMaps, plural: "things", kind: "Thing" },
      ]) {
        const { group, version, plural } = unserved;
        assert.equal(await cluster.serves(unserved), false, `${group}/${version} ${plural}`);
      }
    });

    it("patches under guard: once, and not again", async () => {
      await host.apply(workload("Deployment", namespace, "guarded", { replicas: 0 }));
      const before = await cluster.get(deployments, namespace, "guarded");
      assert.ok(before);
      const path = "/spec/template/metadata/annotations";
      const operations: PatchOperation[] = [
        { op: "test", path: "/metadata/uid", value: before.metadata.uid },
        { op: "test", path: "/metadata/generation", value: before.metadata.generation ?? 0 },
        { op: "test", path, value: null },
        { op: "add", path, value: { "reroll.dev/stamp": "1" } },
      ];
      const patched = await cluster.patch(deployments, namespace, "guarded", operations);
      assert.equal(dig(patched, "spec", "template", "metadata", "annotations", "reroll.dev/stamp"), "1");
      assert.equal(patched.metadata.generation, (before.metadata.generation ?? 0) + 1);
      assert.ok(patched.metadata.managedFields?.some(({ manager }) => manager === "reroll"));
      await assert.rejects(cluster.patch(deployments, namespace, "guarded", operations), {
        code: "invalid",
        status: 422,
      });
      await assert.rejects(cluster.patch(deployments, namespace, "absent", operations), { code: "not-found" });
    });

    it("creates once, and deletes with what it controls: only the object that was meant", async () => {
      const { job, pod } = resources;
      const template = {
        metadata: { annotations: { "lab/stays": "true" } },
        spec: { restartPolicy: "Never", containers: [{ name: "main", image: "lab/app:1" }] },
      };
      const object = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "made" }, spec: { template } };
      const made = await cluster.create(job, namespace, object);
      assert.equal(made.metadata.generation, 1);
      assert.ok(made.metadata.managedFields?.some(({ manager }) => manager === "reroll"));
      await assert.rejects(cluster.create(job, namespace, object), { code: "already-exists" });
      await assert.rejects(cluster.create(job, namespace, { ...object, metadata: { name: "A_b" } }), {
        code: "invalid",
      });
      const podsLeft = () => namesOf(cluster.list(pod, { namespace, labelSelector: "job-name=made" }));
      while ((await podsLeft()).flat().length === 0) await nextTurn();
      await assert.rejects(cluster.remove(job, namespace, "made", "another"), { code: "conflict" });
      await cluster.remove(job, namespace, "made", made.metadata.uid);
      assert.equal(await cluster.get(job, namespace, "made"), undefined);
      await assert.rejects(cluster.remove(job, namespace, "made", made.metadata.uid), { code: "not-found" });
      while ((await podsLeft()).flat().length > 0) await nextTurn();
    });

    it("knows version, clock and rights", async () => {
      assert.match(await cluster.version(), /^v1\.\d+/);
      assert.ok(Math.abs((cluster.serverTime() ?? 0) - Date.now()) < 5_000);
      assert.equal(await cluster.can({ verb: "list", group: "", resource: "secrets" }), true);
    });

    it("names the right that is missing, and gets no further", async () => {
      const user = await portsOf(await host.listerOfConfigMaps());
      assert.equal(await user.cluster.serves(secrets), true, "discovery takes no right");
      assert.equal((await namesOf(user.cluster.list(configMaps, { namespace }))).length, 1);
      await assert.rejects(namesOf(user.cluster.list(secrets, {})), {
        code: "forbidden",
        right: { verb: "list", group: "", resource: "secrets" },
        message:
          /^list secrets at cluster scope: the API server refused it \(403\).* Grant it to this identity by a ClusterRole$/,
      });
      assert.equal(await user.cluster.can({ verb: "list", group: "", resource: "secrets" }), false);
      await assert.rejects(user.states.write({ name: "x", data: {}, binaryData: {} }, undefined), {
        message: new RegExp(`^create configmaps in namespace ${namespace}: .* by a Role in ${namespace}$`),
      });
    });

    it("keeps state documents by compare-and-swap", async () => {
      const document = { name: "reroll-state", data: { a: "1" }, binaryData: { b: Uint8Array.of(0, 255) } };
      assert.equal(await states.namespaceExists(), true);
      const first = await states.write(document, undefined);
      await assert.rejects(states.write(document, undefined), { code: "already-exists" });
      const second = await states.write({ ...document, data: { a: "2" } }, first);
      await assert.rejects(states.write(document, first), { code: "conflict" });
      const stored = await states.read("reroll-state");
      assert.deepEqual([stored?.version, stored?.data.a, [...(stored?.binaryData.b ?? [])]], [second, "2", [0, 255]]);
      assert.deepEqual(await states.names(), ["reroll-state"]);
      await assert.rejects(states.remove("reroll-state", first), { code: "conflict" });
      await states.remove("reroll-state", second);
      await states.remove("reroll-state", second);
      assert.deepEqual(await states.names(), []);
    });

    it("says that a document is too large without quoting it", async () => {
      const data = { big: "planted".repeat(200_000) };
      const error = await states.write({ name: "reroll-state-big", data, binaryData: {} }, undefined).catch((e) => e);
      assert.ok(error instanceof PortError);
      assert.equal(error.code, "invalid");
      assert.doesNotMatch(error.message, /planted/);
    });

    it("makes the key once", async () => {
      assert.equal(await keys.read(), undefined);
      const made = await keys.create();
      assert.deepEqual(await keys.read(), made);
      await assert.rejects(keys.create(), { code: "already-exists" });
    });

    it("takes, renews and releases the Lease", async () => {
      assert.equal((await lock.read()).version, undefined);
      const first = await lock.write("run-1", undefined, "run");
      await assert.rejects(lock.write("run-2", undefined, "run"), { code: "already-exists" });
      const second = await lock.write("run-1", first, "run");
      await assert.rejects(lock.write("run-2", first, "run"), { code: "conflict" });
      const held = await lock.read();
      assert.deepEqual([held.holder, held.version, held.durationSeconds], ["run-1", second, 60]);
      assert.ok(Math.abs(held.serverTime - (held.renewedAt ?? 0)) < 5_000);
      const released = await lock.write(undefined, second, "run");
      const free = await lock.read();
      assert.deepEqual([free.holder, free.version, free.renewedAt], [undefined, released, held.renewedAt]);
      const lease = await cluster.get(resources.lease, namespace, "reroll");
      assert.equal(dig(lease, "spec", "leaseTransitions"), 0);
    });

    it("says that the namespace is missing, and how to make it", async () => {
      const elsewhere = await portsOf(kubeconfig, "no-such-namespace");
      assert.equal(await elsewhere.states.namespaceExists(), false);
      const missing = { code: "not-found", message: /kubectl create namespace no-such-namespace$/ };
      await assert.rejects(elsewhere.states.write({ name: "x", data: {}, binaryData: {} }, undefined), missing);
      await assert.rejects(elsewhere.keys.create(), missing);
      await assert.rejects(elsewhere.lock.write("me", undefined, "run"), missing);
    });

    it("repeated nothing: every call was answered at once", async () => {
      await cluster.version();
      assert.ok(records.length > 0);
      assert.ok(records.every(({ attempt }) => attempt === 1));
    });
  });
}
