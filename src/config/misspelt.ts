import { nearest } from "../model/nearest.ts";

const plain = (name: string): string => name.replaceAll(/[-_]/g, "").toLowerCase();

/** `; did you mean NAME?` where a known name is near, without regard to case, `-` and `_`; otherwise empty. */
export function suggestion(name: string, known: readonly string[], prefix = ""): string {
  const wanted = plain(name).slice(0, 100);
  const found = nearest(wanted, known.map(plain), wanted.length);
  const meant = known.find((candidate) => plain(candidate) === found);
  return meant === undefined ? "" : `; did you mean ${prefix}${meant}?`;
}
