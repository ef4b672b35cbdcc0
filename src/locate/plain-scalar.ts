import type { Json } from "../model/object.ts";

/** A text is written in a form that is left to the YAML parser. */
export class Uncertain extends Error {}

const words: ReadonlyMap<string, Json> = new Map<string, Json>([
  ...(["~", "null", "Null", "NULL"] as const).map((word) => [word, null] as const),
  ...(["true", "True", "TRUE"] as const).map((word) => [word, true] as const),
  ...(["false", "False", "FALSE"] as const).map((word) => [word, false] as const),
]);

/** A plain value of one line that nothing needs to be known about: no indicator in front, no `: ` and no ` #` inside. */
const plain = /^(?:[\w./$(^<~+=;\\]|-(?=[^\s-]|-[^\s-]))(?:[^:#\n]|:(?=\S)|(?<=\S)#)*$/;

const number = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/;

/** What could be a number in one of the many forms that YAML has for them. */
const numeric = /^[-+]?(?:0[xob]\w*|[\d_.]+(?:e[-+]?\d*)?|\.inf|\.nan)$/i;

/** Digits and dots as versions and addresses have them, which are no number. */
const version = /^\d+\.\d+(?:\.\d+)+$/;

/** One value on one line, as YAML 1.2 has it; a comment may follow. Throws {@link Uncertain}. */
export function parseScalar(text: string): Json {
  if (text.startsWith('"')) return quoted(/^"([^"\\]*)"(?: +#.*)?$/.exec(text)?.[1]);
  if (text.startsWith("'")) return quoted(/^'((?:[^']|'')*)'(?: +#.*)?$/.exec(text)?.[1]?.replaceAll("''", "'"));
  const comment = text.indexOf(" #");
  const value = comment < 0 ? text : text.slice(0, comment).trimEnd();
  if (!plain.test(value)) throw new Uncertain();
  return resolved(value);
}

function quoted(value: string | undefined): string {
  if (value === undefined) throw new Uncertain();
  return value;
}

function resolved(value: string): Json {
  const word = words.get(value);
  if (word !== undefined) return word;
  if (number.test(value)) return value === "-0" ? uncertain() : Number(value);
  if (numeric.test(value) && !version.test(value)) return uncertain();
  return value;
}

function uncertain(): never {
  throw new Uncertain();
}

const token =
  /\s*(?:([[{])|(?:"([^"\\]*)"|'([^']*)'|([\w./$-](?:[\w./@=+$-]|:(?=[\w./]))*))(?=\s*[\]},]|\s*:(?:\s|$)|\s*$))/y;

/** A list or map in brackets, of simple values, all on one line; and how many nodes are in it, itself not counted. */
export function parseFlow(text: string): { readonly value: Json; readonly nodes: number } {
  const reading = new Flow(text);
  const value = reading.value();
  reading.end();
  return { value, nodes: reading.nodes };
}

class Flow {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  nodes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Json {
    this.nodes += 1;
    const found = this.#next();
    if (found === undefined || this.#depth > 10) return uncertain();
    const [, mark, double, single, bare] = found;
    if (mark === "[") return this.#list();
    if (mark === "{") return this.#map();
    if (mark !== undefined) return uncertain();
    return double ?? single ?? parseScalar(bare ?? "");
  }

  end(): void {
    if (!/^(?:\s*|\s+#.*)$/.test(this.#text.slice(this.#at))) uncertain();
  }

  #list(): Json {
    const list: Json[] = [];
    this.#depth += 1;
    if (!this.#skip("]"))
      do list.push(this.value());
      while (this.#more("]"));
    this.#depth -= 1;
    return list;
  }

  #map(): Json {
    const map: Record<string, Json> = {};
    this.#depth += 1;
    if (!this.#skip("}"))
      do {
        const [, , double, single, bare] = this.#next() ?? [];
        const key = double ?? single ?? bare;
        if (key === undefined || key === "__proto__" || key === "<<" || Object.hasOwn(map, key)) return uncertain();
        if (bare !== undefined && typeof parseScalar(bare) !== "string") return uncertain();
        if (!this.#colon()) return uncertain();
        map[key] = this.value();
      } while (this.#more("}"));
    this.#depth -= 1;
    return map;
  }

  #next(): RegExpExecArray | undefined {
    token.lastIndex = this.#at;
    const found = token.exec(this.#text) ?? undefined;
    if (found) this.#at = token.lastIndex;
    return found;
  }

  #colon(): boolean {
    const found = /^\s*:\s+/.exec(this.#text.slice(this.#at));
    this.#at += found?.[0].length ?? 0;
    return found !== null;
  }

  #skip(mark: string): boolean {
    const found = /^\s*/.exec(this.#text.slice(this.#at))?.[0].length ?? 0;
    if (this.#text[this.#at + found] !== mark) return false;
    this.#at += found + 1;
    return true;
  }

  /** After a value: whether another one follows. */
  #more(end: string): boolean {
    if (this.#skip(end)) return false;
    if (!this.#skip(",")) return uncertain();
    return !/^\s*[\]}]/.test(this.#text.slice(this.#at)) || uncertain();
  }
}
