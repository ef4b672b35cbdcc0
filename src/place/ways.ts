import { type Address, type Edited, type Path, valueIn } from "../edit/address.ts";
import { inDocument } from "../edit/document.ts";
import { stampPatches } from "../edit/patches.ts";
import { setString } from "../edit/put.ts";
import { stampRelease, stampReleaseByPatch } from "../edit/release.ts";
import { stampValues } from "../edit/values.ts";
import type { ChainLink, Definition, PatchUse } from "../locate/definition.ts";
import { place } from "../locate/find.ts";
import { textAt } from "../locate/json.ts";
import { gitStampAnnotation } from "../model/annotations.ts";
import type { PlacementWay } from "../model/git.ts";
import type { Refusal } from "../model/refusals.ts";
import { markOf, type Wish } from "./wish.ts";

/** One way to give an object its stamp. */
export interface Way {
  readonly way: PlacementWay;
  /** The file that is edited. */
  readonly path: string;
  /** In plain words: why there. */
  readonly reason: string;
  edit(text: string): Edited | Refusal;
}

/** What an edit of a list of patches needs to know of the object there. */
type Entered = Pick<ChainLink, "entered">;

/** Into the definition itself. */
export function inPlace(wish: Wish, definition: Definition): Way | Refusal {
  const { path, document, item, encrypted } = definition;
  if (encrypted) {
    const message = `${place(definition)} is encrypted by SOPS, which signs every value of it`;
    return { code: "ENCRYPTED", message };
  }
  const address = item === undefined ? { document } : { document, item };
  const reason = `${place(definition)} defines it, and nothing else uses that file`;
  return { way: "in-place", path, reason, edit: (text) => inDocument(text, address, (own, at) => put(wish, own, at)) };
}

/** Into the patches of the kustomizations it goes through, the nearest first. */
export function overlays(wish: Wish, definition: Definition): Way[] {
  return definition.chain.toReversed().flatMap((link) => {
    const { path } = link;
    if (path === undefined) return [];
    const reason = `${path} is the nearest kustomization on its way that nothing else uses`;
    return shapes(wish, definition).map((listExists) => ({
      ...{ way: "overlay", path, reason },
      edit: (text) => patch(wish, definition, link, text, { document: 0 }, ["patches"], listExists),
    }));
  });
}

/** Into `spec.patches` of the Flux Kustomization that applies it, which `manifest` defines. */
export function byFlux(wish: Wish, definition: Definition, manifest: Definition): Way[] {
  const top = definition.chain[0];
  if (!top) return [];
  const { path, document, item } = manifest;
  const address = item === undefined ? { document } : { document, item };
  const reason = `${place(manifest)} defines the Flux Kustomization that applies it, and no kustomization on its way is its own`;
  return shapes(wish, definition).map((listExists) => ({
    ...{ way: "flux-kustomization", path, reason },
    edit: (text) =>
      inDocument(text, address, (own, at) => patch(wish, definition, top, own, at, ["spec", "patches"], listExists)),
  }));
}

/** Into the file of a patch that gives it a stamp already. */
export function inPatch(wish: Wish, { file, form, document, patch: value }: PatchUse): Way[] {
  if (file === undefined || form !== "merge" || !JSON.stringify(value).includes(gitStampAnnotation)) return [];
  const reason = `${file} gives it a stamp already, and nothing else uses that file`;
  return [
    {
      way: "overlay",
      path: file,
      reason,
      edit: (text) => inDocument(text, { document }, (own, at) => put(wish, own, at)),
    },
  ];
}

/** Whether a patch gives the object a stamp. */
export function gives(wish: Wish, { patch: value }: PatchUse): boolean {
  if (wish.form === "object") return valueIn(value, wish.path) !== undefined;
  const text = JSON.stringify(value);
  return text.includes(gitStampAnnotation) && text.includes(wish.target.workload.name);
}

/** A HelmRelease with post-renderers may have got them below or above the place of a patch: both are tried, and the proof tells. */
function shapes({ form }: Wish, { value }: Definition): readonly boolean[] {
  if (form === "object") return [false];
  return Array.isArray(valueIn(value, ["spec", "postRenderers"])) ? [true, false] : [false];
}

function put(wish: Wish, text: string, address: Address): Edited | Refusal {
  const { stamp, valuesPath } = wish.target;
  if (wish.form === "renderer") return stampRelease(text, address, markOf(wish));
  if (valuesPath === undefined || wish.path[1] !== "values") return setString(text, address, wish.path, stamp);
  return stampValues(text, address, valuesPath, gitStampAnnotation, stamp);
}

function patch(
  wish: Wish,
  { value }: Definition,
  { entered: { kind, name } }: Entered,
  text: string,
  address: Address,
  list: Path,
  listExists: boolean,
): Edited | Refusal {
  const target = { apiVersion: textAt(value, "apiVersion"), kind, name };
  if (wish.form === "renderer") return stampReleaseByPatch(text, address, list, target, markOf(wish), listExists);
  return stampPatches(text, address, list, { ...target, path: wish.path, value: wish.target.stamp });
}
