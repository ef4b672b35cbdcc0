import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Tree, TreeEntry } from "../../src/ports.ts";

/** The files of a folder as the files of a commit. */
export function folderTree(root: string): Tree {
  return {
    list: (directory) => {
      const at = join(root, directory);
      try {
        if (!lstatSync(at).isDirectory()) return undefined;
        const entries = readdirSync(at, { withFileTypes: true })
          .filter(({ name }) => directory !== "" || name !== ".git")
          .map(
            (each): TreeEntry => ({
              name: each.name,
              is: each.isSymbolicLink() ? "symlink" : each.isDirectory() ? "directory" : "file",
            }),
          );
        return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
      } catch {
        return undefined;
      }
    },
    read: (path) => {
      const at = join(root, path);
      try {
        return lstatSync(at).isSymbolicLink() ? Buffer.from(readlinkSync(at)) : readFileSync(at);
      } catch {
        return undefined;
      }
    },
  };
}

/** Files as the files of a commit; a text that starts with `-> ` is a symbolic link, `submodule` a submodule. */
export function memoryTree(files: Readonly<Record<string, string>>): Tree {
  const folders = new Map<string, Map<string, TreeEntry["is"]>>([["", new Map()]]);
  for (const [path, text] of Object.entries(files)) {
    const parts = path.split("/");
    for (let depth = 0; depth < parts.length; depth++) {
      const directory = parts.slice(0, depth).join("/");
      const is =
        depth < parts.length - 1
          ? "directory"
          : text.startsWith("-> ")
            ? "symlink"
            : text === "submodule"
              ? "submodule"
              : "file";
      const entries = folders.get(directory) ?? new Map<string, TreeEntry["is"]>();
      folders.set(directory, entries.set(parts[depth] ?? "", is));
    }
  }
  return {
    list: (directory) => {
      const entries = folders.get(directory);
      if (!entries) return undefined;
      return [...entries].map(([name, is]) => ({ name, is })).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    read: (path) => {
      const text = Object.hasOwn(files, path) ? files[path] : undefined;
      return text === undefined || text === "submodule" ? undefined : Buffer.from(text.replace(/^-> /, ""));
    },
  };
}
