import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import { type ConfigInputs, loadConfig } from "../../src/config/load.ts";
import { envName, flagName, type OptionPath, optionPaths, optionRow, options } from "../../src/config/schema.ts";

const nothing: ConfigInputs = { env: {}, flags: {}, facts: {} };

function inForce(path: OptionPath, inputs: Partial<ConfigInputs>): { value: unknown; from: string } {
  const loaded = loadConfig({ ...nothing, ...inputs });
  if ("problems" in loaded) assert.fail(loaded.problems.map(({ message }) => message).join("\n"));
  return { value: loaded.config[path], from: loaded.origins[path].from };
}

/** What a flag or an environment variable would hold. */
function textOf(sample: unknown): string {
  if (Array.isArray(sample)) return sample.join(",");
  if (typeof sample !== "object" || sample === null) return String(sample);
  return Object.entries(sample)
    .map(([name, word]) => `${name}=${word}`)
    .join(",");
}

for (const path of optionPaths) {
  const { sample } = optionRow(path).type;
  const text = textOf(sample);
  const fileText = stringify(path.split(".").reduceRight((value: unknown, key) => ({ [key]: value }), sample));

  test(`${path} means the same in the file, the environment and the flag`, () => {
    const file = inForce(path, { fileText });
    const environment = inForce(path, { env: { [envName(path)]: text } });
    const flag = inForce(path, { flags: { [path]: text } });

    assert.deepEqual([file.from, environment.from, flag.from], ["file", "environment", "flag"]);
    assert.notEqual(file.value, undefined);
    assert.deepEqual(environment.value, file.value);
    assert.deepEqual(flag.value, file.value);
  });
}

test("every default is valid, and without a default there is no value", () => {
  for (const path of optionPaths) {
    const { value, from } = inForce(path, {});
    assert.equal(from, "default", path);
    assert.equal(value === undefined, optionRow(path).default === undefined, path);
  }
});

test("no two options share an environment variable or a flag", () => {
  const flags = optionPaths.map(flagName).filter((name) => name !== undefined);
  assert.equal(new Set(optionPaths.map(envName)).size, optionPaths.length);
  assert.equal(new Set(flags).size, flags.length);
  assert.deepEqual(flags, ["--kubeconfig", "--context", "--namespace", "--log-level", "--log-format"]);
});

test("environment variables are the path in upper snake case", () => {
  assert.equal(envName("state.namespace"), "REROLL_STATE_NAMESPACE");
  assert.equal(envName("reloadOnCreate"), "REROLL_RELOAD_ON_CREATE");
  assert.equal(envName("annotationKeys.configmapAuto"), "REROLL_ANNOTATION_KEYS_CONFIGMAP_AUTO");
});

test("only annotations that have an effect and a key of Stakater's can be given another key", () => {
  const names = Object.keys(options).filter((path) => path.startsWith("annotationKeys."));
  assert.ok(names.includes("annotationKeys.configmapReload"));
  assert.ok(!names.includes("annotationKeys.restartedAt"));
  assert.ok(!names.includes("annotationKeys.pausePeriod"));
});
