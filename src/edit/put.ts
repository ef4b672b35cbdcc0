import { isMap, isScalar, isSeq } from "yaml";
import type { Refusal } from "../model/refusals.ts";
import { type Address, type Edited, type Path, refuse, showPath } from "./address.ts";
import { at, type Descent, isEmpty, misfit, templated } from "./descend.ts";
import { addItem, addKey, fill, replace, type Surroundings, type Way } from "./insert.ts";
import { edit } from "./prove.ts";
import { quote } from "./quote.ts";
import { type Data, plainData, Quoted } from "./render.ts";

/**
 * Sets text at a path of an object, and makes the maps that are missing on the way. Exactly the bytes of a value that is there are replaced,
 * none where it says the same already, however it is written. Every other byte stays. What is written is in double quotes, on one line.
 * Refuses with `ALIAS`, `TEMPLATED`, `UNPARSABLE`, `TOO_LARGE` and `UNPROVED`; the message tells line and path, not the file.
 */
export function setString(text: string, address: Address, path: Path, value: string): Edited | Refusal {
  return edit(
    text,
    address,
    path,
    () => value,
    (found, around) => {
      if (found.rest.length > 0) return missing(found, path, new Quoted(value), around);
      if (found.node !== null && !isScalar(found.node)) {
        return refuse("UNPARSABLE", `${at(found.node, text)}${showPath(path)} is not a single value`);
      }
      return templated(found.node, text, path) ?? replace(found, quote(value), around);
    },
  );
}

/**
 * Adds an item to the end of the list at a path, and makes the list and the maps that are missing on the way: lines in the way the file
 * indents, or within the braces that are there. Refuses as `setString` does.
 */
export function appendItem(text: string, address: Address, path: Path, item: Data): Edited | Refusal {
  const after = (before: unknown) => [...(Array.isArray(before) ? before : []), plainData(item)];
  return edit(text, address, path, after, (found, around) => {
    if (found.rest.length > 0) return missing(found, path, [item], around);
    if (isEmpty(found.node)) return fill(found, [item], around);
    if (!isSeq(found.node)) return templated(found.node, text, path) ?? misfit(found.node, text, path, 0);
    const bare = found.parents.at(-1)?.flow !== true && /^\[\s*\]$/.test(sourceOf(found, text));
    return bare ? fill(found, [item], around) : addItem(found.node, item, around);
  });
}

/** The rest of the path does not exist: its first key goes into the map that was reached, or into the place where nothing is. */
function missing(found: Descent, path: Path, leaf: Data, around: Surroundings): Way[] | Refusal {
  const [first, ...deeper] = found.rest;
  if (first === undefined || found.rest.some((step) => typeof step === "number")) {
    return refuse("UNPARSABLE", `${showPath(path)} is not there`);
  }
  const value = deeper.reduceRight<Data>((inner, key) => ({ [key]: inner }), leaf);
  return isMap(found.node) ? addKey(found.node, String(first), value, around) : fill(found, { [first]: value }, around);
}

function sourceOf({ node }: Descent, text: string): string {
  const [from, to] = node?.range ?? [0, 0];
  return text.slice(from, to);
}
