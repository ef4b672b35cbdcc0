import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fillRegions } from "../../scripts/markdown.ts";
import { configJsonSchema, pages, schemaFile, schemaText } from "../../scripts/schema.ts";
import { envName, optionPaths } from "../../src/config/schema.ts";
import { exitTable } from "../../src/model/exit.ts";

test("the published JSON Schema is the one of the option table (npm run schema)", () => {
  assert.equal(readFileSync(schemaFile, "utf8"), schemaText());
});

for (const page of pages) {
  test(`the generated tables of ${page.pathname.split("/").at(-1)} are up to date (npm run schema)`, () => {
    const text = readFileSync(page, "utf8");
    assert.equal(text, fillRegions(text));
  });
}

test("docs/configuration.md lists every option, every variable and every exit code", () => {
  const text = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
  for (const path of optionPaths) assert.ok(text.includes(`| \`${path}\` | \`${envName(path)}\``), path);
  for (const { code, meaning } of exitTable) assert.ok(text.includes(`| ${code} | ${meaning} |`), meaning);
});

test("the schema knows every option with its description and refuses any other", () => {
  const schema = configJsonSchema();
  const descend = (node: unknown, name: string): unknown =>
    (node as { properties?: Record<string, unknown> } | undefined)?.properties?.[name];
  assert.equal(schema.additionalProperties, false);
  for (const path of optionPaths) {
    const leaf = path.split(".").reduce<unknown>(descend, schema);
    assert.ok((leaf as { description?: string }).description, path);
  }
});

test("a region is filled between its marks and nowhere else", () => {
  const page =
    "a\n<!-- exit-codes:begin -->\nstale\n<!-- exit-codes:end -->\nb <!-- other:begin -->\nkept\n<!-- other:end -->\n";
  const filled = fillRegions(page);
  assert.ok(filled.startsWith("a\n<!-- exit-codes:begin -->\n| Code | Meaning |"));
  assert.ok(filled.includes("kept") && !filled.includes("stale"));
  assert.equal(fillRegions(filled), filled);
});
