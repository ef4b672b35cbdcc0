import assert from "node:assert/strict";
import { test } from "node:test";
import { type Edited, isRefusal } from "../../src/edit/address.ts";
import { appendItem, setString } from "../../src/edit/put.ts";
import type { Refusal } from "../../src/model/refusals.ts";

const set = (text: string) => setString(text, { document: 0 }, ["spec", "x"], "v");

function codeOf(result: Edited | Refusal): string {
  return isRefusal(result) ? result.code : "edited";
}

const hostile: readonly { readonly what: string; readonly text: string; readonly code: string }[] = [
  { what: "more bytes than are read", text: `spec: {}\nx: ${"a".repeat(2 * 1024 * 1024)}`, code: "TOO_LARGE" },
  { what: "more parts than are read", text: `spec: {}\nx:\n${"- a\n".repeat(100_000)}`, code: "TOO_LARGE" },
  { what: "more aliases than are followed", text: `spec: {}\na: &a x\nl:\n${"- *a\n".repeat(501)}`, code: "TOO_LARGE" },
  { what: "a hundred aliases", text: `spec: {}\na: &a x\nl:\n${"- *a\n".repeat(100)}`, code: "edited" },
  { what: "brackets within brackets", text: `spec: ${"[".repeat(190_000)}`, code: "TOO_LARGE" },
  { what: "lists within lists", text: "- ".repeat(20_000), code: "UNPARSABLE" },
  { what: "an alias of itself", text: "spec: &spec\n  a: *spec\n", code: "ALIAS" },
  { what: "an alias of nothing", text: "spec: {}\na: *nothing\n", code: "UNPARSABLE" },
  { what: "a quote that never ends", text: `spec: "${"a\n".repeat(50_000)}`, code: "UNPARSABLE" },
  { what: "bytes that are no text", text: "spec: {}\n\u0000\u0000", code: "UNPARSABLE" },
  { what: "nothing", text: "", code: "UNPARSABLE" },
  { what: "only comments", text: "# nothing\n", code: "UNPARSABLE" },
  { what: "one word", text: "words", code: "UNPARSABLE" },
  {
    what: "keys that JavaScript has a meaning for",
    text: "__proto__: {a: 1}\nconstructor: 2\nspec: {}\n",
    code: "edited",
  },
];

for (const { what, text, code } of hostile) {
  test(`a file of ${what}: ${code}`, () => {
    const result = set(text);
    assert.equal(codeOf(result), code, JSON.stringify(result).slice(0, 300));
  });
}

test("a document or an item that is not there is refused", () => {
  const text = "spec: {}\n";
  assert.equal(codeOf(setString(text, { document: 1 }, ["spec", "x"], "v")), "UNPARSABLE");
  assert.equal(codeOf(setString("items: [{}]\n", { document: 0, item: 1 }, ["spec"], "v")), "UNPARSABLE");
  assert.equal(codeOf(setString(text, { document: 0, item: 0 }, ["spec"], "v")), "UNPARSABLE");
  assert.equal(codeOf(appendItem(text, { document: 0 }, ["list", 0, "x"], "v")), "UNPARSABLE");
});

test("a refusal says line and path", () => {
  const result = setString("a: 1\nspec:\n  x.y:\n    - 1\n", { document: 0 }, ["spec", "x.y", "z"], "v");
  assert.deepEqual(result, { code: "UNPARSABLE", message: 'line 4: spec["x.y"] is a list, where a map should be' });
});

test("whatever is written is one line that reads back as it was", () => {
  const values = ["", "true", "a\nb", 'a "b" \\', "\u0085\u2028\ufeff\u007f", "☃ 😀", "x".repeat(5000), "a: b # c"];
  for (const value of values) {
    const result = setString("spec: {}\n", { document: 0 }, ["spec", "x"], value);
    assert.ok(!isRefusal(result));
    assert.match(result.text, /^spec: \{x: "[\x20-\x7e☃😀]*"\}\n$/u);
    assert.deepEqual(setString(result.text, { document: 0 }, ["spec", "x"], value), result);
  }
});
