import { type Document, isAlias, isCollection, isMap, isScalar, Lexer, parseAllDocuments, visit } from "yaml";
import type { Refusal } from "../model/refusals.ts";
import { excess, yamlLimits } from "../model/yaml-text.ts";
import { refuse } from "./address.ts";

/** Most aliases of a text that is parsed: for each of them the parser goes through the whole document. */
const referenceLimit = 500;

/** How often aliases may repeat what they stand for: more is a bomb. */
const aliasLimit = 200;

/** A file that was read with certainty: no errors, no key twice. */
export interface Stream {
  readonly text: string;
  readonly documents: readonly Document[];
  /** What each document says, aliases and merge keys resolved. */
  readonly values: readonly unknown[];
  /** Anchors that an alias of the same document refers to. */
  readonly shared: readonly ReadonlySet<string>[];
}

/**
 * Parses every document of a file. Refuses what is too large, what has errors, a key twice in one map, and aliases that multiply.
 * `keepSourceTokens`: the nodes are to be edited, not only compared.
 */
export function readStream(text: string, keepSourceTokens = true): Stream | Refusal {
  const problem = tooLarge(text);
  if (problem) return refuse("TOO_LARGE", `the file ${problem}`);
  try {
    const parsed = parseAllDocuments(text, {
      keepSourceTokens,
      merge: true,
      uniqueKeys: false,
      logLevel: "silent",
      prettyErrors: false,
    });
    const documents: readonly Document[] = "empty" in parsed ? [] : parsed;
    const error = documents.flatMap((document) => document.errors)[0];
    if (error) return refuse("UNPARSABLE", `line ${lineOf(text, error.pos[0])} is not valid YAML (${error.code})`);
    const inspected = documents.map(inspect);
    const wrong = inspected.find(({ wrongKey }) => wrongKey !== undefined)?.wrongKey;
    if (wrong) return refuse("UNPARSABLE", `line ${lineOf(text, wrong.at)} ${wrong.why}`);
    const values = documents.map((document) => document.toJS({ maxAliasCount: aliasLimit }) as unknown);
    return { text, documents, values, shared: inspected.map(({ shared }) => shared) };
  } catch (error) {
    // The parser gives up by throwing where nesting is too deep for the stack, and where aliases multiply.
    const why = error instanceof RangeError ? "it is nested too deeply" : "its aliases cannot be resolved";
    return refuse("UNPARSABLE", `the file is not read: ${why}`);
  }
}

function tooLarge(text: string): string | undefined {
  if (text.length > yamlLimits.fileBytes) return `is larger than the ${yamlLimits.fileBytes} bytes that reroll parses`;
  const problem = excess(text);
  if (problem) return problem;
  const stars = text.split("*").length - 1;
  return stars > referenceLimit && aliasesOf(text) > referenceLimit
    ? `has more than ${referenceLimit} aliases`
    : undefined;
}

function aliasesOf(text: string): number {
  let count = 0;
  for (const part of new Lexer().lex(text)) if (part.startsWith("*")) count += 1;
  return count;
}

/** Number of the line that an offset is in, from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

interface Inspected {
  readonly shared: ReadonlySet<string>;
  readonly wrongKey: { readonly why: string; readonly at: number } | undefined;
}

/**
 * The parser's own check for duplicate keys compares every key with every other one, which a large map makes slow. A key that is a map or a list
 * is what templates look like (`{{ .Values.x }}`): no object of Kubernetes has one.
 */
function inspect(document: Document): Inspected {
  const shared = new Set<string>();
  let wrongKey: Inspected["wrongKey"];
  visit(document, {
    Alias: (_, alias) => {
      shared.add(alias.source);
    },
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (isCollection(key)) wrongKey ??= { why: "has braces in place of a key", at: key.range?.[0] ?? 0 };
        if (!isScalar(key) || typeof key.value === "symbol") continue;
        const name = String(key.value);
        if (seen.has(name)) wrongKey ??= { why: `has the key ${name} a second time`, at: key.range?.[0] ?? 0 };
        seen.add(name);
      }
    },
  });
  return { shared, wrongKey };
}

/** Whether a node is an alias, or carries an anchor that an alias refers to: a change of it would be seen elsewhere. */
export function isShared(node: unknown, shared: ReadonlySet<string>): boolean {
  if (isAlias(node)) return true;
  if (!isCollection(node) && !isScalar(node)) return false;
  return node.anchor !== undefined && shared.has(node.anchor);
}

/** Whether a map takes keys from elsewhere. */
export function hasMerge(node: unknown): boolean {
  return isMap(node) && node.items.some(({ key }) => isScalar(key) && typeof key.value === "symbol");
}
