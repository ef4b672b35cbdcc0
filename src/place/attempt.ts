import { isRefusal } from "../edit/address.ts";
import type { Definition, Walk } from "../locate/definition.ts";
import { isMap } from "../locate/json.ts";
import type { PlacedTarget } from "../model/commit.ts";
import type { Json } from "../model/object.ts";
import type { Refusal } from "../model/refusals.ts";
import { type Builds, type Edition, nameOf } from "./builds.ts";
import type { Draft } from "./draft.ts";
import { type Manifest, patchesIn } from "./manifest.ts";
import { type Expected, prove } from "./prove.ts";
import type { Users } from "./users.ts";
import type { Way } from "./ways.ts";
import { carried, type Wish, without } from "./wish.ts";

/** What is known of a repository while stamps are placed. */
export interface Site {
  readonly builds: Builds;
  readonly users: Users;
  readonly draft: Draft;
}

/** One way that is tried. */
export interface Attempt {
  readonly wish: Wish;
  readonly definition: Definition;
  readonly way: Way;
  /** Where the way edits the Flux Kustomization that applies the object. */
  readonly manifest?: Manifest;
}

/** An edit that nothing proves yet. */
export interface Tried {
  readonly draft: Draft;
  readonly placed: PlacedTarget;
  readonly change: Change;
}

/** What an edit changes. */
interface Change {
  /** The Kustomization that applies the object. */
  readonly own: string;
  readonly expected: Expected;
  readonly path: string;
  readonly manifest: Manifest | undefined;
}

/** Edits a file that only one uses, and builds again everything that reads it. Nothing is kept of an attempt that is refused. */
export function attempt(each: Attempt, site: Site): Tried | Refusal {
  const tried = tryOut(each, site);
  return "code" in tried ? tried : (proveAll([tried.change], tried.draft, site.builds) ?? tried);
}

/** Edits a file that only one uses. */
export function tryOut({ wish, definition, way, manifest }: Attempt, { users, draft }: Site): Tried | Refusal {
  const { target } = wish;
  const own = nameOf(target.owned.kustomization);
  const [user, ...more] = users.others(way.path, manifest?.by ?? own);
  if (user !== undefined) return shared(way.path, user, more.length);
  const text = draft.text(way.path);
  if (typeof text !== "string") return text;
  const edited = way.edit(text);
  if (isRefusal(edited)) return { code: edited.code, message: `${way.path}: ${edited.message}` };
  const next = edited.text === text ? draft : draft.with(way.path, edited.text);
  const expected: Expected = {
    of: definition,
    rest: (value) => without(wish, value),
    done: (value) => carried(wish, value) === target.stamp,
  };
  const { kind, namespace, name } = target.owned.object;
  const { way: kindOfWay, path, reason } = way;
  const placement = { workload: target.workload, object: { kind, namespace, name }, way: kindOfWay, path, reason };
  return {
    draft: next,
    placed: { target, placement, already: next === draft },
    change: { own, expected, path, manifest },
  };
}

/** Builds everything again that reads what was edited: exactly what is expected may differ. Where it does, the builds are taken over. */
export function proveAll(changes: readonly Change[], { texts }: Draft, builds: Builds): Refusal | undefined {
  let edition: Edition = { ...builds.edition, texts };
  const walks = new Map<string, Walk>();
  const paths = [...new Set(changes.map(({ path }) => path))];
  const refuse = ({ code, message }: Refusal): Refusal => ({ code, message: `${paths.join(", ")}: ${message}` });
  const again = (name: string, wanted: readonly Expected[]): Walk | Refusal => {
    const [before, after] = [builds.now(name), builds.if(name, edition)];
    if ("code" in before || "code" in after) return "code" in after ? after : (before as Refusal);
    walks.set(name, after);
    return prove(before, after, wanted) ?? after;
  };
  for (const { manifest, own } of changes) {
    if (!manifest) continue;
    const walk = again(manifest.by, [patchesOf(manifest)]);
    if ("code" in walk) return refuse(walk);
    const made = walk.definitions.find(({ built }) => sameName(built, manifest.definition.built));
    const facts = edition.facts.get(own);
    if (!made || !facts) return refuse({ code: "NOT_FOUND", message: `Kustomization ${own} is not there any more` });
    const patches = patchesIn(made.value, edition.facts.get(manifest.by));
    edition = { texts, facts: new Map([...edition.facts, [own, { ...facts, patches }]]) };
  }
  for (const name of builds.names) {
    const wanted = changes.filter(({ own }) => own === name).map(({ expected }) => expected);
    const reads = () => paths.some((path) => builds.reads(name, path));
    if (changes.some(({ manifest }) => manifest?.by === name) || (wanted.length === 0 && !reads())) continue;
    const walk = again(name, wanted);
    if ("code" in walk) return refuse(walk);
  }
  builds.accept(edition, walks);
  return undefined;
}

/** Of the manifest itself only its patches may change; what they do is proved by building with them. */
const patchesOf = ({ definition }: Manifest): Expected => ({
  of: definition,
  rest: (value: Json): Json =>
    isMap(value) && isMap(value.spec) ? { ...value, spec: { ...value.spec, patches: null } } : value,
  done: () => true,
});

const sameName = (a: Definition["built"], b: Definition["built"]): boolean =>
  a.group === b.group && a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;

function shared(path: string, user: string, more: number): Refusal {
  const others = more ? ` and ${more} more` : "";
  return { code: "SHARED_BASE", message: `${path} is used by ${user}${others} too` };
}
