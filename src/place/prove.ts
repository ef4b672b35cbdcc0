import type { Definition, Walk } from "../locate/definition.ts";
import { place } from "../locate/find.ts";
import { equalPlain } from "../model/equal.ts";
import type { Refusal } from "../model/refusals.ts";
import { carried, type Wish, without } from "./wish.ts";

/**
 * Whether two builds of one Kustomization differ in the stamp of one object alone, which is there afterwards. `wish` undefined: in nothing at all.
 * Refuses with `PATCHED_AWAY` where nothing else differs and the stamp is not there, with `UNPROVED` in every other case.
 */
export function prove(
  before: Walk,
  after: Walk,
  wish?: { readonly of: Definition; readonly is: Wish },
): Refusal | undefined {
  if (!equalPlain(troubles(before), troubles(after))) return unproved(before, "it could not be built as before");
  if (before.definitions.length !== after.definitions.length) return unproved(before, "it made other objects");
  let stamped = wish === undefined;
  for (const [index, was] of before.definitions.entries()) {
    const is = after.definitions[index];
    if (!is || !samePlace(was, is)) return unproved(before, `${place(was)} was not what it was`);
    if (wish === undefined || !samePlace(was, wish.of)) {
      if (!equalPlain(was.value, is.value)) return unproved(before, `${place(was)} was built otherwise`);
      continue;
    }
    if (stamped) return unproved(before, `${place(was)} was built twice`);
    if (!equalPlain(without(wish.is, was.value), without(wish.is, is.value)))
      return unproved(before, `more than the stamp of ${place(was)} was changed`);
    if (carried(wish.is, is.value) !== wish.is.target.stamp) return patchedAway(is);
    stamped = true;
  }
  return stamped ? undefined : unproved(before, "the object was not there");
}

const troubles = ({ problems, leaves }: Walk): readonly string[] =>
  [...problems, ...leaves].map(({ refusal }) => refusal.message);

/** Two bases may bring one file twice, under two names. */
const samePlace = (a: Definition, b: Definition): boolean =>
  a.path === b.path && a.document === b.document && a.item === b.item && equalPlain(a.built, b.built);

function unproved({ namespace, name }: Walk, what: string): Refusal {
  const message = `Kustomization ${namespace}/${name} was built again with the edit, and ${what}: nothing is committed for it`;
  return { code: "UNPROVED", message };
}

function patchedAway(definition: Definition): Refusal {
  const last = definition.patches.at(-1);
  const where = last ? (last.file ?? last.kustomization ?? "spec.patches of its Flux Kustomization") : "a transformer";
  const message = `the stamp in ${place(definition)} does not come through: a patch takes it away or replaces it, see ${where}`;
  return { code: "PATCHED_AWAY", message };
}
