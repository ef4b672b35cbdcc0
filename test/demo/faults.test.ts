import assert from "node:assert/strict";
import { test } from "node:test";
import { startDemoCluster } from "../../src/demo/cluster.ts";
import { ask } from "./support.ts";

const configMaps = "/api/v1/namespaces/default/configmaps";
const patch = { "content-type": "application/merge-patch+json" };

test("a fault answers as the API server would, and nothing is done", async () => {
  await using cluster = await startDemoCluster();
  cluster.faults.push({ verb: "create", resource: "configmaps", fault: { answer: 403 } });
  const { status, body } = await ask(cluster, "POST", configMaps, { metadata: { name: "a" } });
  const message =
    'configmaps is forbidden: User "demo" cannot create resource "configmaps" in API group "" in the namespace "default"';
  assert.deepEqual([status, body.kind, body.reason, body.message], [403, "Status", "Forbidden", message]);
  assert.equal(cluster.api.get("ConfigMap", "default", "a"), undefined);
  assert.equal((await ask(cluster, "GET", configMaps)).status, 200);
});

for (const [answer, reason] of [
  [401, "Unauthorized"],
  [409, "Conflict"],
  [410, "Expired"],
  [500, "InternalError"],
  [503, "ServiceUnavailable"],
] as const) {
  test(`${answer} comes as a Status of reason ${reason}`, async () => {
    await using cluster = await startDemoCluster();
    cluster.faults.push({ fault: { answer } });
    const { status, body } = await ask(cluster, "GET", configMaps);
    assert.deepEqual([status, body.code, body.reason], [answer, answer, reason]);
  });
}

test("429 comes in plain text, as priority and fairness send it, with Retry-After", async () => {
  await using cluster = await startDemoCluster();
  cluster.faults.push({ times: 1, fault: { answer: 429, retryAfter: 2 } });
  const { status, headers, text } = await ask(cluster, "GET", configMaps);
  assert.deepEqual([status, headers["retry-after"], text], [429, "2", "Too many requests, please try again later.\n"]);
  assert.equal((await ask(cluster, "GET", configMaps)).status, 200);
});

test("a rule hits by verb, resource, namespace, name, and only the nth time", async () => {
  await using cluster = await startDemoCluster();
  const nth = cluster.faults.push({ resource: "configmaps", nth: 2, fault: { answer: 500 } });
  const statuses = [];
  for (let count = 0; count < 3; count += 1) statuses.push((await ask(cluster, "GET", configMaps)).status);
  assert.deepEqual([statuses, nth.hits], [[200, 500, 200], 1]);
  cluster.faults.clear();
  const wide = cluster.faults.push({ verb: "list", namespace: null, fault: { answer: 500 } });
  assert.equal((await ask(cluster, "GET", configMaps)).status, 200);
  assert.equal((await ask(cluster, "GET", "/api/v1/configmaps")).status, 500);
  wide.remove();
  assert.equal((await ask(cluster, "GET", "/api/v1/configmaps")).status, 200);
});

test("a reset connection did nothing; a dropped answer did all of it", async () => {
  await using cluster = await startDemoCluster();
  cluster.api.put({ kind: "ConfigMap", metadata: { name: "a" }, data: { x: "1" } });
  const change = (x: string) => ask(cluster, "PATCH", `${configMaps}/a`, { data: { x } }, patch);
  cluster.faults.push({ verb: "patch", times: 1, fault: { reset: true } });
  await assert.rejects(change("2"));
  assert.deepEqual(cluster.api.get("ConfigMap", "default", "a")?.data, { x: "1" });
  cluster.faults.push({ verb: "patch", times: 1, fault: { dropAnswer: true } });
  await assert.rejects(change("3"));
  assert.deepEqual(cluster.api.get("ConfigMap", "default", "a")?.data, { x: "3" });
});

test("half a body breaks off although its length was promised", async () => {
  await using cluster = await startDemoCluster();
  cluster.faults.push({ times: 1, fault: { halfBody: true } });
  await assert.rejects(ask(cluster, "GET", configMaps));
  assert.equal((await ask(cluster, "GET", configMaps)).status, 200);
});

test("a request that is never answered ends with the cluster", async () => {
  const cluster = await startDemoCluster();
  cluster.faults.push({ fault: { hang: true } });
  const waiting = assert.rejects(ask(cluster, "GET", configMaps));
  await assert.doesNotReject(cluster.close());
  await waiting;
});

test("the log says what was asked and how it ended", async () => {
  await using cluster = await startDemoCluster();
  cluster.faults.push({ resource: "secrets", fault: { reset: true } });
  await ask(cluster, "GET", `${configMaps}?limit=5`);
  await assert.rejects(ask(cluster, "GET", "/api/v1/namespaces/default/secrets/a"));
  const [list, get] = cluster.requests;
  assert.deepEqual(
    [list?.method, list?.path, list?.resource, list?.verb, list?.namespace, list?.status],
    ["GET", `${configMaps}?limit=5`, "configmaps", "list", "default", 200],
  );
  assert.ok((list?.bytes ?? 0) > 0);
  assert.deepEqual([get?.resource, get?.verb, get?.name, get?.status, get?.bytes], ["secrets", "get", "a", 0, 0]);
});
