import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readSelector } from "../../src/config/selector.ts";
import { formatDuration, parseDuration } from "../../src/model/duration.ts";

const durations: readonly (readonly [string, number])[] = [
  ["90s", 90_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["250ms", 250],
  ["1m0.5s", 60_500],
  ["", Number.NaN],
  ["5", Number.NaN],
  ["5 m", Number.NaN],
  ["-5m", Number.NaN],
  ["1d", Number.NaN],
  [".5h", Number.NaN],
];

for (const [text, ms] of durations) {
  test(`duration ${JSON.stringify(text)} is ${ms} ms`, () => assert.equal(parseDuration(text), ms));
}

test("a formatted duration is read back", () => {
  fc.assert(fc.property(fc.nat(), (ms) => ms === 0 || parseDuration(formatDuration(ms)) === ms));
  assert.equal(formatDuration(0), "0s");
});

const selectors: readonly (readonly [string, string])[] = [
  ["", ""],
  ["app=web", "app=web"],
  ["app==web, tier!=db", "app==web,tier!=db"],
  ["app in (web, api),!legacy", "app in (web, api),!legacy"],
  ["example.com/app notin (a)", "example.com/app notin (a)"],
  ["app in (,)", "app in (,)"],
  ["app", "app"],
  ["app=", "app="],
  ["size>3", "size>3"],
  ["team:web", "team=web"],
  ["team:*", "team"],
  ["team=*", "team"],
  ["example.com/team:web,old=*", "example.com/team=web,old"],
];

for (const [text, query] of selectors) {
  test(`selector ${JSON.stringify(text)} asks for ${JSON.stringify(query)}`, () =>
    assert.deepEqual(readSelector(text), { query }));
}

for (const text of [
  "=web",
  "app=a b",
  "app in web",
  "app in (a",
  "a,,b",
  "app=web,",
  "-app",
  "app=/x",
  "a/b/c",
  "a:b:c",
]) {
  test(`selector ${JSON.stringify(text)} cannot be read`, () => assert.ok("unreadable" in readSelector(text)));
}

test("a selector made to be hard to read is refused at once", () => {
  assert.ok("unreadable" in readSelector(`app in (${"a ,".repeat(50_000)}`));
  assert.ok("unreadable" in readSelector(`app in (${" ,".repeat(2000)}x y)`));
});
