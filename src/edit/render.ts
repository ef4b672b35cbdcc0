import { quote, quoteIfNeeded } from "./quote.ts";

/** Text that is written in quotes even where it need not be: a value that nobody should read as a number or a date. */
export class Quoted {
  readonly value: string;

  constructor(value: string) {
    this.value = value;
  }
}

/** What can be written into a file. */
export type Data = string | Quoted | readonly Data[] | { readonly [key: string]: Data };

/** How the lines of a file look like. */
export interface Style {
  /** Columns between a map and a map inside it. */
  readonly step: number;
  /** Columns between the key of a list and the dashes of its items. */
  readonly dashes: number;
}

/** The data as a parser will give it back. */
export function plainData(data: Data): unknown {
  if (typeof data === "string") return data;
  if (data instanceof Quoted) return data.value;
  if (isList(data)) return data.map(plainData);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, plainData(value)]));
}

/** On one line, in braces; `json`: nothing that JSON does not know. */
export function renderFlow(data: Data, json: boolean): string {
  if (typeof data === "string") return json ? quote(data) : quoteIfNeeded(data);
  if (data instanceof Quoted) return quote(data.value);
  if (isList(data)) return `[${data.map((entry) => renderFlow(entry, json)).join(", ")}]`;
  const pairs = Object.entries(data).map(([key, value]) => renderFlowPair(key, value, json));
  return `{${pairs.join(", ")}}`;
}

/** One key and its value, as they stand between braces. */
export function renderFlowPair(key: string, value: Data, json: boolean): string {
  return `${json ? quote(key) : quoteIfNeeded(key)}: ${renderFlow(value, json)}`;
}

/** As lines without their ends, the first key or dash at `column`. */
export function renderBlock(data: Data, column: number, style: Style): string[] {
  const margin = " ".repeat(column);
  if (typeof data === "string" || data instanceof Quoted) return [margin + renderFlow(data, false)];
  if (isList(data)) {
    return data.flatMap((entry) => {
      const [first = "", ...rest] = renderBlock(entry, column + 2, style);
      return [`${margin}- ${first.slice(column + 2)}`, ...rest];
    });
  }
  return Object.entries(data).flatMap(([key, value]) => {
    const [head = "", ...lines] = renderValue(value, column, style);
    return [`${margin}${quoteIfNeeded(key)}:${head}`, ...lines];
  });
}

/** What stands after the colon of a key at `column`, and the lines below it. */
function renderValue(value: Data, column: number, style: Style): string[] {
  if (typeof value === "string" && isLiteral(value)) {
    const margin = " ".repeat(column + style.step);
    const [text, bar] = value.endsWith("\n") ? [value.slice(0, -1), " |"] : [value, " |-"];
    return [bar, ...text.split("\n").map((line) => (line === "" ? "" : margin + line))];
  }
  if (typeof value === "string" || value instanceof Quoted) return [` ${renderFlow(value, false)}`];
  const below = column + (isList(value) ? style.dashes : style.step);
  return ["", ...renderBlock(value, below, style)];
}

/** Whether text can stand below `|` as it is: several lines, no margin of its own, nothing that an editor would not show. */
function isLiteral(text: string): boolean {
  return text.includes("\n") && /^\S[^\r\t]*\S\n?$/.test(text);
}

function isList(data: Data): data is readonly Data[] {
  return Array.isArray(data);
}
