import type { Json } from "../model/object.ts";
import { parseFlow, parseScalar, Uncertain } from "./plain-scalar.ts";

interface Line {
  readonly number: number;
  readonly indent: number;
  readonly content: string;
}

interface Anchored {
  readonly value: Json;
  readonly nodes: number;
}

/** A document in the form most are written in, and how many nodes it has, aliases resolved. */
export interface PlainDocument {
  readonly value: Json;
  readonly nodes: number;
}

/** Characters that mean something this reader does not know, or that YAML does not allow. */
const foreign = /[^\t\n -~\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** What begins a document, and comments above it. */
const head = /^(?:[ \t]*(?:#.*)?\n)*---(?:[ \t]+#.*|[ \t]*)(?:\n|$)/;

const keyed = /^([A-Za-z_][\w./-]*|"[^"\\\n]*"|'[^'\n]*'):(?: +(.*))?$/;
const anchor = /^&([\w-]+)(?: +(.*))?$/;
const alias = /^\*([\w-]+)(?: +#.*)?$/;
const deepest = 60;

/**
 * Reads one document that is written as nearly all of them are: maps and lists as blocks, values on one line or below `|`. Hands back `undefined` for
 * everything else, and wherever it is not certain that the YAML parser says the same: that one is asked then, which takes twenty times as long.
 */
export function plainDocument(text: string, most: number): PlainDocument | undefined {
  if (foreign.test(text)) return undefined;
  try {
    const marked = head.exec(text)?.[0] ?? "";
    return new Reading(text.slice(marked.length), most).document(marked !== "");
  } catch (error) {
    if (error instanceof Uncertain) return undefined;
    throw error;
  }
}

class Reading {
  readonly #lines: readonly string[];
  readonly #most: number;
  readonly #anchors = new Map<string, Anchored>();
  #at = 0;
  /** What is left of a line after its dash. */
  #rest: Line | undefined;
  #nodes = 0;

  constructor(text: string, most: number) {
    this.#lines = text.split("\n");
    this.#most = most;
  }

  /** `marked`: a marker begins it, so that it is one even where nothing is in it. */
  document(marked: boolean): PlainDocument {
    const first = this.#peek();
    if (!first && marked) return { value: null, nodes: 1 };
    if (first?.indent !== 0) throw new Uncertain();
    const value = this.#block(0, 0);
    if (this.#peek()) throw new Uncertain();
    return { value, nodes: this.#nodes };
  }

  /** The next line that holds something; nothing is taken. */
  #peek(): Line | undefined {
    if (this.#rest) return this.#rest;
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] ?? "";
      const indent = indentOf(line);
      if (indent === line.length || line[indent] === "#") continue;
      if (line.includes("\t")) throw new Uncertain();
      return { number: this.#at, indent, content: line.slice(indent).trimEnd() };
    }
    return undefined;
  }

  #take(): void {
    this.#rest = undefined;
    this.#at += 1;
  }

  #count(nodes: number): void {
    this.#nodes += nodes;
    if (this.#nodes > this.#most) throw new Uncertain();
  }

  #block(indent: number, depth: number): Json {
    if (depth > deepest) throw new Uncertain();
    this.#count(1);
    const dash = isItem(this.#peek()?.content ?? "");
    return dash ? this.#list(indent, depth) : this.#map(indent, depth);
  }

  #map(indent: number, depth: number): Json {
    const map: Record<string, Json> = {};
    for (let line = this.#peek(); line && line.indent >= indent; line = this.#peek()) {
      if (line.indent === indent && isItem(line.content)) break;
      const [, written = "", rest = ""] = keyed.exec(line.content) ?? [];
      const key = keyOf(written);
      if (line.indent > indent || Object.hasOwn(map, key)) throw new Uncertain();
      this.#take();
      this.#count(0);
      map[key] = this.#value(rest, indent, depth, true);
    }
    return map;
  }

  #list(indent: number, depth: number): Json {
    const list: Json[] = [];
    for (let line = this.#peek(); line && line.indent >= indent; line = this.#peek()) {
      if (line.indent > indent) throw new Uncertain();
      if (!isItem(line.content)) break;
      const rest = line.content.slice(1).trimStart();
      if (keyed.test(rest) || isItem(rest)) {
        const inner = indent + line.content.length - rest.length;
        this.#rest = { ...line, indent: inner, content: rest };
        list.push(this.#block(inner, depth + 1));
        continue;
      }
      this.#take();
      list.push(this.#value(rest, indent, depth, false));
    }
    return list;
  }

  /** What stands after a colon or a dash, or below it. */
  #value(text: string, indent: number, depth: number, inMap: boolean): Json {
    const [, name, rest = ""] = anchor.exec(text) ?? [];
    if (name === undefined) return this.#unanchored(text, indent, depth, inMap);
    if (keyed.test(rest) || rest.startsWith("&") || rest.startsWith("*")) throw new Uncertain();
    const before = this.#nodes;
    const value = this.#unanchored(rest, indent, depth, inMap);
    this.#anchors.set(name, { value, nodes: this.#nodes - before });
    return value;
  }

  #unanchored(text: string, indent: number, depth: number, inMap: boolean): Json {
    if (text === "" || text.startsWith("#")) return this.#below(indent, depth, inMap);
    const [, name] = alias.exec(text) ?? [];
    if (name !== undefined) {
      const known = this.#anchors.get(name);
      if (!known) throw new Uncertain();
      this.#count(known.nodes + 1);
      return known.value;
    }
    this.#count(1);
    if (text === "|" || text === "|-") return this.#literal(indent, text === "|");
    if (text.startsWith("[") || text.startsWith("{")) {
      const { value, nodes } = parseFlow(text);
      this.#count(nodes);
      return value;
    }
    return parseScalar(text);
  }

  #below(indent: number, depth: number, inMap: boolean): Json {
    const line = this.#peek();
    const inside = line && (line.indent > indent || (inMap && line.indent === indent && isItem(line.content)));
    if (inside) return this.#block(line.indent, depth + 1);
    this.#count(1);
    return null;
  }

  #literal(indent: number, ended: boolean): string {
    const from = this.#at;
    const first = this.#lines.slice(from, from + 1)[0] ?? "";
    const margin = indentOf(first);
    if (margin <= indent || margin === first.length) throw new Uncertain();
    const kept: string[] = [];
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] ?? "";
      const own = indentOf(line);
      const blank = own === line.length;
      if (blank && own > margin) throw new Uncertain();
      if (!blank && own < margin) {
        if (own > indent || line[own] === "\t") throw new Uncertain();
        break;
      }
      kept.push(line.slice(margin));
    }
    // What a text without a line end at its end holds there is told otherwise by every parser.
    if (this.#at >= this.#lines.length && this.#lines.at(-1) !== "") throw new Uncertain();
    while (kept.at(-1) === "") kept.pop();
    return kept.join("\n") + (ended ? "\n" : "");
  }
}

function indentOf(line: string): number {
  let at = 0;
  while (line[at] === " ") at += 1;
  return at;
}

const isItem = (content: string): boolean => content === "-" || content.startsWith("- ");

function keyOf(written: string): string {
  const quoted = /^["']/.test(written);
  if (written === "" || /^(?:null|true|false)$/i.test(written)) throw new Uncertain();
  const key = quoted ? written.slice(1, -1) : written;
  if (key === "__proto__" || (quoted && key === "<<")) throw new Uncertain();
  return key;
}
