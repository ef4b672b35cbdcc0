import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";

const root = new URL("../../fixtures/", import.meta.url);

/** One YAML file of a fixture folder; its name, without the ending, is the claim it makes. */
export interface Fixture<Content> {
  readonly claim: string;
  readonly content: Content;
}

/** Every YAML file of a folder of fixtures, sorted by name. An empty folder is an error: its test would prove nothing. */
export function fixtures<Content>(folder: string): Fixture<Content>[] {
  const files = readdirSync(new URL(`${folder}/`, root)).filter((file) => file.endsWith(".yaml"));
  if (files.length === 0) throw new Error(`no fixtures in ${folder}`);
  return files.sort().map((file) => ({
    claim: file.slice(0, -".yaml".length).replaceAll("-", " "),
    content: parse(readFileSync(new URL(`${folder}/${file}`, root), "utf8")) as Content,
  }));
}
