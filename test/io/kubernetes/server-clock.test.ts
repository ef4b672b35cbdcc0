import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createServerClock } from "../../../src/io/kubernetes/server-clock.ts";

function start(t: TestContext) {
  let time = 500;
  t.mock.method(performance, "now", () => time);
  const pass = (ms: number) => {
    time += ms;
  };
  return { clock: createServerClock(), pass };
}

test("before the first answer the server's clock is not known", (t) => {
  const { clock } = start(t);
  clock.read(undefined);
  assert.deepEqual([clock.newest(), clock.now()], [undefined, undefined]);
});

test("the server's clock goes on between answers and never back with one", (t) => {
  const { clock, pass } = start(t);
  clock.read(10_000);
  pass(900);
  clock.read(10_000);
  assert.deepEqual([clock.newest(), clock.now()], [10_000, 10_900]);
  pass(200);
  clock.read(12_000);
  assert.deepEqual([clock.newest(), clock.now()], [12_000, 12_000]);
});

test("a server's clock that was set back is followed", (t) => {
  const { clock, pass } = start(t);
  clock.read(100_000);
  pass(1_000);
  clock.read(40_000);
  pass(10);
  assert.equal(clock.now(), 40_010);
});
