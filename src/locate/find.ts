import type { ObjectId } from "../model/flux.ts";
import type { Refusal } from "../model/refusals.ts";
import type { Definition, Walk } from "./definition.ts";
import { eliminate, inventoryOf } from "./eliminate.ts";

/**
 * The one definition of an object among what its Flux Kustomization builds. Names with variables that nobody read are told by elimination: a
 * definition that is certainly the object is taken first, then the only one that may be it, where `inventory` (of the Flux Kustomization) tells what
 * else there is. Refuses with `AMBIGUOUS`, or with the reason why the
 * definition is nowhere to be read: `REMOTE_BASE`, `GENERATED`, `SUBMODULE`, `INCLUDED`, `NOT_IN_ARTIFACT`, `OUTSIDE_REPOSITORY`, `UNPARSABLE`,
 * `TOO_LARGE`, `NOT_FOUND`.
 */
export function find(walk: Walk, id: ObjectId, inventory: ReadonlySet<string> = new Set()): Definition | Refusal {
  const sameKind = walk.definitions.filter(({ built }) => built.group === id.group && built.kind === id.kind);
  const certain = sameKind.filter(({ open }) => !open);
  const exact = certain.filter(({ built }) => same(built, id));
  const live = inventoryOf(inventory, id).filter((each) => !certain.some(({ built }) => same(built, each)));
  const candidates = exact.length ? exact : eliminate(id, sameKind, live);
  const [found, ...others] = candidates;
  if (!found) return nowhere(walk, id);
  return others.length ? ambiguous(walk, id, candidates) : found;
}

const same = (a: ObjectId, b: ObjectId): boolean => a.name === b.name && a.namespace === b.namespace;

/** Where a definition is, for people: `apps/web.yaml`, with document and item where there are several. */
export function place({ path, document, item }: Pick<Definition, "path" | "document" | "item">): string {
  const parts = [document > 0 ? `document ${document + 1}` : "", item === undefined ? "" : `item ${item + 1}`].filter(
    Boolean,
  );
  return parts.length ? `${path} (${parts.join(", ")})` : path;
}

const shown = ({ kind, namespace, name }: ObjectId): string => `${kind} ${namespace ? `${namespace}/` : ""}${name}`;

function ambiguous(walk: Walk, id: ObjectId, candidates: readonly Definition[]): Refusal {
  const places = candidates.slice(0, 5).map(place).join(" and ");
  const why = candidates.some(({ open }) => open)
    ? "their names hold variables of substituteFrom that reroll does not read: write the names out, or put the variables into postBuild.substitute"
    : "kustomize builds one object from one definition: remove the others";
  return { code: "AMBIGUOUS", message: `${shown(id)} of ${owner(walk)} may be ${places}: ${why}` };
}

const owner = ({ namespace, name }: Walk): string => `Kustomization ${namespace}/${name}`;

/** The likeliest reason first: something is missing for certain before something could not be read. */
function nowhere(walk: Walk, id: ObjectId): Refusal {
  const reasons = [...walk.leaves, ...walk.problems].map(({ refusal }) => refusal);
  // ConfigMaps and Secrets are made beside nearly every workload, and hide none.
  const telling = reasons.filter(
    ({ code, message }) => code !== "GENERATED" || !/^(?:configMap|secret)Generator /.test(message),
  );
  const [first, ...rest] = telling;
  const missing = `No file that ${owner(walk)} reaches defines ${shown(id)}`;
  if (!first) return { code: "NOT_FOUND", message: `${missing}: see whether its branch still has it` };
  const more = rest.length ? ` (and ${rest.length} more such ${rest.length === 1 ? "place" : "places"})` : "";
  return { code: first.code, message: `${missing}, and ${first.message}${more}` };
}
