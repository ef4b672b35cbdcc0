import { isCollection, isMap, isPair, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import type { Style } from "./render.ts";

/** Replaces the characters from `from` to `to`. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Does splices that do not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const last = [...splices].sort((a, b) => b.from - a.from);
  return last.reduce((result, { from, to, text: put }) => result.slice(0, from) + put + result.slice(to), text);
}

/** Lines below the line that `offset` is in, with the line ends that are used there. A file whose last line has no end keeps it so. */
export function linesBelow(text: string, offset: number, lines: readonly string[]): Splice {
  const end = offset > 0 && text[offset - 1] === "\n" ? offset - 1 : text.indexOf("\n", offset);
  const eol = lineEnd(text, end < 0 ? text.length : end);
  if (end < 0) return { from: text.length, to: text.length, text: lines.map((line) => eol + line).join("") };
  return { from: end + 1, to: end + 1, text: lines.map((line) => line + eol).join("") };
}

/** How the line ends that `offset` is in, or the one before it where it is the last: files are not always of one mind. */
export function lineEnd(text: string, offset: number): "\n" | "\r\n" {
  const next = text.indexOf("\n", offset);
  const end = next < 0 ? text.lastIndexOf("\n") : next;
  return end > 0 && text[end - 1] === "\r" ? "\r\n" : "\n";
}

/** The column of the first key or dash of a block map or list. */
export function columnOf(node: YAMLMap | YAMLSeq): number {
  const token = node.srcToken;
  return token?.type === "block-map" || token?.type === "block-seq" ? token.indent : 0;
}

/** Where the text of a pair ends: its value's, or its key's where it has none. */
export function endOfPair(pair: Pair<Node, Node | null>, text: string): number {
  const { key, value } = pair;
  const written = value && !(isScalar(value) && value.value === null && !value.source);
  return written ? endOf(value, text) : (colonOf(pair) ?? key.range?.[1] ?? 0);
}

/** Where the text of a node ends, without the comments and blank lines below it. */
export function endOf(node: Node, text: string): number {
  if (isCollection(node) && !node.flow) {
    const last = node.items.at(-1) as Node | Pair<Node, Node | null> | undefined;
    if (last) return isPair(last) ? endOfPair(last, text) : endOf(last, text);
  }
  const [from, to] = node.range ?? [0, 0];
  if (isScalar(node) && node.type?.startsWith("BLOCK")) return from + text.slice(from, to).trimEnd().length;
  return to;
}

/** The last value in a block, however deep; `null` where a key has none. */
export function deepest(node: Node): Node | null {
  if (!isCollection(node) || node.flow) return node;
  const last = node.items.at(-1) as Node | Pair<Node, Node | null> | undefined;
  const inner = isPair(last) ? last.value : last;
  return inner ? deepest(inner) : null;
}

/** The offset behind the colon of a pair; `undefined` where it has none. */
export function colonOf(pair: Pair<Node, Node | null>): number | undefined {
  const colon = pair.srcToken?.sep?.find(({ type }) => type === "map-value-ind");
  return colon && colon.offset + 1;
}

/** How a document indents: as it is done nearest to the place that `parents` lead to, else anywhere in it. */
export function styleOf(root: Node, parents: readonly (YAMLMap | YAMLSeq)[]): Style {
  const near = [...parents].reverse();
  const step = first(near, stepIn) ?? stepWithin(root) ?? 2;
  const dashes = first(near, dashesIn) ?? dashesWithin(root) ?? step;
  return { step, dashes };
}

function first<T>(from: readonly T[], look: (each: T) => number | undefined): number | undefined {
  for (const each of from) {
    const found = look(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Columns from this block map to a block collection that one of its keys holds. */
function within(map: Node, holds: (node: unknown) => boolean): number | undefined {
  if (!isMap(map) || map.flow) return undefined;
  const value = map.items.map((pair) => pair.value).find((each) => holds(each) && isCollection(each) && !each.flow);
  return value === undefined ? undefined : columnOf(value as YAMLMap) - columnOf(map);
}

const stepIn = (node: Node) => within(node, isMap);
const dashesIn = (node: Node) => within(node, isSeq);
const stepWithin = (node: Node): number | undefined => stepIn(node) ?? first(childrenOf(node), stepWithin);
const dashesWithin = (node: Node): number | undefined => dashesIn(node) ?? first(childrenOf(node), dashesWithin);

function childrenOf(node: Node): Node[] {
  if (!isCollection(node)) return [];
  return (node.items as (Node | Pair<Node, Node | null>)[]).flatMap((item) =>
    isPair(item) ? (item.value ?? []) : item,
  );
}
