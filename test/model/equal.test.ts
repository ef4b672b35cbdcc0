import assert from "node:assert/strict";
import { test } from "node:test";
import { equalPlain } from "../../src/model/equal.ts";

const same: readonly (readonly [string, unknown, unknown])[] = [
  ["the order of keys", { a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }],
  ["a key without a value", { a: 1, b: undefined }, { a: 1 }],
  ["a map without a prototype", Object.assign(Object.create(null), { a: "x" }), { a: "x" }],
];
for (const [what, a, b] of same) {
  test(`${what} makes no difference`, () => assert.deepEqual([equalPlain(a, b), equalPlain(b, a)], [true, true]));
}

const different: readonly (readonly [string, unknown, unknown])[] = [
  ["a value", { a: { b: "1" } }, { a: { b: "2" } }],
  ["a key more", { a: 1 }, { a: 1, b: 2 }],
  ["null in the place of nothing", { a: null }, {}],
  ["the order of a list", [1, 2], [2, 1]],
  ["the length of a list", [1], [1, 2]],
  ["a list in the place of a map", { a: [] }, { a: {} }],
  ["text in the place of a number", { a: 1 }, { a: "1" }],
  ["a key that only the prototype has", { toString: undefined, a: 1 }, { toString: "x", a: 1 }],
];
for (const [what, a, b] of different) {
  test(`${what} makes a difference`, () => assert.deepEqual([equalPlain(a, b), equalPlain(b, a)], [false, false]));
}
