import type { Definition, Walk } from "../locate/definition.ts";
import { place } from "../locate/find.ts";
import { equalPlain } from "../model/equal.ts";
import type { Json } from "../model/object.ts";
import type { Refusal } from "../model/refusals.ts";

/** What an edit is to change of one object. */
export interface Expected {
  readonly of: Definition;
  /** The object without what may change. */
  rest(value: Json): Json;
  /** Whether it is there. */
  done(value: Json): boolean;
}

/**
 * Whether two builds of one Kustomization differ in what is expected of some objects alone, or in nothing at all where nothing is. Refuses with
 * `PATCHED_AWAY` where nothing else differs and it is not there, with `UNPROVED` in every other case.
 */
export function prove(before: Walk, after: Walk, expected: readonly Expected[]): Refusal | undefined {
  if (!equalPlain(troubles(before), troubles(after))) return unproved(before, "it could not be built as before");
  if (before.definitions.length !== after.definitions.length) return unproved(before, "it made other objects");
  let left = expected;
  for (const [index, was] of before.definitions.entries()) {
    const is = after.definitions[index];
    if (!is || !sameObject(was, is)) return unproved(before, `${place(was)} made another object`);
    const own = left.filter(({ of }) => sameObject(was, of));
    const rest = (value: Json) => own.reduce((all, each) => each.rest(all), value);
    if (!equalPlain(rest(was.value), rest(is.value))) {
      const what = own.length
        ? `more than the stamp of ${place(was)} was changed`
        : `${place(was)} was built otherwise too`;
      return unproved(before, what);
    }
    if (!own.every((each) => each.done(is.value))) return patchedAway(is);
    if (own.length) left = left.filter((each) => !own.includes(each));
  }
  return left.length ? unproved(before, "the object was not there") : undefined;
}

const troubles = ({ problems, leaves }: Walk): readonly string[] =>
  [...problems, ...leaves].map(({ refusal }) => refusal.message);

/** Two kustomizations may bring one file twice, under two names. */
const sameObject = (a: Definition, b: Definition): boolean =>
  a.path === b.path && a.document === b.document && a.item === b.item && equalPlain(a.built, b.built);

function unproved({ namespace, name }: Walk, what: string): Refusal {
  const message = `Kustomization ${namespace}/${name} was built again with the edit, and ${what}`;
  return { code: "UNPROVED", message };
}

function patchedAway(definition: Definition): Refusal {
  const last = definition.patches.at(-1);
  const where = last ? (last.file ?? last.kustomization ?? "spec.patches of its Flux Kustomization") : undefined;
  const culprit = where ? `a patch takes it away or replaces it, see ${where}` : "its kustomizations take it away";
  return { code: "PATCHED_AWAY", message: `a stamp there does not reach what Flux applies: ${culprit}` };
}
