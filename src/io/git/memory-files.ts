import { deflateSync, inflateSync } from "node:zlib";
import type { PromiseFsClient } from "isomorphic-git";
import type { GitObject, ObjectType } from "./object.ts";
import type { ObjectStore } from "./object-store.ts";

/** Where isomorphic-git finds the repository. */
export const gitFolder = "/git";

const objectPath = /^\/git\/objects\/([0-9a-f]{2})\/([0-9a-f]{38})$/;

/**
 * A bare repository as isomorphic-git wants to see it, in memory: a few small files (config, refs, shallow), and every object of the store
 * as if it were loose. There are no packs to look into.
 */
export function createMemoryFiles(store: ObjectStore, config: string): PromiseFsClient {
  const files = new Map<string, Buffer>([[`${gitFolder}/config`, Buffer.from(config)]]);

  function find(path: string): Buffer | undefined {
    const id = objectId(path);
    return id === undefined ? files.get(path) : store.has(id) ? loose(store.read(id)) : undefined;
  }
  const exists = (path: string) => {
    const id = objectId(path);
    return id === undefined ? files.has(path) : store.has(id);
  };
  const stat = async (path: string) => {
    const is = path === gitFolder ? "directory" : exists(path) ? "file" : undefined;
    if (is === undefined) throw absent(path);
    return { isFile: () => is === "file", isDirectory: () => is === "directory", isSymbolicLink: () => false };
  };
  const unlink = async (path: string) => {
    if (!files.delete(path)) throw absent(path);
  };
  const promises = {
    async readFile(path: string, options?: { readonly encoding?: "utf8" } | "utf8") {
      const found = find(path);
      if (found === undefined) throw absent(path);
      const encoding = typeof options === "string" ? options : options?.encoding;
      return encoding === undefined ? found : found.toString(encoding);
    },
    async writeFile(path: string, data: string | Uint8Array) {
      if (objectId(path) !== undefined) store.add(fromLoose(Buffer.from(data as Uint8Array)));
      else files.set(path, Buffer.from(data as Uint8Array));
    },
    unlink,
    stat,
    lstat: stat,
    rm: unlink,
    // Folders are there when something is in them, and nobody asks what that is.
    readdir: async () => [],
    mkdir: async () => {},
    rmdir: async () => {},
    readlink: async (path: string) => Promise.reject(absent(path)),
    symlink: async (path: string) => Promise.reject(absent(path)),
  };
  return { promises };
}

function objectId(path: string): string | undefined {
  const [, folder, name] = objectPath.exec(path) ?? [];
  return folder === undefined || name === undefined ? undefined : `${folder}${name}`;
}

/** Not compressed: it does not leave the process. */
function loose({ type, bytes }: GitObject): Buffer {
  return deflateSync(Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes]), { level: 0 });
}

function fromLoose(data: Buffer): GitObject {
  const whole = inflateSync(data);
  const end = whole.indexOf(0);
  const type = whole.toString("latin1", 0, end).split(" ")[0] as ObjectType;
  return { type, bytes: whole.subarray(end + 1) };
}

function absent(path: string): Error {
  return Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
}
