import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { listBody, wholeBody } from "../../../src/io/kubernetes/body.ts";

/** What comes out when the text arrives in pieces of that size. */
function read(text: string, size: number, take: (item: unknown) => unknown = (item) => item) {
  const reader = listBody(take);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  return reader.end();
}

/** As text, with every object under `f:x` or `x` emptied. */
const emptied = (value: unknown) =>
  JSON.stringify(value, (key, entry) => (["f:x", "x"].includes(key) && typeof entry === "object" ? {} : entry));

const list = (items: unknown, more: Readonly<Record<string, unknown>> = {}) => ({ metadata: { a: 1 }, ...more, items });

describe("a list that is read while it arrives", () => {
  it("says what JSON.parse says, however it is cut into pieces and laid out", () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 5 }),
        fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0, 1, "\t"),
        (items, more, size, indent) => {
          const text = JSON.stringify(
            list(items, { ...more, metadata: { items: [1, { items: ["]"] }] } }),
            null,
            indent,
          );
          assert.deepEqual(read(text, size), JSON.parse(text));
        },
      ),
    );
  });

  for (const [what, text] of [
    ["quotes and brackets inside of texts", '{"items":[{"a":"\\"]},{["},{"b":"\\\\"}],"x":"items"}'],
    ["letters of several bytes", '{"items":[{"ключ":"значение ✓"},{"🙂":"🙃"}]}'],
    ["a key that is written with escapes", '{"metadata":{},"\\u0069tems":[1,2]}'],
    ["no items at all", '{"metadata":{"resourceVersion":"1"}}'],
    ["items that are none", '{"items":null,"metadata":{}}'],
    ["items that are no list", '{"items":{"items":[1,2]}}'],
    ["nothing in it", '{"items":[ \n ]}'],
    ["texts and numbers as items", '{"items":["a,b",1,null,true,[1,[2]]]}'],
  ] as const) {
    it(`takes ${what}`, () => {
      for (const size of [1, 2, 3, 1000]) assert.deepEqual(read(text, size), JSON.parse(text));
    });
  }

  for (const text of [
    "",
    "[]",
    "no",
    '{"items":[{"a":1}',
    '{"items":[{"a":}]}',
    '{"items":[{]}',
    '{"items":[1 2]}',
    "7",
  ]) {
    it(`is none where ${JSON.stringify(text)} came`, () => {
      for (const size of [1, 1000]) assert.equal(read(text, size), undefined);
      const whole = wholeBody();
      whole.push(Buffer.from(text));
      assert.equal(whole.end(), undefined);
    });
  }

  it("empties what stands inside of a shallow object, at any depth of an item and nowhere else", () => {
    const items = [
      { a: { fieldsV1: { "f:x": { 'k:{"}': [1, {}] }, y: 2 }, b: 1 }, c: "fieldsV1" },
      { fieldsV1: { x: { z: {} } }, d: [{ fieldsV1: {} }, { fieldsV1: null }, { fieldsV1: [{ e: { g: 2 } }] }] },
      "fieldsV1",
      { f: { g: { h: 3 } } },
    ];
    const text = JSON.stringify({ fieldsV1: { kept: { too: true } }, items });
    const shallow = JSON.parse(text);
    shallow.items[0].a.fieldsV1["f:x"] = {};
    shallow.items[1].fieldsV1.x = {};
    for (const size of [1, 2, 5, 11, 17, 1000]) {
      const reader = listBody((item) => item, "fieldsV1");
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      const got = reader.end();
      // A border that goes through the key leaves the object as it is.
      if (size > 100) assert.deepEqual(got, shallow);
      else assert.equal(emptied(got), emptied(shallow));
    }
  });

  it("keeps of each item what is taken, and tells what taking it threw", () => {
    assert.deepEqual(read('{"items":[{"n":1},{"n":2}]}', 3, (item) => (item as { n: number }).n * 10)?.items, [10, 20]);
    const fail = () => {
      throw new RangeError("not that one");
    };
    assert.throws(() => read('{"items":[1]}', 3, fail), RangeError);
  });
});
