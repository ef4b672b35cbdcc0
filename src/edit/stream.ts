import { type Document, isAlias, isCollection, isMap, isScalar, parseAllDocuments, visit } from "yaml";
import type { Refusal } from "../model/refusals.ts";
import { refuse } from "./address.ts";

/** Longest text that is parsed, in UTF-16 units. */
const limit = 2 * 1024 * 1024;

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

/** Parses every document of a file. Refuses what is too large, what has errors, a key twice in one map, and aliases that multiply. */
export function readStream(text: string): Stream | Refusal {
  if (text.length > limit) return refuse("TOO_LARGE", `the file is longer than ${limit} characters`);
  try {
    const parsed = parseAllDocuments(text, {
      keepSourceTokens: true,
      merge: true,
      uniqueKeys: false,
      logLevel: "silent",
    });
    const documents: readonly Document[] = "empty" in parsed ? [] : parsed;
    const error = documents.flatMap((document) => document.errors)[0];
    if (error) return refuse("UNPARSABLE", `line ${error.linePos?.[0].line ?? "?"} is not valid YAML (${error.code})`);
    const inspected = documents.map(inspect);
    const twice = inspected.find(({ duplicate }) => duplicate !== undefined)?.duplicate;
    if (twice) return refuse("UNPARSABLE", `line ${lineOf(text, twice.at)} has the key ${twice.key} a second time`);
    const values = documents.map((document) => document.toJS({ maxAliasCount: aliasLimit }) as unknown);
    return { text, documents, values, shared: inspected.map(({ shared }) => shared) };
  } catch (error) {
    // The parser gives up by throwing where nesting is too deep for the stack, and where aliases multiply.
    const why = error instanceof RangeError ? "it is nested too deeply" : "its aliases cannot be resolved";
    return refuse("UNPARSABLE", `the file is not read: ${why}`);
  }
}

/** Number of the line that an offset is in, from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

interface Inspected {
  readonly shared: ReadonlySet<string>;
  readonly duplicate: { readonly key: string; readonly at: number } | undefined;
}

/** The parser's own check for duplicate keys compares every key with every other one, which a large map makes slow. */
function inspect(document: Document): Inspected {
  const shared = new Set<string>();
  let duplicate: Inspected["duplicate"];
  visit(document, {
    Alias: (_, alias) => {
      shared.add(alias.source);
    },
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key) || typeof key.value === "symbol") continue;
        const name = String(key.value);
        if (seen.has(name)) duplicate ??= { key: name, at: key.range?.[0] ?? 0 };
        seen.add(name);
      }
    },
  });
  return { shared, duplicate };
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
