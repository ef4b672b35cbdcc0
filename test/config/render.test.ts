import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";
import { renderConfigJson, renderConfigText, renderProblemsText } from "../../src/config/render.ts";
import { optionPaths } from "../../src/config/schema.ts";

const loaded = loadConfig({
  fileText: "timeouts: { run: 90m }\nignoreNamespaces: [b, a]\n",
  filePath: "reroll.yaml",
  env: { REROLL_CONCURRENCY: "3" },
  flags: { context: "production" },
  facts: { inPodNamespace: "ops" },
});
assert.ok("config" in loaded);

test("reroll config shows option, value and origin in aligned columns", () => {
  const lines = renderConfigText(loaded).trimEnd().split("\n");
  const columns = (start: string): string[] => lines.find((line) => line.startsWith(`${start} `))?.split(/ {2,}/) ?? [];
  assert.deepEqual(columns("timeouts.run"), ["timeouts.run", "1h30m", "reroll.yaml:1"]);
  assert.deepEqual(columns("ignoreNamespaces"), ["ignoreNamespaces", "a,b", "reroll.yaml:2"]);
  assert.deepEqual(columns("concurrency"), ["concurrency", "3", "REROLL_CONCURRENCY"]);
  assert.deepEqual(columns("context"), ["context", "production", "--context"]);
  assert.deepEqual(columns("state.namespace"), ["state.namespace", "ops", "in a pod: its own namespace"]);
  assert.deepEqual(columns("timeouts.rollout"), ["timeouts.rollout", "- (by kind and size)", "default"]);
  const from = lines[0]?.indexOf("FROM") ?? 0;
  assert.ok(lines.every((line) => line[from - 1] === " " && line[from] !== " "));
});

test("reroll config -o json has every option", () => {
  const { options } = JSON.parse(renderConfigJson(loaded));
  assert.deepEqual(Object.keys(options), optionPaths);
  assert.deepEqual(options["timeouts.run"], { value: "1h30m", from: "file", where: "reroll.yaml:1" });
  assert.deepEqual(options["timeouts.rollout"], { value: null, from: "default", where: "default" });
});

test("problems are lines of where and what", () => {
  const wrong = loadConfig({ fileText: "\nnope: 1", filePath: "reroll.yaml", env: {}, flags: {}, facts: {} });
  assert.ok("problems" in wrong);
  assert.equal(renderProblemsText(wrong.problems), "reroll.yaml:2: nope is no option\n");
});
