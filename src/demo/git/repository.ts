import git, { type TreeEntry } from "isomorphic-git";
import { type MemoryFiles, memoryFiles } from "./files.ts";
import { type Refs, refsOf } from "./refs.ts";

/** Where the repository is on its disk in memory. */
export const gitdir = "/repository.git";

/** Text by path from the root; `undefined` removes the file. */
export type Texts = Readonly<Record<string, string | undefined>>;

/** What is told of a commit. */
export interface LoggedCommit {
  readonly id: string;
  /** Name and address: `reroll <reroll@example.com>`. */
  readonly author: string;
  readonly message: string;
}

/** Which branch a commit goes to, `main` by default, and what it says. */
export interface CommitOptions {
  readonly branch?: string;
  readonly message?: string;
}

/** A bare repository in memory, as one who has it on the own disk sees it: what others push is there at once. */
export interface DemoRepository {
  readonly disk: MemoryFiles;
  readonly refs: Refs;
  /** Puts files on top of the branch, and makes it where there is none. Returns the id of the commit. */
  commit(texts: Texts, options?: CommitOptions): Promise<string>;
  /** The commit at the tip of a branch; `undefined` where there is no such branch. */
  tip(branch?: string): string | undefined;
  /** Every file of a branch, by path; empty where there is no such branch. */
  texts(branch?: string): Promise<ReadonlyMap<string, string>>;
  /** The newest first. */
  log(branch?: string): Promise<readonly LoggedCommit[]>;
}

type Edits = ReadonlyMap<string, string | undefined>;

const somebody = { name: "Somebody", email: "somebody@example.com" };

/** An empty repository whose HEAD names `main`. `now`: milliseconds since the epoch, for the commits that are made here. */
export function demoRepository(now: () => number = Date.now): DemoRepository {
  const disk = memoryFiles();
  const refs = refsOf(disk.files, gitdir);
  const at = { fs: disk, gitdir };
  disk.files.set(`${gitdir}/HEAD`, Buffer.from("ref: refs/heads/main\n"));
  disk.files.set(`${gitdir}/config`, Buffer.from("[core]\n\trepositoryformatversion = 0\n\tbare = true\n"));
  const tip = (branch = "main") => refs.get(`refs/heads/${branch}`);

  /** The tree with the edits in it; `undefined` where nothing is left. */
  async function edited(base: string | undefined, edits: Edits): Promise<string | undefined> {
    const before = base === undefined ? [] : (await git.readTree({ ...at, oid: base })).tree;
    const entries = new Map(before.map((entry) => [entry.path, entry]));
    for (const [name, inside] of Map.groupBy(edits, ([path]) => path.split("/")[0] ?? "")) {
      const entry = await editedEntry(name, entries.get(name), new Map(inside));
      if (entry) entries.set(name, entry);
      else entries.delete(name);
    }
    return entries.size === 0 ? undefined : git.writeTree({ ...at, tree: [...entries.values()] });
  }

  async function editedEntry(
    path: string,
    before: TreeEntry | undefined,
    edits: Edits,
  ): Promise<TreeEntry | undefined> {
    if (edits.has(path)) {
      const text = edits.get(path);
      if (text === undefined) return undefined;
      return { path, mode: "100644", type: "blob", oid: await git.writeBlob({ ...at, blob: Buffer.from(text) }) };
    }
    const below = new Map([...edits].map(([each, text]) => [each.slice(path.length + 1), text]));
    const oid = await edited(before?.type === "tree" ? before.oid : undefined, below);
    return oid === undefined ? undefined : { path, mode: "040000", type: "tree", oid };
  }

  async function read(tree: string, folder: string): Promise<readonly (readonly [path: string, text: string])[]> {
    const { tree: entries } = await git.readTree({ ...at, oid: tree });
    const found = entries.map(async ({ path, type, oid }) => {
      if (type === "tree") return read(oid, `${folder}${path}/`);
      if (type !== "blob") return [];
      return [[folder + path, Buffer.from((await git.readBlob({ ...at, oid })).blob).toString()] as const];
    });
    return (await Promise.all(found)).flat();
  }

  return {
    ...{ disk, refs, tip },
    async commit(texts, { branch = "main", message = "Change files" } = {}) {
      const parent = tip(branch);
      const tree = await edited(parent, new Map(Object.entries(texts)));
      const author = { ...somebody, timestamp: Math.floor(now() / 1000), timezoneOffset: 0 };
      const who = { author, committer: author, message };
      const commit = {
        ...who,
        tree: tree ?? (await git.writeTree({ ...at, tree: [] })),
        parent: parent ? [parent] : [],
      };
      const id = await git.writeCommit({ ...at, commit });
      if (!refs.move(`refs/heads/${branch}`, parent, id)) throw new Error(`somebody else moved ${branch} meanwhile`);
      return id;
    },
    async texts(branch) {
      const oid = tip(branch);
      return new Map(oid === undefined ? [] : await read(oid, ""));
    },
    async log(branch) {
      const ref = tip(branch);
      const commits = ref === undefined ? [] : await git.log({ ...at, ref });
      return commits.map(({ oid, commit: { author, message } }) => ({
        id: oid,
        author: `${author.name} <${author.email}>`,
        message,
      }));
    },
  };
}
