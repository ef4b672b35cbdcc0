import assert from "node:assert/strict";
import { test } from "node:test";
import { promptsOf, retold, timeless } from "./played.ts";

test("what differs from run to run is no difference", () => {
  const first = "restarted  Deployment/shop/web  <1s\n  since 2026-11-23 22:49:15 UTC, pod web-55dpbf8dvb-8wwfd, 5 KiB";
  const later =
    "restarted  Deployment/shop/web  1m3s\n  since 2026-11-24 01:02:03 UTC, pod web-b9c7d8f5bd-x2k4z, 12 KiB";
  assert.equal(timeless(first), timeless(later));
});

test("another word, workload or number of restarts is one", () => {
  const told = "1 restarted, 0 pending\n  restarted  Deployment/shop/web  1s";
  for (const other of [told.replace("1 restarted", "2 restarted"), told.replace("web", "api"), `${told}\nmore`])
    assert.notEqual(timeless(told), timeless(other));
});

test("a page is told anew as a whole, or not at all", () => {
  const page = "Text\n```console\n$ one\nold 1s\n$ two\nsame\n```\nmore\n";
  const [one, two] = promptsOf(["$ one", "old 1s", "$ two", "same"]);
  assert.ok(one && two);
  const played = (first: string) => [
    { ...one, printed: first },
    { ...two, printed: "same\n" },
  ];
  assert.equal(retold(page, played("old 9s\n")), page);
  assert.equal(retold(page, played("new 9s\n")), page.replace("old 1s", "new 9s"));
});

test("an id that looks like a duration is an id", () => {
  assert.equal(timeless("made with key 1234567d"), timeless("made with key dd398c78"));
  assert.notEqual(timeless("made with key 1234567d"), timeless("made with key"));
});
