import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../../src/model/nearest.ts";

const kinds = ["Deployment", "Job", "web"];

for (const [typed, meant] of [
  ["Deploymnt", "Deployment"],
  ["Depolyment", "Deployment"],
  ["wbe", "web"],
  ["Jobs", "Job"],
  ["Foo", undefined],
  ["Bob", "Job"],
  ["we", "web"],
  ["Deploy", undefined],
] as const)
  test(`${typed} was most likely meant to be ${meant ?? "none of them"}`, () =>
    assert.equal(nearest(typed, kinds, 3), meant));
