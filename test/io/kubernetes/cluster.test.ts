import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceResources, workloadKinds } from "../../../src/model/kinds.ts";
import { json, refuse, startServer } from "../../support/http-server.ts";
import { collect, connect, stored } from "./support.ts";

const { ConfigMap: configMaps, Secret: secrets } = sourceResources;
const [deployments] = workloadKinds;
assert(deployments);

test("a list is read in pages that belong together, whole objects by the hundred", async () => {
  await using server = await startServer(({ url }, response) =>
    url.includes("continue=")
      ? json(response, { metadata: { resourceVersion: "9" }, items: [stored("b")] })
      : json(response, { metadata: { resourceVersion: "9", continue: "next/+=" }, items: [stored("a")] }),
  );
  await using client = connect(server.url);
  const options = { namespace: "web", labelSelector: "a in (b,c)", fieldSelector: "type!=helm.sh/release.v1" };
  const pages = await collect(client.cluster.list(secrets, options));
  assert.deepEqual(
    pages.map((page) => [page.resourceVersion, page.items.map((item) => item.metadata.name)]),
    [
      ["9", ["a"]],
      ["9", ["b"]],
    ],
  );
  const query = server.requests.map(({ url }) => Object.fromEntries(new URL(url, server.url).searchParams));
  const { namespace, ...selectors } = options;
  assert.deepEqual(query, [
    { limit: "100", ...selectors },
    { limit: "100", ...selectors, continue: "next/+=" },
  ]);
  assert.match(server.requests[0]?.url ?? "", /^\/api\/v1\/namespaces\/web\/secrets\?/);
  assert.equal(namespace, "web");
});

for (const [claim, page] of [
  ["come again", () => ({ metadata: { resourceVersion: "9", continue: "more" }, items: [stored("a")] })],
  [
    "are empty, again and again",
    (nth: number) => ({ metadata: { resourceVersion: "9", continue: `c${nth}` }, items: [] }),
  ],
  [
    "bring the same under new tokens",
    (nth: number) => ({ metadata: { resourceVersion: "9", continue: `c${nth}` }, items: [stored("a")] }),
  ],
] as const) {
  test(`a list whose pages ${claim} is a bad answer, and not read for ever`, async () => {
    await using server = await startServer((_, response) => json(response, page(server.requests.length)));
    await using client = connect(server.url);
    await assert.rejects(collect(client.cluster.list(configMaps, {})), {
      code: "bad-answer",
      message: /list configmaps at cluster scope: the pages of the list come again and never end/,
    });
    assert.ok(server.requests.length < 110);
  });
}

for (const [field, value] of [
  ["name", ".."],
  ["name", "a/b"],
  ["name", "\ud800"],
  ["namespace", "."],
  ...Object.entries({
    ownerReferences: [null],
    managedFields: {},
    labels: [],
    annotations: "x",
    creationTimestamp: 5,
    deletionTimestamp: true,
    generation: "1",
    namespace: {},
  }),
] as const) {
  test(`metadata.${field} ${JSON.stringify(value)}: no Kubernetes object, neither alone nor in a list`, async () => {
    const { metadata } = stored("a");
    const object = { metadata: { ...metadata, [field]: value } };
    await using server = await startServer(({ url }, response) =>
      json(response, url.includes("limit=") ? { metadata: { resourceVersion: "9" }, items: [object] } : object),
    );
    await using client = connect(server.url);
    const bad = { code: "bad-answer", message: /no Kubernetes object/ };
    await assert.rejects(client.cluster.get(configMaps, "web", "a"), { code: "bad-answer" });
    await assert.rejects(collect(client.cluster.list(configMaps, {})), bad);
  });
}

test("nothing more is asked for when the reader stops", async () => {
  await using server = await startServer((_, response) =>
    json(response, { metadata: { resourceVersion: "9", continue: "more" }, items: [stored("a")] }),
  );
  await using client = connect(server.url);
  for await (const page of client.cluster.list(configMaps, {})) if (page.items.length > 0) break;
  assert.equal(server.requests.length, 1);
});

test("metadata-only comes without bodies, also from a server that sends them", async () => {
  const secret = stored("a", { kind: "Secret", type: "Opaque", data: { password: "aHVudGVyMg==" } });
  await using server = await startServer(({ url }, response) =>
    json(response, url.includes("limit=500") ? { metadata: { resourceVersion: "9" }, items: [secret] } : secret),
  );
  await using client = connect(server.url);
  const [page] = await collect(client.cluster.list(secrets, { metadataOnly: true }));
  assert.deepEqual(page?.items, [stored("a")]);
  assert.deepEqual(await client.cluster.get(secrets, "web", "a", { metadataOnly: true }), stored("a"));
  assert.deepEqual(
    server.requests.map(({ headers }) => headers.accept),
    [
      "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json",
    ],
  );
});

for (const [what, body] of [
  ["no items", { metadata: { resourceVersion: "9" } }],
  ["items: null", { metadata: { resourceVersion: "9" }, items: null }],
  ["no resourceVersion", { metadata: {}, items: [] }],
  ["an item without a name", { metadata: { resourceVersion: "9" }, items: [{ metadata: {} }] }],
  ["a Status", { kind: "Status", status: "Success" }],
] as const) {
  test(`a list with ${what} is a bad answer and never an empty list`, async () => {
    await using server = await startServer((_, response) => json(response, body));
    await using client = connect(server.url);
    await assert.rejects(collect(client.cluster.list(configMaps, {})), { code: "bad-answer" });
  });
}

test("an empty list of metadata may come with null for items, as the API server writes it", async () => {
  await using server = await startServer((_, response) =>
    json(response, { kind: "PartialObjectMetadataList", metadata: { resourceVersion: "9" }, items: null }),
  );
  await using client = connect(server.url);
  assert.deepEqual(await collect(client.cluster.list(configMaps, { metadataOnly: true })), [
    { items: [], resourceVersion: "9" },
  ]);
});

test("a list whose pages are of different versions is a bad answer", async () => {
  await using server = await startServer(({ url }, response) =>
    json(response, {
      metadata: url.includes("continue=") ? { resourceVersion: "10" } : { resourceVersion: "9", continue: "more" },
      items: [],
    }),
  );
  await using client = connect(server.url);
  await assert.rejects(collect(client.cluster.list(configMaps, {})), { code: "bad-answer" });
});

test("410 in the middle of a list fails the list, to be asked for again", async () => {
  await using server = await startServer(({ url }, response) =>
    url.includes("continue=")
      ? refuse(response, 410, "Expired")
      : json(response, { metadata: { resourceVersion: "9", continue: "more" }, items: [] }),
  );
  await using client = connect(server.url);
  await assert.rejects(collect(client.cluster.list(configMaps, {})), { code: "expired", retryable: true });
});

test("an answer about another object is a bad answer", async () => {
  await using server = await startServer((_, response) => json(response, stored("other")));
  await using client = connect(server.url);
  await assert.rejects(client.cluster.get(configMaps, "web", "config"), { code: "bad-answer" });
});

test("rights are asked for by SelfSubjectAccessReview, subresources too", async () => {
  await using server = await startServer(({ body }, response) => {
    const { spec } = JSON.parse(body);
    json(response, { status: { allowed: spec.resourceAttributes.subresource !== "exec" } }, 201);
  });
  await using client = connect(server.url);
  assert.equal(await client.cluster.can({ verb: "list", group: "apps", resource: "deployments" }), true);
  assert.equal(
    await client.cluster.can({ verb: "create", group: "", resource: "pods/exec", namespace: "web", name: "p" }),
    false,
  );
  assert.deepEqual(
    server.requests.map(({ body }) => JSON.parse(body).spec.resourceAttributes),
    [
      { verb: "list", group: "apps", resource: "deployments" },
      { verb: "create", group: "", resource: "pods", subresource: "exec", namespace: "web", name: "p" },
    ],
  );
});

test("the server's clock is the Date of its newest answer", async () => {
  const dates = ["Mon, 23 Nov 2026 10:00:00 GMT", "Mon, 23 Nov 2026 10:00:07 GMT"];
  await using server = await startServer((_, response) =>
    json(response, { gitVersion: "v1.36.3" }, 200, { date: dates.shift() ?? "" }),
  );
  await using client = connect(server.url);
  assert.equal(client.cluster.serverTime(), undefined);
  assert.equal(await client.cluster.version(), "v1.36.3");
  assert.equal(client.cluster.serverTime(), Date.parse("2026-11-23T10:00:00Z"));
  await client.cluster.version();
  assert.equal(client.cluster.serverTime(), Date.parse("2026-11-23T10:00:07Z"));
});

test("names are escaped into the path", async () => {
  await using server = await startServer((_, response) => refuse(response, 404, "NotFound"));
  await using client = connect(server.url);
  await client.cluster.get(deployments, "../x", "a/b?c");
  assert.equal(server.requests[0]?.url, "/apis/apps/v1/namespaces/..%2Fx/deployments/a%2Fb%3Fc");
});
