import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answered, Client, Target } from "./target.ts";

export function ownership(target: () => Target, client: () => Client): void {
  const entries = (object: Answered) =>
    Object.fromEntries((object.metadata.managedFields ?? []).map((entry) => [entry.manager, entry]));
  const set = (path: string, value: string) => [{ op: "add", path, value }];

  test("the creator owns what it wrote, at the time of creation", async () => {
    const metadata = { name: "owned", labels: { x: "1" } };
    const object = await client().create("configmaps", { metadata, data: { a: "1" } }, "creator");
    assert.deepEqual(object.metadata.managedFields, [
      {
        manager: "creator",
        operation: "Update",
        apiVersion: "v1",
        time: object.metadata.creationTimestamp,
        fieldsType: "FieldsV1",
        fieldsV1: { "f:data": { ".": {}, "f:a": {} }, "f:metadata": { "f:labels": { ".": {}, "f:x": {} } } },
      },
    ]);
  });

  test("without a fieldManager the first part of the user agent is it", async () => {
    const at = `/api/v1/namespaces/${target().namespace}/configmaps`;
    const agent = { "user-agent": "agent/1.0 (test)" };
    const { body } = await target().request("POST", at, { metadata: { name: "agent" }, data: { a: "1" } }, agent);
    assert.equal(body.metadata.managedFields?.[0]?.manager, "agent");
  });

  test("who changes a value takes the field and its own time moves, nobody else's", async () => {
    const made = await client().create(
      "configmaps",
      { metadata: { name: "taken" }, data: { a: "1", b: "2" } },
      "first",
    );
    await target().nextSecond();
    const changed = await client().change("configmaps", "taken", set("/data/a", "x"), { manager: "second" });
    const { first, second } = entries(changed);
    assert.deepEqual(first?.fieldsV1, { "f:data": { ".": {}, "f:b": {} } });
    assert.equal(first?.time, made.metadata.creationTimestamp);
    assert.deepEqual(second?.fieldsV1, { "f:data": { "f:a": {} } });
    assert.ok((second?.time ?? "") > (first?.time ?? ""));
    await target().nextSecond();
    const third = entries(await client().change("configmaps", "taken", set("/data/c", "3"), { manager: "second" }));
    assert.deepEqual(third.second?.fieldsV1, { "f:data": { "f:a": {}, "f:c": {} } });
    assert.ok((third.second?.time ?? "") > (second?.time ?? ""));
  });

  test("a removed key moves no time at all: who removed it leaves no trace", async () => {
    await client().create("configmaps", { metadata: { name: "removed" }, data: { a: "1", b: "2" } }, "first");
    const before = await client().change("configmaps", "removed", set("/data/c", "3"), { manager: "second" });
    await target().nextSecond();
    const after = await client().change("configmaps", "removed", [{ op: "remove", path: "/data/b" }], {
      manager: "third",
    });
    assert.notEqual(after.metadata.resourceVersion, before.metadata.resourceVersion);
    assert.deepEqual(Object.keys(entries(after)), ["first", "second"]);
    assert.deepEqual(entries(after).first?.fieldsV1, { "f:data": { ".": {}, "f:a": {} } });
    for (const manager of ["first", "second"])
      assert.equal(entries(after)[manager]?.time, entries(before)[manager]?.time, manager);
    const own = await client().change("configmaps", "removed", [{ op: "remove", path: "/data/c" }], {
      manager: "second",
    });
    assert.equal(entries(own).second, undefined, "who owns nothing any more is not listed");
  });

  test("a manager that lost its last key still owns the map, and then nothing", async () => {
    await client().create("configmaps", { metadata: { name: "map-owner" }, data: { a: "1" } }, "first");
    const lost = await client().change("configmaps", "map-owner", set("/data/a", "2"), { manager: "second" });
    assert.deepEqual(entries(lost).first?.fieldsV1, { "f:data": {} });
    const gone = await client().change("configmaps", "map-owner", [{ op: "remove", path: "/data/a" }]);
    assert.deepEqual([gone.metadata.managedFields, gone.data], [undefined, undefined]);
  });

  test("replacing data by the same bytes and more moves only what is new", async () => {
    const made = await client().create("secrets", { metadata: { name: "grown" }, stringData: { a: "1" } }, "first");
    assert.deepEqual(made.metadata.managedFields?.[0]?.fieldsV1, {
      "f:data": { ".": {}, "f:a": {} },
      "f:type": {},
    });
    const object = { metadata: { name: "grown" }, stringData: { a: "1", b: "2" } };
    const { body } = await client().put("secrets", "grown", object, "second");
    assert.deepEqual(entries(body).second?.fieldsV1, { "f:data": { "f:b": {} } });
    assert.deepEqual(entries(body).first?.fieldsV1, made.metadata.managedFields?.[0]?.fieldsV1);
  });
}
