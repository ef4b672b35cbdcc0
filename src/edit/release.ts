import type { Refusal } from "../model/refusals.ts";
import { type Address, type Edited, isRefusal, type Path, valueIn } from "./address.ts";
import { editInside } from "./inside.ts";
import { findEntry, findMark, type Mark, type PatchTarget, patchEntry, patchOf, stampPatches } from "./patches.ts";
import { valueAt } from "./prove.ts";
import { appendItem } from "./put.ts";
import type { Data } from "./render.ts";
import { readStream } from "./stream.ts";

const ofRelease: Path = ["spec", "postRenderers"];
const ofRenderer: Path = ["kustomize", "patches"];

/**
 * Puts a mark for a workload of a chart into a HelmRelease: into the entry of `spec.postRenderers` that carries it already, else into the last
 * post-renderer that is a kustomize one, else into a new one (helm-controller, api/v2 `PostRenderer`). Refuses as `setString` does.
 */
export function stampRelease(text: string, address: Address, mark: Mark): Edited | Refusal {
  return stampRenderers(text, address, ofRelease, mark);
}

/** The same for a list of post-renderers at any path. */
function stampRenderers(text: string, address: Address, list: Path, mark: Mark): Edited | Refusal {
  const stream = readStream(text);
  if (isRefusal(stream)) return stream;
  const found = valueAt(stream, address, list);
  const renderers: readonly unknown[] = Array.isArray(found) ? found : [];
  const own = renderers.findLastIndex((each) => findMark(valueIn(each, ofRenderer), mark) >= 0);
  const index = own >= 0 ? own : renderers.findLastIndex((each) => isMap(valueIn(each, ["kustomize"])));
  if (index < 0) return appendItem(text, address, list, rendererOf(mark));
  return stampPatches(text, address, [...list, index, ...ofRenderer], mark);
}

/**
 * Puts a mark for a workload of a chart into a HelmRelease by a patch of it, in a list of kustomize patches. A HelmRelease is merged as JSON, which
 * replaces lists: so the patch adds to `spec.postRenderers` by JSON Patch (RFC 6902), one post-renderer where the release has some when the patch
 * meets it (`listExists`), else the whole list. One entry holds every workload of the release, and is found again by its annotation.
 */
export function stampReleaseByPatch(
  text: string,
  address: Address,
  list: Path,
  release: PatchTarget,
  mark: Mark,
  listExists: boolean,
): Edited | Refusal {
  const stream = readStream(text);
  if (isRefusal(stream)) return stream;
  const annotation = mark.path.at(-1) ?? "";
  const entries = valueAt(stream, address, list);
  const index = findEntry(entries, release, (patch) => operationWith(patch, annotation) >= 0);
  if (index < 0) return appendItem(text, address, list, releaseEntry(release, mark, listExists));
  return editInside(text, address, [...list, index, "patch"], (inner) => stampOperation(inner, annotation, mark));
}

function stampOperation(inner: string, annotation: string, mark: Mark): Edited | Refusal {
  const only: Address = { document: 0 };
  const stream = readStream(inner);
  if (isRefusal(stream)) return stream;
  const index = operationWith(stream.values[0], annotation);
  const value = valueAt(stream, only, [index, "value"]);
  return Array.isArray(value)
    ? stampRenderers(inner, only, [index, "value"], mark)
    : stampPatches(inner, only, [index, "value", ...ofRenderer], mark);
}

/** Index of the operation that adds post-renderers with an annotation of ours in them; -1 where there is none. */
function operationWith(patch: unknown, annotation: string): number {
  if (!Array.isArray(patch)) return -1;
  return patch.findLastIndex((operation: unknown) => {
    const path = valueIn(operation, ["path"]);
    const value = valueIn(operation, ["value"]);
    if (path !== "/spec/postRenderers" && path !== "/spec/postRenderers/-") return false;
    return (Array.isArray(value) ? value : [value]).some((renderer) => {
      const patches = valueIn(renderer, ofRenderer);
      return Array.isArray(patches) && patches.some((each) => String(valueIn(each, ["patch"])).includes(annotation));
    });
  });
}

function releaseEntry(release: PatchTarget, mark: Mark, listExists: boolean): Data {
  const renderer = rendererOf(mark);
  const [path, value] = listExists ? ["/spec/postRenderers/-", renderer] : ["/spec/postRenderers", [renderer]];
  return patchOf(release, [{ op: "add", path, value }]);
}

function rendererOf(mark: Mark): Data {
  return { kustomize: { patches: [patchEntry(mark)] } };
}

function isMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
