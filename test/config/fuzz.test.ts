import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { type ConfigInputs, loadConfig } from "../../src/config/load.ts";
import { envName, optionPaths, optionRow } from "../../src/config/schema.ts";
import { runs } from "../support/effort.ts";
import { seeded } from "../support/interleave.ts";
import { mutated } from "../support/mutate.ts";

const pieces = [
  "state",
  "log",
  "timeouts",
  ...optionPaths,
  "{",
  "}",
  "[",
  "]",
  ":",
  "- ",
  "\n",
  "  ",
  "&a",
  "*a",
  "!!",
  "---",
  "|",
  "#",
  "'",
  '"',
  "<<",
  "?",
  "\t",
  "\0",
  "%YAML 1.1",
];
const yamlish = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string())).map((parts) => parts.join(" "));
const path = fc.constantFrom(...optionPaths);
const document = fc
  .array(
    fc.tuple(
      fc.oneof(path, fc.string()),
      fc.oneof(
        fc.jsonValue(),
        path.map((name) => optionRow(name).type.sample),
      ),
    ),
  )
  .map((pairs) => {
    const root: Record<string, unknown> = {};
    for (const [name, value] of pairs) {
      const [group = "", leaf] = name.split(".");
      const inner = root[group];
      if (leaf === undefined) root[group] = value;
      else root[group] = { ...(typeof inner === "object" ? inner : {}), [leaf]: value };
    }
    return stringify(root);
  });
const env = fc.dictionary(
  fc.oneof(
    path.map(envName),
    fc.string().map((name) => `REROLL_${name}`),
  ),
  fc.string(),
);
const flags = fc.dictionary(path, fc.string());

const inputs: fc.Arbitrary<ConfigInputs> = fc.record({
  fileText: fc.oneof(fc.string({ unit: "binary" }), yamlish, document),
  filePath: fc.constant("f"),
  env,
  flags,
  facts: fc.record(
    { inPodNamespace: fc.constantFrom("web", "Not Valid"), isTerminal: fc.boolean() },
    { requiredKeys: [] },
  ),
});

test("whatever users write, loading never throws and says what is wrong or what is in force", () => {
  fc.assert(
    fc.property(inputs, (given) => {
      const loaded = loadConfig(given);
      if ("problems" in loaded) {
        assert.ok(loaded.problems.length > 0);
        for (const { code, path: where, message } of loaded.problems) assert.ok(code && where && message);
      } else for (const each of optionPaths) assert.ok(loaded.origins[each].where);
    }),
    { numRuns: runs(600) },
  );
});

/** A configuration with a proper value for every option. */
const whole: Record<string, unknown> = {};
for (const name of optionPaths) {
  const [group = "", leaf] = name.split(".");
  const { sample } = optionRow(name).type;
  if (leaf === undefined) whole[group] = sample;
  else whole[group] = { ...(whole[group] as object | undefined), [leaf]: sample };
}

test("a whole configuration with anything wrong in it is read or refused with reasons, at once", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), (seed, times) => {
      const document = mutated(whole, seeded(seed), times);
      const started = process.cpuUsage();
      const loaded = loadConfig({ fileText: JSON.stringify(document), filePath: "f", env: {}, flags: {}, facts: {} });
      const { user, system } = process.cpuUsage(started);
      assert.ok(user + system < 1e6, `took ${user + system} microseconds of CPU`);
      if (!("problems" in loaded)) return;
      for (const { code, path: where, message } of loaded.problems)
        assert.ok(code && where && message.length < 2_000, message);
    }),
    { numRuns: runs(200) },
  );
});

test("loading is a function of its inputs", () => {
  fc.assert(
    fc.property(inputs, (given) => assert.deepEqual(loadConfig(given), loadConfig(structuredClone(given)))),
    {
      numRuns: runs(100),
    },
  );
});
