import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";

const folder = new URL("../../fixtures/config/", import.meta.url);

for (const file of readdirSync(folder)) {
  test(`configuration file: ${file.replace(".yaml", "").replaceAll("-", " ")}`, () => {
    const fileText = readFileSync(new URL(file, folder), "utf8");
    const expected = [...fileText.matchAll(/^ *#! (.*)$/gm)].map(([, line]) => line);
    assert.equal(expected.length === 0, file.startsWith("valid-"), "only a file called valid- has no problem");

    const loaded = loadConfig({ fileText, filePath: "f", env: {}, flags: {}, facts: {} });

    const found =
      "problems" in loaded ? loaded.problems.map(({ path, message }) => `${path.slice(2)}: ${message}`) : [];
    assert.deepEqual(found, expected);
  });
}
