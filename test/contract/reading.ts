import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, type Client, metadataOnly, pathOf, type Target } from "./target.ts";

export function reading(target: () => Target, client: () => Client): void {
  const names = (body: { items?: readonly { metadata: { name: string } }[] }) =>
    (body.items ?? []).map(({ metadata }) => metadata.name);

  test("an object carries kind and apiVersion, an item of a list does not", async () => {
    await client().create("configmaps", { metadata: { name: "typed", labels: { suite: "typed" } } });
    const object = await client().get("configmaps", "typed");
    assert.deepEqual([object.kind, object.apiVersion], ["ConfigMap", "v1"]);
    const list = await client().list("configmaps", "labelSelector=suite%3Dtyped");
    assert.deepEqual([list.kind, list.apiVersion], ["ConfigMapList", "v1"]);
    const { kind: _, apiVersion: __, ...item } = object;
    assert.deepEqual(list.items, [item]);
  });

  test("an empty list, also of a namespace that does not exist, has items all the same", async () => {
    const { status, body } = await target().request("GET", "/apis/apps/v1/namespaces/no-such/deployments");
    assert.deepEqual([status, body.kind, body.apiVersion, body.items], [200, "DeploymentList", "apps/v1", []]);
    assert.match(body.metadata.resourceVersion, /^\d+$/);
  });

  test("every answer carries the server's clock", async () => {
    for (const path of ["/version", pathOf("configmaps", target().namespace), "/api/v1/namespaces/no-such/secrets/x"]) {
      const { headers } = await target().request("GET", path);
      assert.ok(Math.abs(Date.parse(String(headers.date)) - Date.now()) < 60_000, `${path}: ${headers.date}`);
    }
  });

  test("an empty list of metadata has null for items", async () => {
    const path = "/api/v1/namespaces/no-such-namespace/pods";
    const { status, body } = await target().request("GET", path, undefined, metadataOnly.list);
    assert.deepEqual([status, body.kind, body.items], [200, "PartialObjectMetadataList", null]);
  });

  test("metadata only: items do carry a kind, and no data", async () => {
    const data = { secret: "x" };
    const made = await client().create("configmaps", {
      metadata: { name: "partial", labels: { suite: "partial" } },
      data,
    });
    const at = pathOf("configmaps", target().namespace);
    const partial = { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: made.metadata };
    const one = await target().request("GET", `${at}/partial`, undefined, metadataOnly.get);
    assert.deepEqual(one.body, partial);
    const list = await target().request("GET", `${at}?labelSelector=suite%3Dpartial`, undefined, metadataOnly.list);
    assert.deepEqual([list.body.kind, list.body.apiVersion], ["PartialObjectMetadataList", "meta.k8s.io/v1"]);
    assert.deepEqual(list.body.items, [partial]);
    assertRefused(await target().request("GET", `${at}/none`, undefined, metadataOnly.get), 404, "NotFound");
  });

  test("pages belong together: what is written between two of them does not show", async () => {
    for (const name of ["page-a", "page-b", "page-c"])
      await client().create("configmaps", { metadata: { name, labels: { suite: "page" } }, data: { old: "1" } });
    const query = "limit=2&labelSelector=suite%3Dpage";
    const first = await client().list("configmaps", query);
    assert.deepEqual(names(first), ["page-a", "page-b"]);
    assert.ok(first.metadata.continue);
    assert.equal(first.metadata.remainingItemCount, undefined, "nobody counts what a selector leaves");
    await client().change("configmaps", "page-c", [{ op: "replace", path: "/data/old", value: "2" }]);
    await client().create("configmaps", { metadata: { name: "page-d", labels: { suite: "page" } } });
    const second = await client().list("configmaps", `${query}&continue=${first.metadata.continue}`);
    assert.deepEqual(names(second), ["page-c"]);
    assert.equal(second.items?.[0]?.data.old, "1");
    assert.equal(second.metadata.continue, undefined);
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  });

  test("without a selector a page says how many are left", async () => {
    for (const name of ["count-a", "count-b", "count-c"]) await client().create("leases", { metadata: { name } });
    const first = await client().list("leases", "limit=1");
    const all = await client().list("leases");
    assert.equal(first.metadata.remainingItemCount, (all.items?.length ?? 0) - 1);
  });

  test("resourceVersion=0 knows no pages", async () => {
    for (const name of ["cached-a", "cached-b"])
      await client().create("configmaps", { metadata: { name, labels: { suite: "cached" } } });
    const list = await client().list("configmaps", "limit=1&labelSelector=suite%3Dcached&resourceVersion=0");
    assert.equal(list.metadata.continue, undefined);
  });

  test("a continue token nobody made is a 400", async () => {
    const at = pathOf("configmaps", target().namespace);
    const message = /continue key is not valid/;
    assertRefused(await target().request("GET", `${at}?limit=1&continue=zzz`), 400, "BadRequest", message);
  });

  test("a list across namespaces is in order of namespace and name", async () => {
    const { namespace, other } = target();
    for (const at of [namespace, other])
      await target().request("POST", pathOf("configmaps", at), {
        metadata: { name: "wide", labels: { suite: "wide" } },
      });
    const { body } = await target().request("GET", "/api/v1/configmaps?labelSelector=suite%3Dwide");
    const found = body.items?.map(({ metadata }) => metadata.namespace);
    assert.deepEqual(found, [namespace, other].sort());
  });

  test("label selectors: equality, sets and existence", async () => {
    const labels: Record<string, Record<string, string>> = { x: { tier: "web" }, y: { tier: "db", old: "" }, z: {} };
    for (const [name, own] of Object.entries(labels))
      await client().create("configmaps", { metadata: { name: `label-${name}`, labels: { suite: "label", ...own } } });
    const expected: Record<string, string[]> = {
      "tier=web": ["label-x"],
      "tier==web": ["label-x"],
      "tier!=web": ["label-y", "label-z"],
      "tier in (web,db)": ["label-x", "label-y"],
      "tier notin (web)": ["label-y", "label-z"],
      tier: ["label-x", "label-y"],
      "!tier": ["label-z"],
      "tier,!old": ["label-x"],
      "tier in (web, db),old": ["label-y"],
      "old=": ["label-y"],
    };
    for (const [selector, wanted] of Object.entries(expected)) {
      const query = `labelSelector=${encodeURIComponent(`suite=label,${selector}`)}`;
      assert.deepEqual(names(await client().list("configmaps", query)), wanted, selector);
    }
    const bad = `${pathOf("configmaps", target().namespace)}?labelSelector=a%20b%20c`;
    assertRefused(await target().request("GET", bad), 400, "BadRequest");
  });

  test("field selectors: name, namespace, type of a Secret, joined by commas", async () => {
    for (const type of ["Opaque", "example.com/kind", "helm.sh/release.v1"])
      await client().create("secrets", {
        metadata: { name: `type-${type.replace("/", ".").toLowerCase()}` },
        type,
      });
    const expected: Record<string, string[]> = {
      "type=Opaque": ["type-opaque"],
      "type!=Opaque,type!=helm.sh/release.v1": ["type-example.com.kind"],
      "metadata.name=type-opaque": ["type-opaque"],
      [`metadata.namespace=${target().namespace},type==helm.sh/release.v1`]: ["type-helm.sh.release.v1"],
      "metadata.namespace=other": [],
    };
    for (const [selector, wanted] of Object.entries(expected)) {
      const list = await client().list("secrets", `fieldSelector=${encodeURIComponent(selector)}`);
      assert.deepEqual(
        names(list).filter((name) => name.startsWith("type-")),
        wanted,
        selector,
      );
    }
    const at = pathOf("configmaps", target().namespace);
    for (const odd of ["type%3DOpaque", "odd"])
      assertRefused(await target().request("GET", `${at}?fieldSelector=${odd}`), 400, "BadRequest");
  });
}
