import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { startDemoCluster } from "../../../src/demo/cluster.ts";
import { loadConnection } from "../../../src/io/kubernetes/config.ts";
import { sourceResources } from "../../../src/model/kinds.ts";
import { describeAdapter } from "./adapter-suite.ts";
import { collect, connect, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const namespace = "adapter";
const admin = await startDemoCluster();
const guarded = await startDemoCluster({
  allow: ({ verb, resource, namespace: where }) => verb === "list" && resource === "configmaps" && where === namespace,
});
after(async () => {
  await Promise.all([admin.close(), guarded.close()]);
  folder[Symbol.dispose]();
});

function kubeconfigOf(cluster: typeof admin, name: string): string {
  const file = join(folder.path, name);
  writeFileSync(file, cluster.kubeconfig);
  return file;
}

async function createNamespace(name: string): Promise<string> {
  admin.api.put({ kind: "Namespace", metadata: { name } });
  return name;
}

await createNamespace(namespace);
await describeAdapter("the Kubernetes adapter on the embedded API", {
  kubeconfig: kubeconfigOf(admin, "admin"),
  namespace,
  createNamespace,
  apply: async (object) => admin.api.put(object),
  listerOfConfigMaps: async () => kubeconfigOf(guarded, "lister"),
});

test("a list whose continue token ended fails as expired", async () => {
  await using cluster = { ...(await startDemoCluster()), [Symbol.asyncDispose]: () => cluster.close() };
  for (let n = 0; n < 101; n += 1) cluster.api.put({ kind: "ConfigMap", metadata: { name: `c${n}` } });
  await using client = connect(cluster.url);
  const pages = client.cluster.list(sourceResources.ConfigMap, { namespace: "default" })[Symbol.asyncIterator]();
  assert.equal((await pages.next()).value.items.length, 100);
  cluster.compact();
  await assert.rejects(pages.next(), { code: "expired", status: 410 });
  const again = await collect(client.cluster.list(sourceResources.ConfigMap, { namespace: "default" }));
  assert.equal(again.flatMap((page) => page.items).length, 101);
});

test("a rotated token is taken up by the next call", async () => {
  let token = "t1";
  await using cluster = {
    ...(await startDemoCluster({ token: () => token })),
    [Symbol.asyncDispose]: () => cluster.close(),
  };
  writeFileSync(join(folder.path, "token"), token);
  const file = join(folder.path, "rotating");
  const user = `user: {tokenFile: ${join(folder.path, "token")}}`;
  writeFileSync(file, cluster.kubeconfig.replace(/user:\n\s+token: t1/, user));

  await using client = connect(await loadConnection({ kubeconfig: file, environment: {} }));
  await client.cluster.version();
  token = "t2";
  writeFileSync(join(folder.path, "token"), token);
  await client.cluster.version();
  assert.deepEqual(
    client.records.map(({ status }) => status),
    [200, 401, 200],
  );
});
