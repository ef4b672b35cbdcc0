import assert from "node:assert/strict";
import { test } from "node:test";
import { type ExitCode, exitTable, worstExit } from "../../src/model/exit.ts";

const rows: readonly (readonly [readonly ExitCode[], ExitCode])[] = [
  [[], 0],
  [[0], 0],
  [[0, 1], 1],
  [[0, 6], 6],
  [[6, 1, 75], 75],
  [[1, 75], 75],
  [[75, 3, 1], 3],
  [[3, 5, 75], 5],
  [[5, 2, 3, 75, 1, 0], 2],
  [[2, 143], 143],
  [[130, 5], 130],
];

for (const [codes, worst] of rows) {
  test(`of exit codes ${codes.join(", ") || "none"} it is ${worst}`, () => {
    assert.equal(worstExit(codes), worst);
    assert.equal(worstExit([...codes].reverse()), worst);
  });
}

test("every exit code has one meaning", () => {
  assert.equal(new Set(exitTable.map(({ code }) => code)).size, exitTable.length);
  assert.deepEqual(
    exitTable.map(({ code }) => code).sort((a, b) => a - b),
    [0, 1, 2, 3, 5, 6, 75, 130, 143],
  );
});
