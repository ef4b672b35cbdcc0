import { isUtf8 } from "node:buffer";
import { createHash, hash } from "node:crypto";
import { GitError } from "../../model/git.ts";

export type ObjectType = "commit" | "tree" | "blob" | "tag";

/** A Git object: its type and its bytes without the header. */
export interface GitObject {
  readonly type: ObjectType;
  readonly bytes: Buffer;
}

let scratch = Buffer.alloc(64 * 1024);

/** The id of an object: 40 hex digits. */
export function objectId({ type, bytes }: GitObject): string {
  const head = `${type} ${bytes.length}\0`;
  const length = head.length + bytes.length;
  if (length > 1024 * 1024) return createHash("sha1").update(head).update(bytes).digest("hex");
  // One call for the many small ones: an object of OpenSSL for each is slower, and a burden to the garbage collector.
  if (length > scratch.length) scratch = Buffer.alloc(1024 * 1024 + 64);
  scratch.write(head, "latin1");
  bytes.copy(scratch, head.length);
  return hash("sha1", scratch.subarray(0, length), "hex");
}

/** One entry of a tree object. `raw` is the entry as it is stored, so that entries nobody changes stay what they are, byte by byte. */
export interface StoredEntry {
  /** As stored: `100644`, `100755`, `120000` (symbolic link), `40000` (directory), `160000` (submodule). */
  readonly mode: string;
  readonly name: string;
  readonly id: string;
  readonly raw: Buffer;
}

/** Reads a tree object. Fails with `bad-answer`. */
export function readTree(bytes: Buffer): readonly StoredEntry[] {
  const entries: StoredEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const nul = bytes.indexOf(0, space);
    const end = nul + 21;
    if (space < 0 || nul < 0 || end > bytes.length) throw new GitError("bad-answer", "a tree object is damaged");
    entries.push({
      mode: bytes.toString("latin1", at, space),
      name: nameOf(bytes.subarray(space + 1, nul)),
      id: bytes.toString("hex", nul + 1, end),
      raw: bytes.subarray(at, end),
    });
    at = end;
  }
  return entries;
}

/** Names that are not UTF-8 begin with NUL, which no path can hold: they are kept apart from each other and cannot be addressed. */
function nameOf(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString() : `\0${bytes.toString("latin1")}`;
}

/** An entry as it is stored. */
export function makeEntry(mode: string, name: string, id: string): StoredEntry {
  const raw = Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")]);
  return { mode, name, id, raw };
}

/** A tree object. Git sorts directories as if their names ended in a slash (`base_name_compare` of read-cache.c). */
export function makeTree(entries: readonly StoredEntry[]): GitObject {
  const key = ({ mode, raw }: StoredEntry) => {
    const name = raw.subarray(mode.length + 1, raw.length - 21);
    return isDirectory(mode) ? Buffer.concat([name, Buffer.from("/")]) : name;
  };
  const sorted = entries.map((entry) => ({ entry, key: key(entry) })).sort((a, b) => Buffer.compare(a.key, b.key));
  return { type: "tree", bytes: Buffer.concat(sorted.map(({ entry }) => entry.raw)) };
}

/** Whether a mode is that of a directory, however it is written. */
export function isDirectory(mode: string): boolean {
  return /^0?40000$/.test(mode);
}

/** The message of a commit object: what comes after its headers. */
export function messageOf({ bytes }: GitObject): string {
  const end = bytes.indexOf("\n\n");
  return end < 0 ? "" : bytes.toString("utf8", end + 2);
}

/** The tree of a commit object. Fails with `bad-answer`. */
export function treeOf(commit: GitObject): string {
  const [, tree] = /^tree ([0-9a-f]{40})\n/.exec(commit.bytes.toString("latin1", 0, 64)) ?? [];
  if (commit.type !== "commit" || tree === undefined) throw new GitError("bad-answer", "the branch is not at a commit");
  return tree;
}
