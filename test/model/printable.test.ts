import assert from "node:assert/strict";
import { test } from "node:test";
import { renderFailure } from "../../src/cli.ts";
import { printable, quote } from "../../src/model/printable.ts";

test("nothing from outside can move the cursor, colour the terminal or turn text round", () => {
  assert.equal(printable("a\u001b[31mb\u202ec\r\nd\te"), "a[31mbc d e");
});

test("a failure keeps its lines and loses what a terminal would obey", () => {
  const { stderr } = renderFailure(
    { code: "usage", message: "no \u001b[2Jnamespace\n  kubectl create namespace x" },
    2,
    "text",
  );
  assert.equal(stderr, "reroll: no [2Jnamespace\n  kubectl create namespace x\n");
});

test("what somebody wrote is quoted, and cut where it goes on and on", () => {
  assert.equal(quote('a"b'), '"a\\"b"');
  assert.equal(quote("x".repeat(300_000)), `"${"x".repeat(80)}…"`);
  assert.equal(quote(undefined), "undefined");
});
