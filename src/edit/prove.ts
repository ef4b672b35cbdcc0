import { isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import { equalPlain } from "../model/equal.ts";
import type { Refusal } from "../model/refusals.ts";
import { type Address, type Edited, fromRoot, isRefusal, type Path, refuse, showPath, valueIn } from "./address.ts";
import { at, type Descent, descend } from "./descend.ts";
import type { Surroundings, Way } from "./insert.ts";
import { applySplices, styleOf } from "./layout.ts";
import { readStream, type Stream } from "./stream.ts";

/** Names the ways in which an edit could be made, the best first. */
export type Decide = (found: Descent, around: Surroundings) => readonly Way[] | Refusal;

/**
 * Edits the place that a path leads to so that `after` of what was there is there. The file is parsed again after each way: the first is taken after which every
 * document says what it said before, but for that value. Where none does, the edit is refused.
 */
export function edit(
  text: string,
  address: Address,
  path: Path,
  after: (before: unknown) => unknown,
  decide: Decide,
): Edited | Refusal {
  const draft = drawUp(text, address, path, after, decide);
  if (isRefusal(draft)) return draft;
  if (draft.ways.length === 0 && draft.done) return { text };
  for (const way of draft.ways) {
    const result = applySplices(text, way);
    const again = readStream(result, false);
    if (!isRefusal(again) && equalPlain(again.values, draft.intended)) return { text: result };
  }
  return refuse("UNPROVED", `${draft.where}no edit of ${showPath(path)} was found that changes nothing else`);
}

interface Draft {
  readonly ways: readonly Way[];
  readonly done: boolean;
  /** What the documents are to say. */
  readonly intended: readonly unknown[];
  readonly where: string;
}

/** The parsed file does not leave this function: it takes many times the room of its text, and it is parsed again afterwards. */
function drawUp(
  text: string,
  address: Address,
  path: Path,
  after: (before: unknown) => unknown,
  decide: Decide,
): Draft | Refusal {
  const stream = readStream(text);
  if (isRefusal(stream)) return stream;
  const full = fromRoot(address, path);
  const found = descend(stream, address.document, full);
  if (isRefusal(found)) return found;
  const where = at(found.node, text);
  const before = valueAt(stream, address, path);
  const value = after(before);
  if (value === before) return { ways: [], done: true, intended: stream.values, where };
  const ways = decide(found, surroundings(stream, address, found));
  if (isRefusal(ways)) return ways;
  const intended = stream.values.map((each, index) =>
    index === address.document ? withValue(each, full, value) : each,
  );
  return { ways, done: false, intended, where };
}

/** What a file says at a path of an object; `undefined` where there is nothing. */
export function valueAt(stream: Stream, address: Address, path: Path): unknown {
  return valueIn(stream.values[address.document], fromRoot(address, path));
}

function surroundings(stream: Stream, address: Address, found: Descent): Surroundings {
  const root = stream.documents[address.document]?.contents as Node;
  const inner = isMap(found.node) || isSeq(found.node) ? [found.node] : [];
  const enclosing = [...found.parents, ...inner];
  return { text: stream.text, style: styleOf(root, enclosing), json: enclosing.some(isJson) };
}

/** A copy of `tree` with one value in another's place. What is beside the path is not copied: aliases that share it are told by the comparison. */
function withValue(tree: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value;
  const inside = (tree as Record<string | number, unknown> | null | undefined)?.[step];
  if (Array.isArray(tree)) return tree.with(Number(step), withValue(inside, rest, value));
  return { ...(tree as object | null), [step]: withValue(inside, rest, value) };
}

function isJson(node: YAMLMap | YAMLSeq): boolean {
  const key = isMap(node) && node.flow ? node.items[0]?.key : undefined;
  return isScalar(key) && key.type === "QUOTE_DOUBLE";
}
