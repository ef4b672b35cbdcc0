import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultLimits } from "../../src/locate/limits.ts";
import { parseYaml } from "../../src/locate/yaml.ts";

const read = (text: string): unknown => {
  const file = parseYaml(text, defaultLimits);
  return "problem" in file ? file.problem : file.documents.map(({ value }) => value);
};

test("scalars are what Kubernetes makes of them", () => {
  const rows: [string, unknown][] = [
    ["0775", 509],
    ["0o775", 509],
    ["1_000", 1000],
    ["08", 8],
    ["yes", "yes"],
    ["on", "on"],
    ["true", true],
    ["~", null],
    ["1.5", 1.5],
    ["2001-01-01", "2001-01-01"],
    ["'0775'", "0775"],
    ["|\n  a\n", "a\n"],
    ["|\n  a", "a"],
    ["|-\n  a\n", "a"],
  ];
  for (const [text, value] of rows) assert.deepEqual(read(`a: ${text}`), [{ a: value }], text);
});

test("anchors, merge keys and documents are followed", () => {
  assert.deepEqual(read("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\nc: *x\n"), [
    { a: { p: 1, q: 2 }, b: { p: 1, q: 3 }, c: { p: 1, q: 2 } },
  ]);
  assert.deepEqual(read("a: {'<<': 1}"), [{ a: { "<<": 1 } }]);
  assert.deepEqual(read("\ufeffa: 1\r\n---\r\n---\r\nb: 2\r\n...\r\n"), [{ a: 1 }, null, { b: 2 }]);
  assert.deepEqual(read('{"a": [1, {"b": null}]}'), [{ a: [1, { b: null }] }]);
});

test("what cannot be read with certainty is not read", () => {
  const rows: [string, RegExp][] = [
    ["a: 1\na: 2", /the key "a" is there twice/],
    ["a: *x", /x/],
    ["a: &x [*x]", /x/],
    ["__proto__: {a: 1}", /__proto__/],
    ["[a: b", /document 1/],
    ["? [a]\n: b", /no text/],
    ["<<: 1", /merges what is no map/],
  ];
  for (const [text, problem] of rows) assert.match(String(read(text)), problem, text);
});
