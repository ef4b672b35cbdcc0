import { isMap, isPair, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import type { Refusal } from "../model/refusals.ts";
import { type Path, refuse, showPath } from "./address.ts";
import { hasMerge, isShared, lineOf, type Stream } from "./stream.ts";

/** How far a path leads into a document. */
export interface Descent {
  /** What the path leads to, or the last thing on it that is there. */
  readonly node: Node | null;
  /** The pair of a map that holds `node`; `undefined` at the root and in a list. */
  readonly pair: Pair<Node, Node | null> | undefined;
  /** The maps and lists on the way, the root first, `node` not among them. */
  readonly parents: readonly (YAMLMap | YAMLSeq)[];
  /** What of the path is not there. */
  readonly rest: Path;
}

/**
 * Follows a path. Refuses as soon as what is on the way is an alias, has an anchor that is used elsewhere, comes from a merge key, is made by
 * substitution, or is neither a map nor a list. What the path leads to may be anything but an alias.
 */
export function descend(stream: Stream, index: number, path: Path): Descent | Refusal {
  const document = stream.documents[index];
  if (!document?.contents) return refuse("UNPARSABLE", `the file has no document ${index} with an object in it`);
  const shared = stream.shared[index] ?? new Set<string>();
  const parents: (YAMLMap | YAMLSeq)[] = [];
  let node: Node | null = document.contents;
  let pair: Descent["pair"];
  let value = stream.values[index];
  for (const [depth, step] of path.entries()) {
    const here = path.slice(0, depth);
    const wrong = aliased(node, shared, stream.text, here) ?? templated(node, stream.text, here);
    if (wrong) return wrong;
    if (isEmpty(node)) return { node, pair, parents, rest: path.slice(depth) };
    if (!(typeof step === "number" ? isSeq(node) : isMap(node))) return misfit(node, stream.text, here, step);
    const next: Step | undefined = typeof step === "number" ? item(node as YAMLSeq, step) : find(node as YAMLMap, step);
    const inside = own(value, step);
    if (!next) {
      // The merge would give way to a key of that name written here, and everything below it would be gone.
      if (hasMerge(node) && inside !== undefined)
        return refuse("ALIAS", `${at(node, stream.text)}${showPath([...here, step])} comes from a merge key of YAML`);
      return { node, pair, parents, rest: path.slice(depth) };
    }
    if (next.value === undefined)
      return refuse("UNPARSABLE", `${at(node, stream.text)}${showPath(here)} has no item ${step}`);
    parents.push(node as YAMLMap | YAMLSeq);
    pair = isPair<Node, Node | null>(next) ? next : undefined;
    node = next.value;
    value = inside;
  }
  return aliased(node, shared, stream.text, path) ?? { node, pair, parents, rest: [] };
}

/** `line 12: `, where the node tells. */
export function at(node: Node | null, text: string): string {
  return node?.range ? `line ${lineOf(text, node.range[0])}: ` : "";
}

/** Whether nothing stands there, or a null that was written out. */
export function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

/** Refuses what stands where a map or a list should. */
export function misfit(node: Node | null, text: string, path: Path, step: string | number): Refusal {
  const wanted = typeof step === "number" ? "list" : "map";
  const found = isSeq(node) ? "a list" : isMap(node) ? "a map" : "a single value";
  return refuse("UNPARSABLE", `${at(node, text)}${showPath(path)} is ${found}, where a ${wanted} should be`);
}

/** Refuses text with a variable of Flux in it (`postBuild.substitute`): what it will be is not told by the file. */
export function templated(node: Node | null, text: string, path: Path): Refusal | undefined {
  if (!isScalar(node) || typeof node.value !== "string" || !node.value.includes("${")) return undefined;
  return refuse("TEMPLATED", `${at(node, text)}${showPath(path)} is made by substitution`);
}

function aliased(node: Node | null, shared: ReadonlySet<string>, text: string, path: Path): Refusal | undefined {
  if (!isShared(node, shared)) return undefined;
  return refuse(
    "ALIAS",
    `${at(node, text)}${showPath(path)} is an alias of YAML, or has an anchor that is used elsewhere`,
  );
}

interface Step {
  readonly value: Node | null | undefined;
}

function item(list: YAMLSeq, index: number): Step {
  return { value: list.items[index] as Node | undefined };
}

function find(map: YAMLMap, key: string): Pair<Node, Node | null> | undefined {
  const pair = map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return pair as Pair<Node, Node | null> | undefined;
}

function own(value: unknown, step: string | number): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, step)
    ? (value as Record<string | number, unknown>)[step]
    : undefined;
}
