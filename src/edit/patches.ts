import type { Refusal } from "../model/refusals.ts";
import { type Address, type Edited, isRefusal, type Path, valueIn } from "./address.ts";
import { editInside } from "./inside.ts";
import { valueAt } from "./prove.ts";
import { appendItem, setString } from "./put.ts";
import { type Data, Quoted, renderBlock } from "./render.ts";
import { readStream } from "./stream.ts";

/** Names what a patch is for, as it is when the patch meets it. Never with a namespace: a patch of helm-controller with one matches nothing. */
export interface PatchTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** One value to be put into an object by a patch. */
export interface Mark extends PatchTarget {
  /** From the object down to the value: `spec`, `template`, `metadata`, `annotations`, the annotation. */
  readonly path: readonly string[];
  readonly value: string;
}

const only: Address = { document: 0 };

/**
 * Puts a mark into a list of kustomize patches at a path of an object: of `patches` of a kustomization, of `spec.patches` of a Flux Kustomization,
 * of a post-renderer. An entry that carries the mark already has that one value replaced; otherwise one is added at the end, as a strategic
 * merge patch: one of JSON fails where the annotations are absent. Refuses as `setString` does.
 */
export function stampPatches(text: string, address: Address, list: Path, mark: Mark): Edited | Refusal {
  const stream = readStream(text);
  if (isRefusal(stream)) return stream;
  const index = findMark(valueAt(stream, address, list), mark);
  if (index < 0) return appendItem(text, address, list, patchEntry(mark));
  return editInside(text, address, [...list, index, "patch"], (inner) => setString(inner, only, mark.path, mark.value));
}

/** The entry that carries a mark. */
export function patchEntry(mark: Mark): Data {
  const leaf: Data = new Quoted(mark.value);
  const body = mark.path.reduceRight<Data>((inner, key) => ({ [key]: inner }), leaf) as {
    readonly [key: string]: Data;
  };
  const { metadata, ...fields } = body;
  // The target says what the patch is for. A variable of Flux in the name would be replaced where a file is that another Kustomization builds.
  const name = mark.name.includes("${") ? "substituted" : mark.name;
  const named = { name, ...(metadata as { readonly [key: string]: Data } | undefined) };
  return patchOf(mark, { apiVersion: mark.apiVersion, kind: mark.kind, metadata: named, ...fields });
}

/** A patch and what it is for. */
export function patchOf(target: PatchTarget, body: Data): Data {
  const group = groupOf(target.apiVersion);
  const lines = renderBlock(body, 0, { step: 2, dashes: 2 });
  return {
    target: { ...(group === "" ? {} : { group }), kind: target.kind, name: anchored(target.name) },
    // Without a line end at its end: kustomize takes it away, and parsers differ on whether the last line of a file has one.
    patch: lines.join("\n"),
  };
}

/** Index of the last entry of a list that carries a mark; -1 where there is none. */
export function findMark(list: unknown, mark: Mark): number {
  return findEntry(list, mark, (patch) => valueIn(patch, mark.path) !== undefined);
}

/** Index of the last entry for a target whose patch, parsed, is one's own; -1 where there is none. */
export function findEntry(list: unknown, target: PatchTarget, isOwn: (patch: unknown) => boolean): number {
  if (!Array.isArray(list)) return -1;
  return list.findLastIndex((entry: unknown) => {
    const text = valueIn(entry, ["patch"]);
    const stream = typeof text === "string" ? readStream(text) : undefined;
    if (!stream || isRefusal(stream)) return false;
    const patch = stream.values[0];
    return isFor(valueIn(entry, ["target"]), patch, target) && isOwn(patch);
  });
}

/** A patch without a target names its object itself. */
function isFor(selector: unknown, patch: unknown, { apiVersion, kind, name }: PatchTarget): boolean {
  const field = (key: string) => valueIn(selector, [key]);
  if (selector === undefined || selector === null) {
    const group = groupOf(String(valueIn(patch, ["apiVersion"]) ?? ""));
    return (
      group === groupOf(apiVersion) &&
      valueIn(patch, ["kind"]) === kind &&
      valueIn(patch, ["metadata", "name"]) === name
    );
  }
  const group = field("group");
  const narrow = ["namespace", "labelSelector", "annotationSelector"].some((key) => field(key) !== undefined);
  return (
    !narrow &&
    (group === undefined || group === groupOf(apiVersion)) &&
    field("kind") === kind &&
    (field("name") === name || field("name") === anchored(name))
  );
}

/** kustomize reads the name as a regular expression that has to match all of it (api/types/selector.go). */
function anchored(name: string): string {
  return name.replaceAll(/[.${}]/g, "\\$&");
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}
