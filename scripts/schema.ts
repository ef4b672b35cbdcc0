import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as z from "zod/mini";
import { optionPaths, optionRow } from "../src/config/schema.ts";
import { fillRegions } from "./markdown.ts";

type JsonSchema = Record<string, unknown>;

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);

/** Where the published JSON Schema lives, and the pages that hold generated tables. */
export const schemaFile = at("schema/config.schema.json");
export const pages = ["README.md", "docs/configuration.md", "docs/annotations.md", "docs/rights.md", "docs/git-mode.md"]
  .map(at)
  .filter((page) => existsSync(page));

/** The JSON Schema (draft 2020-12) of the configuration file, from the option table. */
export function configJsonSchema(): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const path of optionPaths) {
    const { type, default: initial, doc } = optionRow(path);
    const { $schema: _, ...shape } = z.toJSONSchema(type.schema, { io: "input" });
    const leaf = { description: doc, ...shape, ...(initial === undefined ? {} : { default: initial }) };
    const [group, name] = path.split(".");
    if (group === undefined || name === undefined) properties[path] = leaf;
    else {
      properties[group] ??= { type: ["object", "null"], properties: {}, additionalProperties: false };
      Object.assign(properties[group].properties as JsonSchema, { [name]: leaf });
    }
  }
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Configuration of reroll",
    type: ["object", "null"],
    properties,
    additionalProperties: false,
  };
}

/** The published text of the schema. */
export function schemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}

if (import.meta.main) {
  mkdirSync(at("schema"), { recursive: true });
  writeFileSync(schemaFile, schemaText());
  for (const page of pages) writeFileSync(page, fillRegions(readFileSync(page, "utf8")));
}
