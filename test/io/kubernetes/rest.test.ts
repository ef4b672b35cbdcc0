import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { sourceResources, workloadKinds } from "../../../src/model/kinds.ts";
import { json, refuse, startServer } from "../../support/http-server.ts";
import { collect, connect, quick, stored } from "./support.ts";

const configMaps = sourceResources.ConfigMap;
const [deployments] = workloadKinds;
assert(deployments);
const emptyList = { metadata: { resourceVersion: "1" }, items: [] };

test("GET is repeated after 429 once the time of Retry-After has passed", async () => {
  await using server = await startServer((_, response) =>
    server.requests.length === 1
      ? refuse(response, 429, "TooManyRequests", {}, { "retry-after": "1" })
      : json(response, emptyList),
  );
  await using client = connect(server.url);
  const start = performance.now();
  await collect(client.cluster.list(configMaps, {}));
  assert.equal(server.requests.length, 2);
  assert(performance.now() - start >= 1_000, "it waited for the second the server asked for");
});

test("a Retry-After beyond the time there is gives up at once", async () => {
  await using server = await startServer((_, response) =>
    refuse(response, 429, "TooManyRequests", {}, { "retry-after": "3600" }),
  );
  await using client = connect(server.url);
  await assert.rejects(collect(client.cluster.list(configMaps, {})), {
    code: "throttled",
    retryable: true,
    status: 429,
  });
  assert.equal(server.requests.length, 1);
});

for (const status of [500, 502, 503, 504]) {
  test(`GET is repeated after ${status}, four times at most`, async () => {
    await using server = await startServer((_, response) => refuse(response, status, "InternalError"));
    await using client = connect(server.url);
    await assert.rejects(client.cluster.get(configMaps, "web", "config"), { code: "server-error", status });
    assert.equal(server.requests.length, 5);
  });
}

test("GET is repeated after a reset connection", async () => {
  await using server = await startServer((_, response) => {
    if (server.requests.length < 3) response.socket?.resetAndDestroy();
    else json(response, stored("config"));
  });
  await using client = connect(server.url);
  assert.equal((await client.cluster.get(configMaps, "web", "config"))?.metadata.name, "config");
  assert.deepEqual(
    client.records.map(({ status, attempt }) => [status, attempt]),
    [
      [undefined, 1],
      [undefined, 2],
      [200, 3],
    ],
  );
});

test("GET gives up on a connection that is reset every time", async () => {
  await using server = await startServer((_, response) => response.socket?.resetAndDestroy());
  await using client = connect(server.url);
  await assert.rejects(client.cluster.get(configMaps, "web", "config"), { code: "unreachable", retryable: true });
  assert.equal(server.requests.length, 5);
});

const lost: readonly [string, (response: Parameters<Parameters<typeof startServer>[0]>[1]) => void, string][] = [
  ["a reset connection", (response) => response.socket?.resetAndDestroy(), "unreachable"],
  ["an answer without end", () => {}, "timeout"],
  ["500", (response) => refuse(response, 500, "InternalError"), "server-error"],
  [
    "503 with Retry-After",
    (response) => refuse(response, 503, "Unavailable", {}, { "retry-after": "0" }),
    "server-error",
  ],
  ["half an answer", (response) => halfAnswer(response), "bad-answer"],
  ["409", (response) => refuse(response, 409, "Conflict"), "conflict"],
];

function halfAnswer(response: Parameters<Parameters<typeof startServer>[0]>[1]): void {
  response.writeHead(200, { "content-length": "1000" });
  response.write('{"metadata":{"name":"con', () => response.destroy());
}

for (const [what, answer, code] of lost) {
  test(`PATCH is sent once where the answer is ${what}`, async () => {
    await using server = await startServer((_, response) => answer(response));
    await using client = connect(server.url, { timeouts: { ...quick.timeouts, headers: 100 } });
    await assert.rejects(client.cluster.patch(deployments, "web", "app", []), { name: "PortError", code });
    assert.equal(server.requests.length, 1);
  });
}

test("PATCH is sent again after 429: the server did not look at it", async () => {
  await using server = await startServer((_, response) =>
    server.requests.length === 1
      ? refuse(response, 429, "TooManyRequests", {}, { "retry-after": "0" })
      : json(response, stored("app")),
  );
  await using client = connect(server.url);
  await client.cluster.patch(deployments, "web", "app", [{ op: "test", path: "/metadata/uid", value: "u" }]);
  assert.equal(server.requests.length, 2);
  const [first] = server.requests;
  assert.equal(first?.method, "PATCH");
  assert.equal(first.url, "/apis/apps/v1/namespaces/web/deployments/app?fieldManager=reroll");
  assert.equal(first.headers["content-type"], "application/json-patch+json");
  assert.deepEqual(JSON.parse(first.body), [{ op: "test", path: "/metadata/uid", value: "u" }]);
});

test("half an answer is a bad answer, after it was asked for again", async () => {
  await using server = await startServer((_, response) => halfAnswer(response));
  await using client = connect(server.url);
  await assert.rejects(client.cluster.get(configMaps, "web", "config"), { code: "bad-answer", retryable: true });
  assert.equal(server.requests.length, 5);
});

for (const [what, body] of [
  ["HTML", "<html>log in</html>"],
  ["cut JSON", '{"metadata":{"name":"config"'],
  ["a JSON list", "[]"],
  ["nothing", ""],
] as const) {
  test(`${what} with status 200 is a bad answer`, async () => {
    await using server = await startServer((_, response) => response.end(body));
    await using client = connect(server.url);
    await assert.rejects(client.cluster.get(configMaps, "web", "config"), { code: "bad-answer" });
  });
}

test("a server that says nothing is a timeout, and is not asked again", async () => {
  await using server = await startServer(() => {});
  await using client = connect(server.url, { timeouts: { ...quick.timeouts, headers: 100 } });
  await assert.rejects(client.cluster.get(configMaps, "web", "config"), {
    code: "timeout",
    message: new RegExp(`get configmaps config in namespace web: 127.0.0.1:${server.port} did not answer in time`),
  });
  assert.equal(server.requests.length, 1);
});

test("a server that goes on with its answer byte by byte is a timeout all the same", async () => {
  await using server = await startServer((_, response) => {
    response.writeHead(200);
    const dripping = setInterval(() => response.write(" "), 20);
    response.once("close", () => clearInterval(dripping));
  });
  await using client = connect(server.url, { timeouts: { ...quick.timeouts, whole: 200 } });
  await assert.rejects(client.cluster.get(configMaps, "web", "config"), {
    code: "timeout",
    message: /did not answer in time/,
  });
  assert.equal(server.requests.length, 1);
});

test("a server that stops in the middle of its answer is a timeout", async () => {
  await using server = await startServer((_, response) => void response.write('{"meta'));
  await using client = connect(server.url, { timeouts: { ...quick.timeouts, body: 100 } });
  await assert.rejects(client.cluster.get(configMaps, "web", "config"), { code: "timeout" });
});

test("an address where nobody listens is unreachable, and the message names it", async () => {
  const placeholder = createServer().listen(0, "127.0.0.1");
  await once(placeholder, "listening");
  const address = placeholder.address();
  const port = typeof address === "object" ? address?.port : 0;
  placeholder.close();
  await using client = connect(`http://127.0.0.1:${port}`);
  await assert.rejects(client.cluster.version(), { code: "unreachable", message: /127\.0\.0\.1:\d+ \(ECONNREFUSED\)/ });
});

test("abort ends a call in flight, a wait between two attempts, and calls to come", async () => {
  const controller = new AbortController();
  await using server = await startServer((request, response) => {
    if (request.url === "/version") return refuse(response, 429, "TooManyRequests", {}, { "retry-after": "5" });
    if (request.url.includes("hanging")) setImmediate(() => controller.abort());
  });
  await using client = connect(server.url, { signal: controller.signal });
  const waiting = client.cluster.version();
  const hanging = client.cluster.get(configMaps, "web", "hanging");
  await assert.rejects(hanging, { code: "aborted", retryable: false });
  await assert.rejects(waiting, { code: "aborted" });
  const sent = server.requests.length;
  await assert.rejects(client.cluster.version(), { code: "aborted" });
  assert.equal(server.requests.length, sent);
});

test("every attempt is counted with route, status and bytes, without names", async () => {
  await using server = await startServer((_, response) => json(response, stored("app")));
  await using client = connect(server.url);
  await client.cluster.patch(deployments, "web", "app", []);
  const [record] = client.records;
  assert.deepEqual(
    { ...record, ms: typeof record?.ms },
    {
      method: "PATCH",
      route: "/apis/apps/v1/namespaces/{namespace}/deployments/{name}",
      status: 200,
      sentBytes: 2,
      receivedBytes: JSON.stringify(stored("app")).length,
      ms: "number",
      attempt: 1,
    },
  );
});

test("a server below a path, as Rancher has it, is asked below that path", async () => {
  await using server = await startServer((_, response) => json(response, { gitVersion: "v1.36.3" }));
  await using client = connect(`${server.url}/k8s/clusters/c-1/`);
  assert.equal(await client.cluster.version(), "v1.36.3");
  assert.equal(server.requests[0]?.url, "/k8s/clusters/c-1/version");
});
