import type { Tree, TreeEntry } from "../../ports.ts";
import { isDirectory, readTree, type StoredEntry } from "./object.ts";
import type { ObjectStore } from "./object-store.ts";

/** Entries of directories by path, each read once. */
interface Directories {
  /** `undefined` where there is no such directory. */
  at(path: string): ReadonlyMap<string, StoredEntry> | undefined;
  /** The entry of a path; `undefined` where there is none. */
  find(path: string): StoredEntry | undefined;
}

/** Directories of the tree object with that id. */
export function directories(store: ObjectStore, root: string): Directories {
  const opened = new Map<string, ReadonlyMap<string, StoredEntry>>();
  const open = (path: string, id: string) => {
    const entries = new Map(readTree(store.read(id).bytes).map((entry) => [entry.name, entry]));
    opened.set(path, entries);
    return entries;
  };
  function at(path: string): ReadonlyMap<string, StoredEntry> | undefined {
    const known = opened.get(path);
    if (known !== undefined) return known;
    if (path === "") return open(path, root);
    const entry = find(path);
    return entry !== undefined && isDirectory(entry.mode) ? open(path, entry.id) : undefined;
  }
  function find(path: string): StoredEntry | undefined {
    const slash = path.lastIndexOf("/");
    return at(slash < 0 ? "" : path.slice(0, slash))?.get(path.slice(slash + 1));
  }
  return { at, find };
}

/** The files under a tree object; each is unpacked when it is read. */
export function createTree(store: ObjectStore, root: string): Tree {
  const { at, find } = directories(store, root);
  return {
    list(directory) {
      const entries = at(directory);
      if (entries === undefined) return undefined;
      return [...entries.values()]
        .filter(({ name }) => !name.startsWith("\0"))
        .map(({ name, mode }) => ({ name, is: kindOf(mode) }))
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    },
    read(path) {
      const entry = find(path);
      const is = entry && kindOf(entry.mode);
      return entry !== undefined && (is === "file" || is === "symlink") ? store.read(entry.id).bytes : undefined;
    },
  };
}

/** What a mode says (gitformat-index); permissions apart, `100664` of old repositories is a file too. */
function kindOf(mode: string): TreeEntry["is"] {
  if (isDirectory(mode)) return "directory";
  if (mode === "120000") return "symlink";
  return mode === "160000" ? "submodule" : "file";
}
