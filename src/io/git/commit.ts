import git, { type PromiseFsClient } from "isomorphic-git";
import { GitError } from "../../model/git.ts";
import type { NewCommit } from "../../ports.ts";
import { gitFolder } from "./memory-files.ts";
import { isDirectory, makeEntry, makeTree, objectId, type StoredEntry, treeOf } from "./object.ts";
import type { ObjectStore } from "./object-store.ts";
import { directories } from "./tree.ts";

/** A commit that was made: its id, and those of everything that its base does not have, itself included. */
export interface MadeCommit {
  readonly id: string;
  readonly fresh: readonly string[];
}

/**
 * Makes a commit on top of another, in the store: new blobs, the trees above them, and the commit. Modes of files stay; a new file gets
 * 100644. Fails with `unsupported` where a change is not one of a plain file, starts from other bytes than the base has, or where nothing
 * changes.
 */
export async function makeCommit(
  fs: PromiseFsClient,
  store: ObjectStore,
  base: string,
  commit: NewCommit,
): Promise<MadeCommit> {
  const at = { fs, gitdir: gitFolder };
  const root = treeOf(store.read(base));
  const { at: entriesAt, find } = directories(store, root);
  const changed = new Map<string, Map<string, StoredEntry>>();
  const directory = (path: string): Map<string, StoredEntry> => {
    const known = changed.get(path);
    if (known !== undefined) return known;
    const entries = new Map(entriesAt(path) ?? []);
    changed.set(path, entries);
    return entries;
  };
  const fresh = new Set<string>();
  const noted = (id: string) => {
    fresh.add(id);
    return id;
  };
  // `writeTree` would read and write names anew, and break those that are not UTF-8: unchanged entries are kept as the bytes they are.
  const writeDirectory = async (path: string) => {
    const { type, bytes } = makeTree([...directory(path).values()]);
    return noted(await git.writeObject({ ...at, type, object: bytes, format: "content" }));
  };

  for (const { path, before, after } of commit.files) {
    const entry = find(path);
    checkChange(path, entry, Buffer.from(before));
    checkParents(path, find);
    const id = noted(await git.writeBlob({ ...at, blob: after }));
    const [parent, name] = splitPath(path);
    directory(parent).set(name, makeEntry(entry?.mode ?? "100644", name, id));
    for (let above = parent; above !== ""; above = splitPath(above)[0]) directory(above);
  }
  // The deepest first: each tree is in the one above it.
  const depth = (path: string) => path.split("/").length;
  for (const path of [...changed.keys()].filter((each) => each !== "").sort((a, b) => depth(b) - depth(a))) {
    const [parent, name] = splitPath(path);
    directory(parent).set(name, makeEntry("40000", name, await writeDirectory(path)));
  }
  const tree = await writeDirectory("");
  if (tree === root) throw new GitError("unsupported", "the commit would change nothing");
  const author = signature(commit);
  const message = commit.message.replaceAll("\0", "");
  const id = await git.writeCommit({ ...at, commit: { tree, parent: [base], author, committer: author, message } });
  return { id, fresh: [...fresh, id] };
}

/** Those characters end a name or an address in a commit (git fsck: badName, badEmail). */
function signature({ author, at }: NewCommit) {
  const clean = (text: string) => text.replace(/[\p{Cc}<>]/gu, "").trim();
  const name = clean(author.name) || "reroll";
  return { name, email: clean(author.email), timestamp: Math.floor(at), timezoneOffset: 0 };
}

function checkChange(path: string, entry: StoredEntry | undefined, before: Buffer): void {
  const segments = path.split("/");
  if (segments.some((each) => ["", ".", "..", ".git"].includes(each.toLowerCase()) || each.includes("\0"))) {
    throw new GitError("unsupported", `${path} is not a path inside a repository`);
  }
  const stands = entry === undefined ? before.length === 0 : entry.id === objectId({ type: "blob", bytes: before });
  if (!stands) throw new GitError("unsupported", `${path} is not what the change of it starts from`);
  if (entry === undefined) return;
  if (isDirectory(entry.mode) || ["120000", "160000"].includes(entry.mode)) {
    throw new GitError("unsupported", `${path} is not a plain file`);
  }
}

/** A file or a link above the path would be replaced by a directory. */
function checkParents(path: string, find: (path: string) => StoredEntry | undefined): void {
  for (let above = splitPath(path)[0]; above !== ""; above = splitPath(above)[0]) {
    const entry = find(above);
    if (entry !== undefined && !isDirectory(entry.mode)) {
      throw new GitError("unsupported", `${above} is not a directory, so there can be no ${path}`);
    }
  }
}

function splitPath(path: string): readonly [directory: string, name: string] {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? ["", path] : [path.slice(0, slash), path.slice(slash + 1)];
}
