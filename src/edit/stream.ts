import { type Document, isAlias, isCollection, isMap, isScalar, Lexer, parseAllDocuments, visit } from "yaml";
import type { Refusal } from "../model/refusals.ts";
import { refuse } from "./address.ts";

/** Longest text that is parsed, in UTF-16 units. */
const limit = 1024 * 1024;

/** Most parts (names, values, colons, line ends) of a text that is parsed: a tree of them takes about half a kilobyte each. */
const partLimit = 200_000;

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
  if (isTooLarge(text))
    return refuse(
      "TOO_LARGE",
      `the file has more than ${limit} characters, ${partLimit} parts or ${referenceLimit} aliases`,
    );
  try {
    const parsed = parseAllDocuments(text, {
      keepSourceTokens,
      merge: true,
      uniqueKeys: false,
      logLevel: "silent",
    });
    const documents: readonly Document[] = "empty" in parsed ? [] : parsed;
    const error = documents.flatMap((document) => document.errors)[0];
    if (error) return refuse("UNPARSABLE", `line ${error.linePos?.[0].line ?? "?"} is not valid YAML (${error.code})`);
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

function isTooLarge(text: string): boolean {
  if (text.length > limit) return true;
  let [parts, references] = [0, 0];
  for (const part of new Lexer().lex(text)) {
    parts += 1;
    if (part.startsWith("*")) references += 1;
    if (parts > partLimit || references > referenceLimit) return true;
  }
  return false;
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
