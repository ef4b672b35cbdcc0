import assert from "node:assert/strict";
import { test } from "node:test";
import { KubeConfig } from "@kubernetes/client-node";
import { startDemoCluster } from "../../src/demo/cluster.ts";
import { ask } from "./support.ts";

const configMaps = "/api/v1/namespaces/default/configmaps";

test("manifests are loaded in any order; their namespaces are made, loading again changes nothing", async () => {
  await using cluster = await startDemoCluster();
  const manifests = `
kind: ConfigMap
metadata: {name: a, namespace: shop}
data: {x: "1"}
---
kind: Namespace
metadata: {name: shop, labels: {team: web}}
---
`;
  await cluster.load(manifests);
  const before = cluster.api.get("ConfigMap", "shop", "a");
  assert.deepEqual(before?.data, { x: "1" });
  assert.equal(cluster.api.get("Namespace", undefined, "shop")?.metadata.labels?.team, "web");
  await cluster.load(manifests);
  assert.deepEqual(cluster.api.get("ConfigMap", "shop", "a"), before);
});

test("the clock of the cluster is the one it is given", async () => {
  let now = Date.parse("2026-01-02T03:04:05.678Z");
  await using cluster = await startDemoCluster({ now: () => now });
  cluster.api.put({ kind: "ConfigMap", metadata: { name: "a" }, data: { x: "1" } });
  now += 60_000;
  cluster.api.patch("ConfigMap", "default", "a", { data: { x: "2" } }, "editor");
  const { headers, body } = await ask(cluster, "GET", `${configMaps}/a`);
  assert.equal(headers.date, "Fri, 02 Jan 2026 03:05:05 GMT");
  assert.equal(body.metadata.creationTimestamp, "2026-01-02T03:04:05Z");
  const times = body.metadata.managedFields.map((entry: Record<string, string>) => [entry.manager, entry.time]);
  assert.deepEqual(times, [
    ["kubectl", "2026-01-02T03:04:05Z"],
    ["editor", "2026-01-02T03:05:05Z"],
  ]);
});

test("a compacted continue token is a 410 with a token that goes on from there", async () => {
  await using cluster = await startDemoCluster();
  for (const name of ["a", "b", "c"]) cluster.api.put({ kind: "ConfigMap", metadata: { name } });
  const first = await ask(cluster, "GET", `${configMaps}?limit=1`);
  cluster.compact();
  const gone = await ask(cluster, "GET", `${configMaps}?limit=1&continue=${first.body.metadata.continue}`);
  assert.deepEqual([gone.status, gone.body.reason, gone.body.code], [410, "Expired", 410]);
  const rest = await ask(cluster, "GET", `${configMaps}?continue=${gone.body.metadata.continue}`);
  assert.deepEqual(
    rest.body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ["b", "c"],
  );
});

test("two clusters of the same manifests give the same uids", async () => {
  await using one = await startDemoCluster();
  await using two = await startDemoCluster();
  const uids = [one, two].map(({ api }) => api.put({ kind: "Secret", metadata: { name: "a" } }).metadata.uid);
  assert.equal(uids[0], uids[1]);
});

test("an object made again under its name gets another uid", async () => {
  await using cluster = await startDemoCluster();
  const put = () => cluster.api.put({ kind: "Secret", metadata: { name: "a" } }).metadata.uid;
  const first = put();
  cluster.api.delete("Secret", "default", "a");
  assert.notEqual(put(), first);
});

test("the kubeconfig leads here", async () => {
  await using cluster = await startDemoCluster({ token: () => "t0ken" });
  const config = new KubeConfig();
  config.loadFromString(cluster.kubeconfig);
  assert.equal(config.getCurrentCluster()?.server, cluster.url);
  assert.equal(config.getCurrentCluster()?.skipTLSVerify, true, "the client refuses http otherwise");
  assert.equal(config.getCurrentUser()?.token, "t0ken");
});

test("what the API refuses, the objects in this process are refused too", async () => {
  await using cluster = await startDemoCluster();
  cluster.api.put({ kind: "ConfigMap", metadata: { name: "a" }, immutable: true, data: { x: "1" } });
  assert.throws(() => cluster.api.patch("ConfigMap", "default", "a", { data: { x: "2" } }), /field is immutable/);
  assert.throws(() => cluster.api.put({ kind: "ConfigMap", metadata: { name: "A" } }), /metadata\.name/);
});
