import type { ObjectId } from "../model/flux.ts";
import type { Definition } from "./definition.ts";
import { mayBe } from "./substitute.ts";

/** Whether a definition whose name holds variables that nobody read may be the object. */
export const maybe = ({ name, namespace }: NonNullable<Definition["open"]>, id: ObjectId): boolean =>
  mayBe(name, id.name) && mayBe(namespace, id.namespace);

/**
 * Tells which of several definitions with open names is the object, by what else is live: every object of the inventory has one definition, and an object
 * that only one can be takes it away from the others. `definitions` and `inventory` are of the kind of the object; what is certain is not
 * among them any more. More than one where that does not decide it.
 */
export function eliminate(
  id: ObjectId,
  definitions: readonly Definition[],
  inventory: readonly ObjectId[],
): readonly Definition[] {
  const candidates = new Map(
    inventory.map((each) => [key(each), new Set(definitions.filter(({ open }) => open && maybe(open, each)))]),
  );
  const wanted = candidates.get(key(id));
  if (!wanted) return definitions.filter(({ open }) => open && maybe(open, id));
  for (let settled = new Set<string>(); ; ) {
    const next = [...candidates].find(([name, left]) => left.size === 1 && !settled.has(name));
    if (!next || wanted.size === 1) return [...wanted];
    const [name, [only]] = next;
    settled = settled.add(name);
    for (const [other, left] of candidates) if (only && other !== name) left.delete(only);
  }
}

const key = ({ namespace, name }: ObjectId): string => JSON.stringify([namespace, name]);

/** The ids of one kind in an inventory, whose entries are `<namespace>_<name>_<group>_<Kind>` (cli-utils object.ObjMetadata). */
export function inventoryOf(inventory: ReadonlySet<string>, { group, kind }: ObjectId): readonly ObjectId[] {
  return [...inventory].flatMap((entry) => {
    const [namespace = "", name = "", inGroup, ofKind] = entry.split("_");
    return inGroup === group && ofKind === kind ? [{ group, kind, namespace, name }] : [];
  });
}
