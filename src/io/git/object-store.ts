import { GitError } from "../../model/git.ts";
import { type GitObject, objectId } from "./object.ts";
import { type PackedObject, unpack, walkPack } from "./pack-read.ts";

/** Objects that were fetched or made, by id. They stay packed until they are read. */
export interface ObjectStore {
  has(id: string): boolean;
  /** Fails with `bad-answer` where there is no such object. */
  read(id: string): GitObject;
  /** Takes all objects of a pack in. Fails with `bad-answer` and `too-large`, and then takes none. */
  addPack(pack: Buffer): void;
  /** Takes one object in; returns its id. */
  add(object: GitObject): string;
  clear(): void;
}

/** Bytes of unpacked objects that are kept: bases of deltas, and small repositories as a whole. */
const kept = 16 * 1024 * 1024;

/** A store in memory. */
export function createObjectStore(): ObjectStore {
  const packed = new Map<string, PackedObject>();
  const made = new Map<string, GitObject>();
  const unpacked = new Map<PackedObject, GitObject>();
  let bytes = 0;

  function keep(entry: PackedObject, object: GitObject): GitObject {
    const size = object.bytes.length + 128;
    if (size > kept / 4) return object;
    for (const [oldest, { bytes: freed }] of unpacked) {
      if (bytes + size <= kept) break;
      unpacked.delete(oldest);
      bytes -= freed.length + 128;
    }
    unpacked.set(entry, object);
    bytes += size;
    return object;
  }

  function open(entry: PackedObject): GitObject {
    return unpacked.get(entry) ?? keep(entry, unpack(entry, base));
  }

  const find = (id: string) => made.get(id) ?? (packed.has(id) ? open(packed.get(id) as PackedObject) : undefined);

  function read(id: string): GitObject {
    const found = find(id);
    if (found === undefined) throw new GitError("bad-answer", `the server did not send the object ${id}`);
    return found;
  }

  const base = (of: PackedObject | string): GitObject => (typeof of === "string" ? read(of) : open(of));

  function addPack(pack: Buffer): void {
    const fresh: (readonly [string, PackedObject])[] = [];
    const late = new Set<PackedObject>();
    const isResolvable = ({ is }: PackedObject) =>
      typeof is === "string" ? is.length < 40 || packed.has(is) || made.has(is) : !late.has(is);
    const name = (entry: PackedObject, inflated?: Buffer) => {
      const object = keep(entry, unpack(entry, base, inflated));
      const id = objectId(object);
      fresh.push([id, entry]);
      packed.set(id, entry);
    };
    try {
      walkPack(pack, (entry, inflated) => {
        if (isResolvable(entry)) name(entry, inflated);
        else late.add(entry);
      });
      // Deltas whose base comes after them: each round names at least one, or none can be named at all.
      while (late.size > 0) {
        const ready = [...late].filter(isResolvable);
        if (ready.length === 0) throw new GitError("bad-answer", "the pack is damaged: a delta has no base");
        for (const entry of ready) {
          name(entry);
          late.delete(entry);
        }
      }
    } catch (error) {
      for (const [id] of fresh) packed.delete(id);
      throw error;
    }
  }

  return {
    has: (id) => made.has(id) || packed.has(id),
    read,
    addPack,
    add(object) {
      const id = objectId(object);
      if (!packed.has(id)) made.set(id, object);
      return id;
    },
    clear() {
      packed.clear();
      made.clear();
      unpacked.clear();
      bytes = 0;
    },
  };
}
