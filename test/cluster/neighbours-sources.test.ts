/** Software that writes Secrets, and storage drivers, as their manifests are, on real controllers. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { neighbours } from "../support/neighbours.ts";
import { type Ended, openStage, outcomes, type Stage } from "./support/stage.ts";

const names = ["external-secrets", "sealed-secrets", "storage"] as const;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const secret = (name: string) => {
  const found = names
    .flatMap((each) => neighbours(each, false))
    .find(({ manifest: { metadata } }) => metadata.name === name);
  if (!found) throw new Error(`no fixture of ${name}`);
  return found;
};

describe("neighbours that write sources", () => {
  let stage: Stage;
  const ran: Ended[] = [];

  /** The whole object again, by the manager that wrote it, as an operator's update is. */
  const write = async (name: string, data: Readonly<Record<string, string>>, annotations = {}) => {
    const { manifest, manager } = secret(name);
    const path = `/api/v1/namespaces/${stage.namespace}/secrets/${name}`;
    const metadata = { ...manifest.metadata, namespace: stage.namespace, annotations };
    const texts = Object.entries(data).map(([key, text]) => [key, base64(text)]);
    const body = { ...manifest, metadata, data: Object.fromEntries(texts) };
    const there = (await stage.cluster.request("GET", path)).status === 200;
    const collection = path.slice(0, path.lastIndexOf("/"));
    const query = `?fieldManager=${encodeURIComponent(manager)}`;
    const reply = await stage.cluster.request(there ? "PUT" : "POST", `${there ? path : collection}${query}`, body);
    assert.ok(reply.status < 300, JSON.stringify(reply.body));
  };
  const restarted = (index: number) => outcomes(ran[index] as Ended);

  before(async () => {
    stage = await openStage("neighbours");
    const all = names.flatMap((name) => neighbours(name, false)).map(({ manifest }) => manifest);
    await stage.put(...all.filter(({ kind }) => kind === "Secret" || kind === "ConfigMap"));
    await stage.apply(...all.filter(({ kind }) => kind !== "Secret" && kind !== "ConfigMap"));
    await sleep(3000);
    ran.push(await stage.run());
    // Written again and again, deleted and made again: never other content.
    for (const round of ["1", "2"]) {
      await write("orders-db", { username: "orders", password: "first" }, { "force-sync": round });
      await write("payments", { "api-key": "first", "webhook-secret": "hook" }, { round });
    }
    await stage.cluster.remove(`/api/v1/namespaces/${stage.namespace}/secrets/payments`);
    await write("payments", { "api-key": "first", "webhook-secret": "hook" });
    ran.push(await stage.run());
    await write("orders-db", { username: "orders", password: "second" });
    await write("payments", { "api-key": "second", "webhook-secret": "hook" });
    await write("ceph-csi-kms-token", { token: "second" });
    await write("digitalocean", { "access-token": "second" });
    await write("secrets-store-creds", { clientid: "first", clientsecret: "second" });
    ran.push(await stage.run());
    await write("orders-db", { username: "orders", password: "second" }, { "force-sync": "3" });
    ran.push(await stage.run());
  });
  after(() => stage.close());

  it("every run ends with exit code 0", () => {
    assert.deepEqual(
      ran.map(({ exitCode, stderr }) => [exitCode, stderr]),
      ran.map(() => [0, ""]),
    );
  });
  it("first sight adopts, and writes without other content restart nothing", () => {
    assert.deepEqual([restarted(0), restarted(1), ran[0]?.report.adopted.length], [{}, {}, 6]);
  });
  it("new content: one restart for each that uses it; OnDelete waits for people", () => {
    assert.deepEqual(restarted(2), {
      "ceph-csi-rbd-nodeplugin": "needs-manual",
      "ceph-csi-rbd-provisioner": "restarted",
      "csi-do-controller": "restarted",
      backup: "restarted",
      orders: "restarted",
      payments: "restarted",
    });
  });
  it("and then nothing", () => assert.deepEqual([restarted(3), ran[3]?.report.pending], [{}, []]));
});
