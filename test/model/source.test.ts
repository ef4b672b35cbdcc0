import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Json } from "../../src/model/object.ts";
import { sourceHeader } from "../../src/model/source.ts";

const at = (second: number) => `2026-11-24T05:00:0${second}Z`;

/** When content was last written, as far as the owners of these fields tell, in seconds after five. */
function lastWrite(...owned: readonly (readonly [second: number, fields: Record<string, Json>])[]): number | undefined {
  const managedFields = owned.map(([second, fieldsV1], index) => ({
    ...{
      manager: `m${index}`,
      operation: "Apply",
      apiVersion: "v1",
      time: at(second),
      fieldsType: "FieldsV1",
      fieldsV1,
    },
  }));
  const metadata = { name: "s", namespace: "shop", uid: "1", resourceVersion: "1", creationTimestamp: at(0) };
  const object = { apiVersion: "v1", kind: "Secret", metadata: { ...metadata, managedFields } };
  const write = sourceHeader("Secret", object, () => false).lastWrite;
  return write === undefined ? undefined : (write - Date.parse(at(0))) / 1000;
}

describe("the last write of a source", () => {
  test("is told by who owns content", () => {
    assert.equal(lastWrite([1, { "f:data": { "f:a": {} } }], [2, { "f:binaryData": { "f:b": {} } }]), 2);
  });
  test("counts what was applied as stringData, which the API server stores as data that nobody owns", () => {
    assert.equal(lastWrite([3, { "f:stringData": { "f:PASSWORD": {} } }]), 3);
  });
  test("is not moved by labels and annotations", () => {
    assert.equal(lastWrite([1, { "f:data": {} }], [4, { "f:metadata": { "f:labels": {} } }]), 1);
  });
  test("is unknown where nobody is told to own anything", () => {
    assert.equal(lastWrite(), undefined);
  });
});
