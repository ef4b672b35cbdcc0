import type { PromiseFsClient } from "isomorphic-git";

/** Files by path, as isomorphic-git wants to see a disk. A folder is there as soon as something is in it. */
export interface MemoryFiles extends PromiseFsClient {
  /** Paths have slashes, the first of which they begin with. */
  readonly files: Map<string, Buffer>;
}

/** An empty disk in memory. */
export function memoryFiles(): MemoryFiles {
  const files = new Map<string, Buffer>();
  const below = (folder: string) => [...files.keys()].filter((path) => path.startsWith(`${folder}/`));

  const stat = async (path: string) => {
    const found = files.get(path);
    if (!found && below(path).length === 0) throw absent(path);
    return {
      type: found ? "file" : "dir",
      mode: found ? 0o100644 : 0o040000,
      size: found?.length ?? 0,
      ino: 0,
      mtimeMs: 0,
      ctimeMs: 0,
      isFile: () => found !== undefined,
      isDirectory: () => found === undefined,
      isSymbolicLink: () => false,
    };
  };
  const unlink = async (path: string) => {
    if (!files.delete(path)) throw absent(path);
  };
  const refuse = async (path: string) => {
    throw absent(path);
  };
  const promises = {
    async readFile(path: string, options?: { readonly encoding?: BufferEncoding } | BufferEncoding) {
      const found = files.get(path);
      if (!found) throw absent(path);
      const encoding = typeof options === "string" ? options : options?.encoding;
      return encoding ? found.toString(encoding) : found;
    },
    async writeFile(path: string, data: string | Uint8Array) {
      files.set(path, Buffer.from(data as Uint8Array));
    },
    async readdir(folder: string) {
      return [...new Set(below(folder).map((path) => path.slice(folder.length + 1).split("/")[0] ?? ""))].sort();
    },
    async mkdir() {},
    async rmdir() {},
    ...{ unlink, stat, lstat: stat, readlink: refuse, symlink: refuse },
  };
  return { files, promises };
}

function absent(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory: ${path}`), { code: "ENOENT" });
}
