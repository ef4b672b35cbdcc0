import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { app, config, container, demo, fates, pods, stamp, status } from "./support.ts";

const fromConfig = { envFrom: [{ configMapRef: { name: "config" } }] };
const oneKey = { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "config", key: "a" } } }] };
const secretKey = { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "config", key: "a" } } }] };
const view = (data: Record<string, string>, kind = "ConfigMap") => new Map([[`${kind}/config`, data]]);

describe("the kubelets of the demo", () => {
  it("remember what a pod started with, until it is replaced", async () => {
    await using cluster = await demo();
    cluster.api.put(config({ a: "1" }));
    cluster.api.put(app("Deployment", fromConfig));
    cluster.api.put(config({ a: "2" }));
    for (const { metadata } of pods(cluster)) assert.deepEqual(cluster.podView(metadata.uid), view({ a: "1" }));
    const [before] = pods(cluster);
    stamp(cluster, "Deployment", { x: "1" });
    for (const { metadata } of pods(cluster)) assert.deepEqual(cluster.podView(metadata.uid), view({ a: "2" }));
    assert.equal(cluster.podView(before?.metadata.uid ?? ""), undefined, "the old pod is gone");
  });

  it("show Secrets in plain text", async () => {
    await using cluster = await demo();
    cluster.api.put(config({ a: "secret" }, "Secret"));
    cluster.api.put(app("StatefulSet", secretKey));
    assert.equal(pods(cluster).length, 2);
    for (const { metadata } of pods(cluster))
      assert.deepEqual(cluster.podView(metadata.uid), view({ a: "secret" }, "Secret"));
  });

  for (const [what, own, message] of [
    ["a source that is absent", fromConfig, 'configmap "config" not found'],
    ["a Secret that is absent", secretKey, 'secret "config" not found'],
  ] as const) {
    it(`let pods wait for ${what}, and start them when it appears`, async () => {
      await using cluster = await demo();
      cluster.api.put(app("Deployment", own));
      assert.deepEqual(fates(cluster), ["CreateContainerConfigError", "CreateContainerConfigError"]);
      const [pod] = pods(cluster);
      assert.equal(container(pod)?.state.waiting?.message, message);
      assert.equal(cluster.podView(pod?.metadata.uid ?? ""), undefined);
      assert.equal(status(cluster, "Deployment").availableReplicas, undefined);
      cluster.api.put(config({ a: "1" }, own === secretKey ? "Secret" : "ConfigMap"));
      assert.deepEqual(fates(cluster), ["ready", "ready"]);
      assert.deepEqual(
        pods(cluster).map(({ metadata }) => metadata.uid),
        [pod?.metadata.uid, pods(cluster)[1]?.metadata.uid],
      );
      assert.equal(status(cluster, "Deployment").availableReplicas, 2);
    });
  }

  it("let pods wait for a key, and not for an optional one", async () => {
    await using cluster = await demo();
    cluster.api.put(config({ b: "1" }));
    cluster.api.put(app("DaemonSet", oneKey));
    assert.deepEqual(fates(cluster), ["CreateContainerConfigError", "CreateContainerConfigError"]);
    assert.equal(container(pods(cluster)[0])?.state.waiting?.message, "couldn't find key a in ConfigMap shop/config");
    const valueFrom = { configMapKeyRef: { name: "config", key: "a", optional: true } };
    cluster.api.put(app("DaemonSet", { env: [{ name: "A", valueFrom }] }));
    assert.deepEqual(fates(cluster), ["ready", "ready"]);
  });

  it("let pods wait for volumes without saying why", async () => {
    await using cluster = await demo();
    const volumes = [{ name: "v", configMap: { name: "config", items: [{ key: "a", path: "a" }] } }];
    cluster.api.put(config({ b: "1" }));
    cluster.api.put(app("Deployment", {}, { replicas: 1 }, { volumes }));
    assert.deepEqual(fates(cluster), ["ContainerCreating"]);
    cluster.api.put(config({ a: "1" }));
    assert.deepEqual(fates(cluster), ["ready"]);
  });

  it("do not start the others before an init container has what it needs", async () => {
    await using cluster = await demo();
    const initContainers = [{ name: "init", image: "lab/app:1", ...fromConfig }];
    cluster.api.put(app("Deployment", {}, { replicas: 1 }, { initContainers }));
    assert.deepEqual(fates(cluster), ["PodInitializing"]);
    cluster.api.put(config({}));
    assert.deepEqual(fates(cluster), ["ready"]);
  });

  it("let pods crash-loop that start with a key crash, and restart their containers when the source heals", async () => {
    await using cluster = await demo();
    cluster.api.put(config({ a: "1" }));
    cluster.api.put(app("Deployment", fromConfig));
    cluster.api.put(config({ crash: "true" }));
    assert.deepEqual(fates(cluster), ["ready", "ready"], "running containers do not read again");
    stamp(cluster, "Deployment", { x: "1" });
    assert.deepEqual(fates(cluster).sort(), ["CrashLoopBackOff", "ready", "ready"]);
    assert.equal(container(pods(cluster).find((pod) => !container(pod)?.ready))?.restartCount, 5);
    cluster.api.put(config({ a: "3" }));
    assert.deepEqual(fates(cluster), ["ready", "ready"], "and the rollout goes on");
    for (const { metadata } of pods(cluster)) assert.deepEqual(cluster.podView(metadata.uid), view({ a: "3" }));
    assert.equal(Math.max(...pods(cluster).map((pod) => container(pod)?.restartCount ?? 0)), 6);
  });
});
