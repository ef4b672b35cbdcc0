import { isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import type { Descent } from "./descend.ts";
import { colonOf, columnOf, deepest, endOf, endOfPair, lineEnd, linesBelow, type Splice } from "./layout.ts";
import { type Data, renderBlock, renderFlow, renderFlowPair, type Style } from "./render.ts";

/** What the text around a place asks for. */
export interface Surroundings {
  readonly text: string;
  readonly style: Style;
  /** The braces around the place are JSON: keys are in double quotes. */
  readonly json: boolean;
}

/** One way of making an edit. The first that proves right is taken: syntax has more corners than a table of them would have rows. */
export type Way = readonly Splice[];

/** Adds a key to a map that does not have it: below the last one, else above the first one. */
export function addKey(map: YAMLMap, key: string, value: Data, around: Surroundings): Way[] {
  const { text, style, json } = around;
  const last = map.items.at(-1) as Pair<Node, Node | null> | undefined;
  const first = map.items[0] as Pair<Node, Node | null> | undefined;
  if (!last || !first) return [[put((map.range?.[0] ?? 0) + 1, renderFlowPair(key, value, json))]];
  const start = first.key.range?.[0] ?? 0;
  if (map.flow) {
    const [end, lead] = [endOfPair(last, text), leadOf(last.key, text)];
    const pair = renderFlowPair(key, value, json);
    return [[put(end, `,${lead}${pair}`)], [put(start, `${pair},${leadOf(first.key, text)}`)]];
  }
  const column = columnOf(map);
  const lines = renderBlock({ [key]: value }, column, style);
  const eol = lineEnd(text, start);
  const above = lines.join(eol).slice(column) + eol + " ".repeat(column);
  return [...belowNode(last.value, endOfPair(last, text), lines, text), [put(start, above)]];
}

/** Adds an item at the end of a list that has some. */
export function addItem(list: YAMLSeq, item: Data, around: Surroundings): Way[] {
  const { text, style, json } = around;
  const last = list.items.at(-1) as Node | undefined;
  if (!last) return [[put((list.range?.[0] ?? 0) + 1, renderFlow(item, json))]];
  const end = endOf(last, text);
  if (list.flow) return [[put(end, `,${leadOf(last, text)}${renderFlow(item, json)}`)]];
  return belowNode(last, end, renderBlock([item], columnOf(list), style), text);
}

/** Puts a map or list where the key of a map has nothing, a written null, or `[]`. */
export function fill({ node, pair, parents }: Descent, value: Data, around: Surroundings): Way[] {
  const parent = parents.at(-1);
  if (!pair || !isMap(parent)) return [];
  const { text, style, json } = around;
  const colon = colonOf(pair);
  const [from, to] = node && isWritten(node) ? (node.range ?? [0, 0]) : [colon ?? 0, colon ?? 0];
  if (parent.flow) return inBraces(pair, from, to, renderFlow(value, json));
  const column = columnOf(parent) + (Array.isArray(value) ? style.dashes : style.step);
  const below = linesBelow(text, to, renderBlock(value, column, style));
  const blank = text.slice(0, from).length - text.slice(0, from).replace(/[ \t]+$/, "").length;
  return from === to
    ? [[below]]
    : [[{ from: from - blank, to, text: "" }, below], [{ from, to, text: renderFlow(value, json) }]];
}

/** Puts a value in place of a scalar, in its exact bytes, or where the key of a map has nothing yet. */
export function replace({ node, pair, parents }: Descent, value: string, { text }: Surroundings): Way[] {
  if (node && isWritten(node)) return [[{ from: node.range?.[0] ?? 0, to: endOf(node, text), text: value }]];
  const colon = pair && colonOf(pair);
  if (!pair || (parents.at(-1)?.flow ?? true)) return pair ? inBraces(pair, colon ?? 0, colon ?? 0, value) : [];
  return colon === undefined ? [] : [[put(colon, ` ${value}`)]];
}

function put(at: number, text: string): Splice {
  return { from: at, to: at, text };
}

function inBraces(pair: Pair<Node, Node | null>, from: number, to: number, value: string): Way[] {
  const behindKey = put(pair.key.range?.[1] ?? 0, `: ${value}`);
  return colonOf(pair) === undefined ? [[behindKey]] : [[{ from, to, text: from === to ? ` ${value}` : value }]];
}

/**
 * Blank lines below a block of text are a part of it only where they were asked for (`|+`). Nothing goes below a block that the file ends in
 * without a line end, unless it has none by `|-`: YAML libraries for JavaScript give it one, that of Go does not, so a line more would change it.
 */
function belowNode(node: Node | null, end: number, lines: readonly string[], text: string): Way[] {
  const leaf = node && deepest(node);
  const [start, bottom] = leaf?.range ?? [end, end];
  const block = isScalar(leaf) && leaf.type?.startsWith("BLOCK") === true;
  if (block && !text.slice(end).includes("\n") && !/^[|>]\d?-/.test(text.slice(start, start + 3))) return [];
  const ways = [linesBelow(text, end, lines), ...(block && bottom > end ? [linesBelow(text, bottom, lines)] : [])];
  return ways.map((way) => [way]);
}

/** What separates a key or an item of braces from the comma before it: a line of its own, or a space. */
function leadOf(node: Node, text: string): string {
  const start = node.range?.[0] ?? 0;
  const line = text.lastIndexOf("\n", start - 1);
  const before = text.slice(line + 1, start);
  return line >= 0 && before.trim() === "" ? lineEnd(text, line) + before : " ";
}

function isWritten(node: Node): boolean {
  if (isSeq(node) || isMap(node)) return true;
  return isScalar(node) && ((node as Scalar).value !== null || Boolean(node.source));
}
