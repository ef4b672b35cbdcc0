import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { PortError } from "../../src/model/errors.ts";
import type { KubeObject } from "../../src/model/object.ts";
import type { SourceKind } from "../../src/model/ref.ts";
import type { KeyDigests } from "../../src/model/source.ts";
import type { DigestKey } from "../../src/ports.ts";
import { createDigester, keyId } from "../../src/snapshot/digest.ts";
import { runs } from "../support/effort.ts";

function digestKey(text: string): DigestKey {
  const bytes = Buffer.from(text);
  return { id: keyId(bytes), bytes };
}

const current = digestKey("the current key, 32 bytes long..");
const retired = digestKey("a retired key");
const digester = createDigester([current, retired]);

function body(fields: Record<string, unknown>): KubeObject {
  return { metadata: { name: "creds", namespace: "shop", uid: "u", resourceVersion: "1" }, ...fields };
}

const digest = (kind: SourceKind, fields: Record<string, unknown>, id = current.id): KeyDigests =>
  digester.body(id, kind, body(fields));
const base64 = (text: string): string => Buffer.from(text).toString("base64");

suite("digests of a body", () => {
  test("every key of data and binaryData has a digest of 16 hex digits", () => {
    const found = digest("ConfigMap", { data: { a: "1", __proto__x: "2" }, binaryData: { b: base64("3") } });
    assert.deepEqual(Object.keys(found).sort(), ["__proto__x", "a", "b"]);
    for (const value of Object.values(found)) assert.match(value, /^[0-9a-f]{16}$/);
  });

  test("equal bytes have equal digests in data and in binaryData, in a ConfigMap and in a Secret", () => {
    const text = digest("ConfigMap", { data: { k: "grüße" } });
    assert.deepEqual(digest("ConfigMap", { binaryData: { k: base64("grüße") } }), text);
    assert.deepEqual(digest("Secret", { data: { k: base64("grüße") } }), text);
  });

  test("base64 text in a ConfigMap's data is not the bytes it would decode to", () => {
    assert.notDeepEqual(
      digest("ConfigMap", { data: { k: "YQ==" } }),
      digest("ConfigMap", { binaryData: { k: "YQ==" } }),
    );
  });

  test("the same value has another digest under another key name and under another digest key", () => {
    const { a, b } = digest("ConfigMap", { data: { a: "1", b: "1" } });
    assert.notEqual(a, b);
    assert.notEqual(digest("ConfigMap", { data: { a: "1" } }, retired.id).a, a);
  });

  test("a body without data has no keys", () => {
    assert.deepEqual(Object.keys(digest("Secret", {})), []);
    assert.deepEqual(Object.keys(digest("Secret", { data: null })), []);
  });

  test("keys named like members of objects are ordinary keys", () => {
    const data = JSON.parse('{"__proto__": "1", "constructor": "2", "ключ": "3"}') as Record<string, string>;
    assert.deepEqual(Object.keys(digest("ConfigMap", { data })).sort(), ["__proto__", "constructor", "ключ"]);
  });

  test("keys in any script, should an API server ever take them, are told apart by their characters as they are, in binaryData too", () => {
    const names = ["ключ", "鍵.pem", "🔑", "caf\u00e9", "cafe\u0301"];
    const all = (last: string) =>
      Object.fromEntries(names.map((name, index) => [name, base64(index === names.length - 1 ? last : "1")]));
    const [before, after] = [
      digest("ConfigMap", { binaryData: all("1") }),
      digest("ConfigMap", { binaryData: all("2") }),
    ];
    assert.equal(new Set(Object.values(before)).size, names.length);
    assert.deepEqual(
      names.filter((name) => before[name] !== after[name]),
      ["cafe\u0301"],
    );
    const combined = (digests: KeyDigests, ...watched: string[]) => digester.combine(current.id, digests, watched);
    assert.equal(combined(before, "caf\u00e9"), combined(after, "caf\u00e9"));
    assert.notEqual(combined(before, "cafe\u0301"), combined(after, "cafe\u0301"));
  });

  const secret = "hunter2-not-base64!";
  for (const [claim, fields, says] of [
    ["a text instead of a map", { data: secret }, /data is not a map/],
    ["a list instead of a map", { data: [secret] }, /data is not a map/],
    ["a number as value", { data: { token: 12_345_678 } }, /data, key token: the value is not a string/],
    ["a value that is not base64", { data: { token: secret } }, /data, key token: the value is not base64/],
  ] as const) {
    test(`${claim} is a bad answer that names object and key, and no value`, () => {
      assert.throws(
        () => digest("Secret", fields),
        (error) => {
          assert.ok(error instanceof PortError && error.code === "bad-answer");
          assert.match(error.message, /^Secret\/shop\/creds/);
          assert.match(error.message, says);
          assert.doesNotMatch(error.message, /hunter2|12345678/);
          return true;
        },
      );
    });
  }
});

suite("digests of what is watched", () => {
  const digests = digest("ConfigMap", { data: { a: "1", b: "2" } });
  const combine = (watched: "*" | string[], of: KeyDigests = digests): string | undefined =>
    digester.combine(current.id, of, watched);

  test("12 hex digits; the order of the keys watched does not matter", () => {
    assert.match(combine("*") ?? "", /^[0-9a-f]{12}$/);
    assert.equal(combine(["b", "a"]), combine(["a", "b"]));
    assert.equal(combine(["a", "a"]), combine(["a"]));
  });
  test("a key that nobody watches changes nothing, a watched one does", () => {
    const other = digest("ConfigMap", { data: { a: "1", b: "changed" } });
    assert.equal(combine(["a"], other), combine(["a"]));
    assert.notEqual(combine(["a", "b"], other), combine(["a", "b"]));
    assert.notEqual(combine("*", other), combine("*"));
  });
  test("an absent key counts as absent, not as empty and not as unwatched", () => {
    const empty = digest("ConfigMap", { data: { a: "1", b: "2", c: "" } });
    const all = [combine(["a", "c"]), combine(["a", "c"], empty), combine(["a"])];
    assert.equal(new Set(all).size, 3);
  });
  test("a key added or removed changes the whole", () => {
    assert.notEqual(combine("*", digest("ConfigMap", { data: { a: "1" } })), combine("*"));
  });
  test("the shape is * or 4 hex digits that tell key sets apart", () => {
    assert.equal(digester.shape(current.id, "*"), "*");
    assert.match(digester.shape(current.id, ["a"]) ?? "", /^[0-9a-f]{4}$/);
    assert.equal(digester.shape(current.id, ["b", "a"]), digester.shape(current.id, ["a", "b"]));
    assert.notEqual(digester.shape(current.id, ["ab"]), digester.shape(current.id, ["a", "b"]));
    assert.notEqual(digester.shape(current.id, []), digester.shape(current.id, [""]));
  });
  test("a retired key still answers, a key that is gone does not", () => {
    assert.ok(digester.knows(retired.id) && digester.combine(retired.id, digests, "*"));
    assert.equal(digester.knows("00000000"), false);
    assert.equal(digester.combine("00000000", digests, "*"), undefined);
    assert.equal(digester.shape("00000000", ["a"]), undefined);
    assert.equal(digester.seal("00000000", []), undefined);
  });
  test("a seal depends on its entries, its shape on their names only, neither on their order", () => {
    const seal = (...entries: string[]): unknown => digester.seal(current.id, entries);
    const one = digester.seal(current.id, ["ConfigMap/a=1.*", "Secret/b=2.*"]);
    const two = digester.seal(current.id, ["ConfigMap/a=9.*", "Secret/b=2.*"]);
    assert.deepEqual(seal("Secret/b=2.*", "ConfigMap/a=1.*"), one);
    assert.notEqual(one?.digest, two?.digest);
    assert.equal(one?.shape, two?.shape);
    assert.notEqual(digester.seal(current.id, ["ConfigMap/a=1.*", "Secret/c=2.*"])?.shape, one?.shape);
  });
});

suite("properties of digests", () => {
  const small = fc.stringMatching(/^[ab;=]{0,3}$/);
  const data = fc.dictionary(small, small, { maxKeys: 3 });
  const whole = (each: Record<string, string>): string | undefined =>
    digester.combine(current.id, digest("ConfigMap", { data: each }), "*");

  test("different contents differ, whatever delimiters they contain", () => {
    assert.notEqual(whole({ a: "1;b=2" }), whole({ a: "1", b: "2" }));
    fc.assert(
      fc.property(data, data, (one, two) => {
        const same = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(two).sort());
        assert.equal(whole(one) === whole(two), same);
      }),
      { numRuns: runs(1000) },
    );
  });
  test("the order of the keys in the answer does not matter", () => {
    fc.assert(
      fc.property(data, (each) => {
        assert.equal(whole(Object.fromEntries(Object.entries(each).reverse())), whole(each));
      }),
    );
  });
  test("different sets of keys watched have different encodings", () => {
    const keys = fc.uniqueArray(small, { maxLength: 4 });
    fc.assert(
      fc.property(keys, keys, (one, two) => {
        const same = JSON.stringify(one.toSorted()) === JSON.stringify(two.toSorted());
        const [a, b] = [one, two].map((each) => digester.combine(current.id, {}, each));
        assert.equal(a === b, same);
      }),
      { numRuns: runs(1000) },
    );
  });
});
