import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments, type Scalar } from "yaml";
import type { Json } from "../model/object.ts";

/** Why a file is not read, as the end of a sentence. */
export interface UnreadFile {
  readonly code: "UNPARSABLE" | "TOO_LARGE";
  readonly problem: string;
}

const unparsable = (problem: string): UnreadFile => ({ code: "UNPARSABLE", problem });

/**
 * Integers as the YAML of Kubernetes has them (go-yaml v3, `resolve.go`) where YAML 1.2 has them otherwise: a leading zero is octal, and digits may
 * be parted by underscores.
 */
const goInteger = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?(?:0[0-7_]+|[1-9][0-9]*_[0-9_]*)$/,
  resolve: (text: string): number => {
    const digits = text.replaceAll("_", "");
    return /^[-+]?0/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  },
} as const;

class Unreadable extends Error {}

class Reading {
  #left: number;
  readonly #anchors = new Map<string, Node>();

  /** Where a block scalar ends that has no line end after it. */
  readonly #unended: number;

  constructor(text: string, nodes: number) {
    this.#unended = /[\r\n]$/.test(text) ? -1 : text.length;
    this.#left = nodes;
  }

  get left(): number {
    return this.#left;
  }

  json(node: unknown): Json {
    if (--this.#left < 0) throw new Unreadable("it has more values than reroll reads, or aliases that multiply them");
    if (isAlias(node)) return this.json(this.#target(node));
    if (isScalar(node)) {
      if (node.anchor) this.#anchors.set(node.anchor, node);
      return this.#scalar(node);
    }
    if (isSeq(node)) {
      const list = node.items.map((item) => this.json(item));
      if (node.anchor) this.#anchors.set(node.anchor, node);
      return list;
    }
    if (isMap(node)) {
      const map = this.#map(node.items);
      if (node.anchor) this.#anchors.set(node.anchor, node);
      return map;
    }
    return null;
  }

  /** go-yaml gives a block scalar no more line ends than the text has; `yaml` ends it by one. */
  #scalar({ value, type, range }: Scalar): Json {
    const block = type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED";
    return block && range?.[1] === this.#unended ? String(value).replace(/\n$/, "") : scalar(value);
  }

  #map(pairs: readonly { key: unknown; value: unknown }[]): Json {
    const own: Record<string, Json> = {};
    const merged: Record<string, Json> = {};
    for (const { key, value } of pairs) {
      const name = isAlias(key) ? this.json(key) : isScalar(key) ? scalar(key.value) : undefined;
      if (name === undefined || (typeof name === "object" && name !== null)) throw new Unreadable("a key is no text");
      if (isScalar(key) && key.anchor) this.#anchors.set(key.anchor, key);
      if (name === "<<" && isScalar(key) && key.type === "PLAIN") {
        this.#merge(merged, this.json(value));
        continue;
      }
      const text = String(name);
      if (text === "__proto__") throw new Unreadable("it has a key named __proto__");
      if (Object.hasOwn(own, text)) throw new Unreadable(`the key ${JSON.stringify(text)} is there twice`);
      own[text] = this.json(value);
    }
    return { ...merged, ...own };
  }

  /** https://yaml.org/type/merge.html: the first map that has a key wins. */
  #merge(into: Record<string, Json>, value: Json): void {
    for (const map of Array.isArray(value) ? value : [value]) {
      if (typeof map !== "object" || map === null || Array.isArray(map))
        throw new Unreadable("<< merges what is no map");
      for (const [name, each] of Object.entries(map)) if (!Object.hasOwn(into, name)) into[name] = each;
    }
  }

  #target(alias: Alias): Node {
    // Aliases of what is being read, and of what comes later, are not known yet: so no value can hold itself.
    const node = this.#anchors.get(alias.source);
    if (!node) throw new Unreadable(`the alias *${alias.source} has no anchor before it`);
    return node;
  }
}

function scalar(value: unknown): Json {
  if (value === undefined) return null;
  if (typeof value === "bigint") return Number(value);
  return value as Json;
}

/** The values of a text's documents, and how many nodes may still be read; or why it cannot be read with certainty. */
type Parsed = { readonly values: readonly Json[]; readonly left: number } | UnreadFile;

/**
 * Reads the documents of a text by the YAML parser, as go-yaml v3 resolves them. `nodes`: how many there may be, aliases resolved. `before`: documents that stand above it, for
 * people.
 */
export function parsedYaml(text: string, nodes: number, before: number): Parsed {
  try {
    const parsed = parseAllDocuments(text, {
      uniqueKeys: false,
      logLevel: "silent",
      prettyErrors: false,
      keepSourceTokens: false,
      customTags: (tags) => [goInteger, ...tags],
    });
    const values: Json[] = [];
    let left = nodes;
    for (const document of Array.isArray(parsed) ? parsed : []) {
      const [error] = document.errors;
      if (error) return unparsable(`document ${before + values.length + 1}: ${error.message}`);
      const reading = new Reading(text, left);
      values.push(reading.json(document.contents));
      left = reading.left;
    }
    return { values, left };
  } catch (error) {
    if (error instanceof Unreadable) return unparsable(error.message);
    // A stack that ran out of room: nested deeper than anything that was written by hand.
    if (error instanceof RangeError) return unparsable("it is nested too deeply");
    throw error;
  }
}
