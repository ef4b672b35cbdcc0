import git, { type CommitObject } from "isomorphic-git";
import type { MemoryFiles } from "./files.ts";
import { gitdir } from "./repository.ts";

/** What a client asks for and what it has, by commit. */
export interface Wish {
  /** Commits and tags. */
  readonly wants: readonly string[];
  /** What the client has, with everything that it reaches. */
  readonly haves: readonly string[];
  /** Commits of the client whose parents it does not have. */
  readonly shallow: readonly string[];
  /** How many commits deep; `undefined`: all. */
  readonly depth: number | undefined;
}

/** What is sent: the objects, and what changes in what the client takes for cut off. */
export interface Reached {
  readonly objects: readonly string[];
  readonly shallow: readonly string[];
  readonly unshallow: readonly string[];
}

/** Reads objects of one repository; what is read once is remembered. */
export interface Objects {
  has(oid: string): Promise<boolean>;
  /** Throws isomorphic-git's NotFoundError where there is no such object, as everything here does. */
  commit(oid: string): Promise<CommitObject>;
  /** Through tags of tags to what they name. */
  peel(oid: string): Promise<Peeled>;
  /** Adds the object, and everything below it where it is a tree, unless it is in `known`. */
  collect(oid: string, known: Set<string>): Promise<void>;
}

interface Peeled {
  readonly tags: readonly string[];
  readonly oid: string;
  readonly type: string;
}

/** The objects on a disk. */
export function objectsOf(fs: MemoryFiles): Objects {
  const at = { fs, gitdir, cache: {} };
  const typeOf = async (oid: string) => (await git.readObject({ ...at, oid, format: "content" })).type;

  async function collect(oid: string, known: Set<string>): Promise<void> {
    if (known.has(oid)) return;
    known.add(oid);
    if ((await typeOf(oid)) !== "tree") return;
    // A submodule's commit is in another repository.
    for (const entry of (await git.readTree({ ...at, oid })).tree)
      if (entry.type !== "commit") await collect(entry.oid, known);
  }

  async function peel(oid: string): Promise<Peeled> {
    const type = await typeOf(oid);
    if (type !== "tag") return { tags: [], oid, type };
    const named = await peel((await git.readTag({ ...at, oid })).tag.object);
    return { ...named, tags: [oid, ...named.tags] };
  }

  return {
    ...{ collect, peel },
    commit: async (oid) => (await git.readCommit({ ...at, oid })).commit,
    has: (oid) => typeOf(oid).then(Boolean, () => false),
  };
}

/** Decides what is sent for a wish, as `git upload-pack` does (gitprotocol-pack). What both have may be sent again where that is cheaper to know. */
export async function reach(objects: Objects, { wants, haves, shallow, depth }: Wish): Promise<Reached> {
  const peeled = await Promise.all(wants.map(objects.peel));
  const starts = peeled.filter(({ type }) => type === "commit").map(({ oid }) => oid);
  const cut = new Set(shallow);
  const depths = depth === undefined ? new Map<string, number>() : await within(objects, starts, depth);
  const hasParents = async (oid: string) => (await objects.commit(oid)).parent.length > 0;
  const boundary = new Set<string>();
  for (const [oid, at] of depths) if (at === depth && (await hasParents(oid))) boundary.add(oid);
  const unshallow = shallow.filter((oid) => depths.has(oid) && !boundary.has(oid));
  const common = await history(objects, haves, cut, new Set());
  const deepened = (await Promise.all(unshallow.map(objects.commit))).flatMap(({ parent }) => parent);
  const stops = new Set([...boundary, ...shallow.filter((oid) => !unshallow.includes(oid))]);
  const commits = await history(objects, [...starts, ...deepened], stops, common);

  const known = new Set(common);
  for (const oid of haves) if (common.has(oid)) await objects.collect((await objects.commit(oid)).tree, known);
  const before = new Set(known);
  for (const { tags, oid } of peeled) for (const each of [...tags, oid]) await objects.collect(each, known);
  for (const oid of commits) await objects.collect(oid, known);
  for (const oid of commits) await objects.collect((await objects.commit(oid)).tree, known);
  return {
    objects: [...known].filter((oid) => !before.has(oid)),
    shallow: [...boundary].filter((oid) => !cut.has(oid)),
    unshallow,
  };
}

/** The commits at most so deep, the starts being at 1, with the least depth of each. */
async function within(objects: Objects, starts: readonly string[], depth: number): Promise<Map<string, number>> {
  const depths = new Map<string, number>();
  let level = new Set(starts);
  for (let at = 1; at <= depth && level.size > 0; at += 1) {
    for (const oid of level) depths.set(oid, at);
    const parents = (await Promise.all([...level].map(objects.commit))).flatMap(({ parent }) => parent);
    level = new Set(parents.filter((oid) => !depths.has(oid)));
  }
  return depths;
}

/** The commits that are reached without going beyond `stops`, and without those in `except`. */
async function history(
  objects: Objects,
  starts: readonly string[],
  stops: ReadonlySet<string>,
  except: ReadonlySet<string>,
): Promise<Set<string>> {
  const found = new Set<string>();
  const open = [...starts];
  for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
    if (found.has(oid) || except.has(oid)) continue;
    found.add(oid);
    if (!stops.has(oid)) open.push(...(await objects.commit(oid)).parent);
  }
  return found;
}
