import type { Json } from "../model/object.ts";
import { documentsOf, excess, partsOf } from "../model/yaml-text.ts";
import type { Limits } from "./limits.ts";
import { parsedYaml, type UnreadFile } from "./parsed-yaml.ts";
import { plainDocument } from "./plain-yaml.ts";

/** One document of a file. */
export interface ParsedDocument {
  /** Its place among the documents of the file, empty ones counted. */
  readonly index: number;
  /** `null`: it is empty. */
  readonly value: Json;
}

/** The documents of a file, or why it cannot be read with certainty. The values are shared: nobody may change them. */
export type ParsedFile = { readonly documents: readonly ParsedDocument[] } | UnreadFile;

/**
 * Reads YAML or JSON as Kubernetes' own tools do (go-yaml v3 by way of kyaml): YAML 1.2 with merge keys and octal integers. A file with an error,
 * a key that is there twice, or aliases that multiply beyond the limit cannot be read with certainty. `parsing` is told of the parts of what
 * takes a parser, before it does.
 */
export function parseYaml(
  text: string,
  { nodes }: Pick<Limits, "nodes">,
  parsing: (parts: number) => void = () => {},
): ParsedFile {
  const problem = excess(text);
  if (problem) return { code: "TOO_LARGE", problem: `it ${problem}` };
  const texts = documentsOf(text);
  const documents: ParsedDocument[] = [];
  let left = nodes;
  for (const each of texts ?? [text]) {
    const plain = texts && plainDocument(each, left);
    if (plain) {
      documents.push({ index: documents.length, value: plain.value });
      left -= plain.nodes;
      continue;
    }
    parsing(partsOf(each).parts);
    const parsed = parsedYaml(each, left, documents.length);
    if ("problem" in parsed) return parsed;
    // A text that parsers take for another number of documents is none that can be taken apart.
    if (texts && texts.length > 1 && parsed.values.length !== 1)
      return { code: "UNPARSABLE", problem: "its documents cannot be told apart" };
    for (const value of parsed.values) documents.push({ index: documents.length, value });
    left = parsed.left;
  }
  return { documents };
}
