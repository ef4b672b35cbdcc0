import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, type Client, pathOf, type Target } from "./target.ts";

export function refusals(target: () => Target, client: () => Client): void {
  test("an unknown group is a 404 in plain text, an unknown resource a 404 with a Status", async () => {
    const group = await target().request("GET", "/apis/no.such.group/v1/things");
    assert.deepEqual([group.status, String(group.body).trim()], [404, "404 page not found"]);
    assert.match(String(group.headers["content-type"]), /^text\/plain/);
    for (const path of ["/api/v1/things", `/apis/apps/v1/namespaces/${target().namespace}/things`])
      assertRefused(await target().request("GET", path), 404, "NotFound", /could not find the requested resource/);
  });

  test("an absent object is named with its group", async () => {
    const plain = await client().ask("secrets", "none");
    assertRefused(plain, 404, "NotFound", /^secrets "none" not found$/);
    assert.deepEqual(plain.body.details, { name: "none", kind: "secrets" });
    const grouped = await client().ask("deployments", "none");
    assertRefused(grouped, 404, "NotFound", /^deployments\.apps "none" not found$/);
    assert.deepEqual(grouped.body.details, { name: "none", group: "apps", kind: "deployments" });
  });

  test("a method the path does not know is a 405", async () => {
    const at = pathOf("configmaps", target().namespace);
    assertRefused(await target().request("PUT", at, {}), 405, "MethodNotAllowed");
    assertRefused(await target().request("POST", `${at}/x`, {}), 405, "MethodNotAllowed");
  });

  test("the server says its version and that it is ready", async () => {
    const { body } = await target().request("GET", "/version");
    assert.match(body.gitVersion, /^v1\.\d+\.\d+/);
    assert.equal(body.major, "1");
    const ready = await target().request("GET", "/readyz");
    assert.deepEqual([ready.status, ready.body], [200, "ok"]);
  });

  test("an access review answers without storing anything", async () => {
    const spec = { resourceAttributes: { verb: "list", resource: "configmaps", namespace: target().namespace } };
    const at = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const { status, body } = await target().request("POST", at, { spec });
    assert.deepEqual([status, body.kind, body.spec, body.status.allowed], [201, "SelfSubjectAccessReview", spec, true]);
    assertRefused(await target().request("GET", at), 405, "MethodNotAllowed");
  });
}
