import type { Address, Edited } from "../edit/address.ts";
import { setString } from "../edit/put.ts";
import { stampRelease } from "../edit/release.ts";
import { stampValues } from "../edit/values.ts";
import type { Definition } from "../locate/definition.ts";
import { place } from "../locate/find.ts";
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

/** Into the definition itself. */
export function inPlace(wish: Wish, definition: Definition): Way | Refusal {
  const { path, document, item, encrypted } = definition;
  if (encrypted)
    return { code: "ENCRYPTED", message: `${place(definition)} is encrypted by SOPS, which signs every value of it` };
  const address = item === undefined ? { document } : { document, item };
  const reason = `${place(definition)} defines it, and nothing else uses that file`;
  return { way: "in-place", path, reason, edit: (text) => editOf(wish, text, address) };
}

function editOf(wish: Wish, text: string, address: Address): Edited | Refusal {
  const { stamp, valuesPath } = wish.target;
  if (wish.form === "renderer") return stampRelease(text, address, markOf(wish));
  const annotation = wish.path.at(-1) ?? "";
  if (wish.path[1] === "values" && valuesPath !== undefined)
    return stampValues(text, address, valuesPath, annotation, stamp);
  return setString(text, address, wish.path, stamp);
}
