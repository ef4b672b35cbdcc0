import jsonPatch from "fast-json-patch";
import type { Json } from "../model/object.ts";
import type { Artifact } from "./artifact.ts";
import type { PatchPlace, PatchUse } from "./definition.ts";
import { isMap, type JsonMap } from "./json.ts";
import type { PatchSource } from "./kustomization-file.ts";
import { within } from "./path.ts";
import { become, idOf, isClusterScoped, type Resource, sameId, withMetadata } from "./resource.ts";
import { selects, unreadableField } from "./selector.ts";
import { isBuiltIn, strategicMerge } from "./strategic-merge.ts";
import type { Trace } from "./trace.ts";
import type { ParsedFile } from "./yaml.ts";

/** One patch, read. */
export interface Patch {
  readonly place: PatchPlace;
  readonly form: "merge" | "json6902";
  readonly target: JsonMap | undefined;
  readonly patch: Json;
  readonly mayRename: boolean;
  readonly mayChangeKind: boolean;
}

/** The patches of one entry. Text: why they cannot be read, and kustomize would fail. */
export function readPatches(
  artifact: Artifact,
  trace: Trace,
  source: PatchSource,
  directory: string,
  kustomization: string | undefined,
): readonly Patch[] | string {
  const { target, field, index } = source;
  const unreadable = target && unreadableField(target);
  if (unreadable) return `${unreadable} of its target is no regular expression`;
  const named = source.file ?? source.either;
  const path = named === undefined || named.includes("\n") ? undefined : within(directory, named);
  const file = path !== undefined && "is" in artifact.see(path) ? path : undefined;
  if (source.file !== undefined && file === undefined) return `the file ${source.file} is not there`;
  if (file !== undefined) trace.files.add(file);
  const parsed =
    file === undefined ? artifact.reader.inline(source.text?.trim() ?? named ?? "") : artifact.reader.documents(file);
  return patchesOf(parsed ?? { documents: [] }, { kustomization, field, index, file }, target, source.options);
}

/** The patches of one text: a list is a JSON Patch, every map a strategic merge patch. */
function patchesOf(
  file: ParsedFile,
  place: Omit<PatchPlace, "document">,
  target: JsonMap | undefined,
  options: JsonMap,
): Patch[] | string {
  if ("problem" in file) return file.problem;
  const patches: Patch[] = [];
  for (const { index, value } of file.documents) {
    if (value === null) continue;
    if (!isMap(value) && !Array.isArray(value)) return "it is neither a map nor a list of operations";
    patches.push({
      ...{ place: { ...place, document: index }, target, patch: value },
      form: isMap(value) ? "merge" : "json6902",
      mayRename: options.allowNameChange === true,
      mayChangeKind: options.allowKindChange === true,
    });
  }
  return patches.length ? patches : "it is empty";
}

/** The objects that a patch is for: those its target selects, or the one it names (kustomize `PatchTransformer`). */
export function touched(patch: Patch, resources: readonly Resource[]): readonly Resource[] {
  const { target } = patch;
  if (target) return resources.filter((each) => selects(target, each));
  if (patch.form === "json6902") return [];
  const id = idOf(patch.patch);
  return resources.filter(({ current, previous }) => [...previous, current].some((each) => sameId(each, id)));
}

/**
 * Applies a patch to an object. Text: why kustomize would fail. The object keeps name, namespace and kind unless the patch is allowed to change
 * them. `undefined`: the patch takes the whole object away.
 */
export function applyPatch(patch: Patch, resource: Resource): "applied" | { readonly problem: string } | undefined {
  if (patch.form === "merge") {
    const merged = strategicMerge(resource.value, patch.patch, isBuiltIn(resource.current.group));
    if (merged === undefined) return undefined;
    become(resource, withOldNames(patch, resource, merged));
  } else {
    const operated = applyOperations(resource.value, patch.patch);
    if ("problem" in operated) return operated;
    become(resource, operated.value);
  }
  resource.patches.push(useOf(patch));
  return "applied";
}

const useOf = ({ place, form, target, patch }: Patch): PatchUse => ({
  ...place,
  form,
  targeted: target !== undefined,
  patch,
});

/** kustomize api/resource `ApplySmPatch`. */
function withOldNames(patch: Patch, { value, current }: Resource, changed: Json): Json {
  let result = changed;
  if (!patch.mayChangeKind && isMap(result) && isMap(value)) result = { ...result, kind: value.kind ?? "" };
  if (patch.target && isMap(result) && isMap(value)) result = { ...result, apiVersion: value.apiVersion ?? "" };
  if (!patch.mayRename) result = withMetadata(result, "name", current.name);
  if (isClusterScoped(current)) return result;
  return current.namespace === "" ? withoutNamespace(result) : withMetadata(result, "namespace", current.namespace);
}

function withoutNamespace(value: Json): Json {
  if (!isMap(value) || !isMap(value.metadata)) return value;
  const { namespace: _, ...metadata } = value.metadata;
  return { ...value, metadata };
}

/** Each copy may double what it copies from. */
const copyLimit = 8;

/** Applies a JSON Patch to a copy. The library's messages hold the whole object, and so are not passed on. */
function applyOperations(value: Json, operations: Json): { readonly value: Json } | { readonly problem: string } {
  const copies = Array.isArray(operations) ? operations.filter((each) => isMap(each) && each.op === "copy").length : 0;
  if (copies > copyLimit) return { problem: `it copies more than ${copyLimit} times, which reroll does not follow` };
  try {
    const copy = structuredClone(operations) as unknown as Parameters<typeof jsonPatch.applyPatch>[1];
    return { value: jsonPatch.applyPatch(value, copy, true, false, true).newDocument as Json };
  } catch (error) {
    const name =
      error instanceof jsonPatch.JsonPatchError
        ? `${error.name}, operation ${(error.index ?? 0) + 1}`
        : "no JSON Patch";
    return { problem: `it does not apply (${name})` };
  }
}
