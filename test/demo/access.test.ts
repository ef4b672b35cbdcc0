import assert from "node:assert/strict";
import { test } from "node:test";
import { startDemoCluster } from "../../src/demo/cluster.ts";
import { ask } from "./support.ts";

const reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const deployment = "/apis/apps/v1/namespaces/shop/deployments/web";

test("what an access review denies, a request is denied too", async () => {
  await using cluster = await startDemoCluster({
    allow: ({ verb, resource, namespace }) => !(verb === "patch" && resource === "deployments" && namespace === "shop"),
  });
  const review = async (resourceAttributes: object) =>
    (await ask(cluster, "POST", reviews, { spec: { resourceAttributes } })).body.status.allowed;
  const right = { verb: "patch", group: "apps", resource: "deployments" };
  assert.equal(await review({ ...right, namespace: "shop" }), false);
  assert.equal(await review({ ...right, namespace: "other" }), true);
  const { status, body } = await ask(cluster, "PATCH", deployment, []);
  assert.deepEqual([status, body.reason], [403, "Forbidden"]);
  assert.match(body.message, /^deployments\.apps "web" is forbidden: User "demo" cannot patch resource "deployments"/);
  assert.deepEqual(body.details, { name: "web", group: "apps", kind: "deployments" });
});

test("a token that is asked for must be sent, and may rotate", async () => {
  let token = "first";
  await using cluster = await startDemoCluster({ token: () => token });
  const get = async (bearer?: string) =>
    ask(cluster, "GET", "/version", undefined, bearer ? { authorization: `Bearer ${bearer}` } : {});
  const refused = await get();
  assert.deepEqual([refused.status, refused.body.reason, refused.body.message], [401, "Unauthorized", "Unauthorized"]);
  assert.equal((await get("first")).status, 200);
  token = "second";
  assert.equal((await get("first")).status, 401);
  assert.equal((await get("second")).status, 200);
});
