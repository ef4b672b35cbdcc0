import assert from "node:assert/strict";
import { test } from "node:test";
import { createKubernetesPorts } from "../../../src/io/kubernetes/ports.ts";
import { json, startServer } from "../../support/http-server.ts";
import { startObjectServer } from "./object-server.ts";
import { connectionTo, quick } from "./support.ts";

const namespace = "reroll-system";
const configMapsPath = `/api/v1/namespaces/${namespace}/configmaps`;
const keyPath = `/api/v1/namespaces/${namespace}/secrets/reroll-key`;
const leasePath = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/reroll`;

async function start(namespaces: readonly string[] = [namespace]) {
  const server = await startObjectServer(namespaces);
  const ports = createKubernetesPorts(connectionTo(server.url), namespace, quick);
  const stop = async () => {
    await ports.close();
    await server.close();
  };
  return { server, ...ports, [Symbol.asyncDispose]: stop };
}

const document = { name: "reroll-state", data: { "state.json": "{}" }, binaryData: { blob: Uint8Array.of(0, 255, 7) } };

test("a state document is created, read, replaced by its version and removed", async () => {
  await using api = await start();
  const { states } = api;
  assert.equal(await states.read("reroll-state"), undefined);
  const first = await states.write(document, undefined);
  const stored = await states.read("reroll-state");
  assert.deepEqual({ ...stored?.data }, document.data);
  assert.deepEqual([...(stored?.binaryData.blob ?? [])], [0, 255, 7]);
  assert.equal(stored?.version, first);

  const second = await states.write({ ...document, data: { a: "b" } }, first);
  assert.notEqual(second, first);
  assert.deepEqual({ ...(await states.read("reroll-state"))?.data }, { a: "b" });
  await assert.rejects(states.write(document, first), { code: "conflict" });
  await assert.rejects(states.write(document, undefined), { code: "already-exists" });
  await assert.rejects(states.remove("reroll-state", first), { code: "conflict" });
  await states.remove("reroll-state", second);
  await states.remove("reroll-state", second);
  assert.equal(await states.read("reroll-state"), undefined);
});

test("state documents are labelled, and found by label or by name", async () => {
  await using api = await start();
  await api.states.write(document, undefined);
  await api.states.write({ ...document, name: "elsewhere" }, undefined);
  api.server.put(`${configMapsPath}/reroll-state-2`, {});
  api.server.put(`${configMapsPath}/reroll-config`, {});
  assert.deepEqual(await api.states.names(), ["elsewhere", "reroll-state", "reroll-state-2"]);
  assert.deepEqual(api.server.objects.get(`${configMapsPath}/reroll-state`)?.metadata.labels, {
    "app.kubernetes.io/managed-by": "reroll",
    "reroll.dev/state": "true",
  });
});

test("a namespace that is missing is said to be missing, with the command that makes it", async () => {
  await using api = await start([]);
  assert.equal(await api.states.namespaceExists(), false);
  const create = "namespace reroll-system does not exist. Create it: kubectl create namespace reroll-system";
  const missing = { code: "not-found", message: create };
  await assert.rejects(api.states.write(document, undefined), missing);
  await assert.rejects(api.keys.create(), missing);
  await assert.rejects(api.lock.write("me", undefined, "run"), missing);
  await using other = await start();
  assert.equal(await other.states.namespaceExists(), true);
});

test("a write of state or Lease whose answer is lost is not sent again", async () => {
  await using server = await startServer((_, response) => response.socket?.resetAndDestroy());
  const ports = createKubernetesPorts(connectionTo(server.url), namespace, quick);
  const writes = [
    () => ports.states.write(document, undefined),
    () => ports.states.write(document, "1"),
    () => ports.states.remove("reroll-state", "1"),
    () => ports.keys.create(),
    () => ports.lock.write("me", "1", "run"),
  ];
  for (const write of writes) await assert.rejects(write, { code: "unreachable" });
  assert.deepEqual(
    server.requests.map(({ method }) => method),
    ["POST", "PUT", "DELETE", "POST", "PUT"],
  );
  await ports.close();
});

test("the key is made once, 32 random bytes, and read back", async () => {
  await using api = await start();
  assert.equal(await api.keys.read(), undefined);
  const [key, ...others] = await api.keys.create();
  assert.equal(key?.length, 32);
  assert.equal(others.length, 0);
  assert.deepEqual(await api.keys.read(), [key]);
  assert.equal(api.server.objects.get(keyPath)?.type, "Opaque");
  await assert.rejects(api.keys.create(), { code: "already-exists" });
});

test("a key rotated by hand: current comes first, retired ones after it", async () => {
  await using api = await start();
  const entry = (byte: number, length = 32) => Buffer.alloc(length, byte).toString("base64");
  api.server.put(keyPath, { data: { "retired-2": entry(2), "an-old-one": entry(1), current: entry(3) } });
  assert.deepEqual(
    (await api.keys.read())?.map((key) => key[0]),
    [3, 1, 2],
  );
  api.server.put(keyPath, { data: { current: entry(3), "retired-1": entry(1, 15) } });
  await assert.rejects(api.keys.read(), {
    name: "UsageError",
    message: /^Secret reroll-system\/reroll-key: entry `retired-1` has 15 bytes; a key has at least 16, better 32$/,
  });
  for (const data of [{ "retired-1": entry(1) }, {}, undefined]) {
    api.server.put(keyPath, { data });
    await assert.rejects(api.keys.read(), { name: "UsageError", message: /no entry `current`/ });
  }
});

test("the Lease is taken, renewed and released, with times the API server accepts", async () => {
  await using api = await start();
  const { lock, server } = api;
  const none = await lock.read();
  assert.deepEqual([none.holder, none.version, none.renewedAt], [undefined, undefined, undefined]);
  assert(Math.abs(none.serverTime - Date.now()) < 5_000);

  const first = await lock.write("run-1", undefined, "run");
  const spec = () => server.objects.get(leasePath)?.spec as Record<string, unknown>;
  assert.match(String(spec().renewTime), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.deepEqual([spec().holderIdentity, spec().leaseDurationSeconds, spec().leaseTransitions], ["run-1", 60, 0]);
  const taken = spec().acquireTime;

  const second = await lock.write("run-1", first, "run");
  assert.equal(spec().acquireTime, taken, "a renewal is no acquisition");
  const held = await lock.read();
  assert.deepEqual([held.holder, held.durationSeconds, held.version], ["run-1", 60, second]);
  assert(Math.abs((held.renewedAt ?? 0) - Date.now()) < 5_000);

  const renewed = spec().renewTime;
  const released = await lock.write(undefined, second, "run");
  assert.deepEqual([spec().holderIdentity, spec().renewTime], ["", renewed]);
  assert.equal((await lock.read()).holder, undefined);
  await lock.write("run-2", released, "run");
  assert.equal(spec().leaseTransitions, 1);
  await assert.rejects(lock.write("run-3", released, "run"), { code: "conflict" });
  await assert.rejects(lock.write("run-3", undefined, "run"), { code: "already-exists" });
});

test("times of the Lease are the API server's, whatever the clock here says", async () => {
  const serverTime = Date.parse("2031-05-05T05:05:05Z");
  const date = new Date(serverTime).toUTCString();
  let written: Record<string, unknown> = { holderIdentity: "other", renewTime: "2031-05-05T05:04:00.000000Z" };
  await using server = await startServer(({ method, body }, response) => {
    if (method === "PUT") written = JSON.parse(body).spec;
    const metadata = { name: "reroll", uid: "u", resourceVersion: "1" };
    json(response, { metadata, spec: written }, 200, { date });
  });
  const { lock, close } = createKubernetesPorts(connectionTo(server.url), namespace, quick);
  const reading = await lock.read();
  assert.equal(reading.serverTime, serverTime);
  assert.equal(reading.serverTime - (reading.renewedAt ?? 0), 65_000);
  await lock.write("me", "1", "run");
  const renewedAt = Date.parse(String(written.renewTime));
  assert(renewedAt >= serverTime && renewedAt < serverTime + 5_000);
  await close();
});
