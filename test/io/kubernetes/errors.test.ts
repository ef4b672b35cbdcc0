import assert from "node:assert/strict";
import { test } from "node:test";
import { PortError } from "../../../src/model/errors.ts";
import { sourceResources, workloadKinds } from "../../../src/model/kinds.ts";
import { refuse, startServer } from "../../support/http-server.ts";
import { collect, connect } from "./support.ts";

const { ConfigMap: configMaps, Secret: secrets } = sourceResources;
const [deployments] = workloadKinds;
assert(deployments);

for (const [status, reason, code] of [
  [400, "BadRequest", "invalid"],
  [401, "Unauthorized", "unauthorized"],
  [403, "Forbidden", "forbidden"],
  [404, "NotFound", "not-found"],
  [409, "Conflict", "conflict"],
  [409, "AlreadyExists", "already-exists"],
  [410, "Expired", "expired"],
  [410, "Gone", "expired"],
  [413, "RequestEntityTooLarge", "invalid"],
  [422, "Invalid", "invalid"],
  [429, "TooManyRequests", "throttled"],
  [500, "InternalError", "server-error"],
  [504, "Timeout", "server-error"],
] as const) {
  test(`${status} ${reason} is ${code}, whatever its message says`, async () => {
    await using server = await startServer((_, response) => refuse(response, status, reason, { message: "not found" }));
    await using client = connect(server.url, { retries: { times: 0, firstDelay: 1, maxDelay: 1, total: 1 } });
    await assert.rejects(client.cluster.patch(deployments, "web", "app", []), { name: "PortError", code, status });
  });
}

test("403 names the right that is missing, and carries it", async () => {
  await using server = await startServer((_, response) => refuse(response, 403, "Forbidden", { message: "no" }));
  await using client = connect(server.url);
  await assert.rejects(collect(client.cluster.list(secrets, { metadataOnly: true })), {
    code: "forbidden",
    right: { verb: "list", group: "", resource: "secrets" },
    message:
      "list secrets at cluster scope: the API server refused it (403): no. Grant it to this identity by a ClusterRole",
  });
  await assert.rejects(client.cluster.patch(deployments, "web", "app", []), {
    right: { verb: "patch", group: "apps", resource: "deployments", namespace: "web", name: "app" },
    message: /^patch deployments\.apps app in namespace web: .* by a Role in web$/,
  });
});

test("404 says that an object is absent only where an API server says so", async () => {
  await using server = await startServer((request, response) => {
    if (request.url.endsWith("absent")) return refuse(response, 404, "NotFound");
    response.writeHead(404).end("404 page not found");
  });
  await using client = connect(server.url);
  assert.equal(await client.cluster.get(configMaps, "web", "absent"), undefined);
  await assert.rejects(client.cluster.get(configMaps, "web", "elsewhere"), { code: "bad-answer", status: 404 });
});

test("what the server quotes of a Secret or ConfigMap is in no message", async () => {
  const details = { causes: [{ field: "data[password]", message: 'Invalid value: "hunter2"' }] };
  const message = 'Secret "s" is invalid: data[password]: Invalid value: "hunter2"';
  await using server = await startServer((_, response) => refuse(response, 422, "Invalid", { message, details }));
  await using client = connect(server.url);
  for (const resource of [secrets, configMaps]) {
    const error = await client.cluster.patch(resource, "web", "s", []).catch((caught: unknown) => caught);
    assert(error instanceof PortError);
    assert.equal(error.code, "invalid");
    assert.match(error.message, /answered 422 Invalid \(data\[password\]\)$/);
    assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /hunter2/);
  }
  await assert.rejects(client.cluster.patch(deployments, "web", "app", []), { message: /Secret "s" is invalid/ });
});
