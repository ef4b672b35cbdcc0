import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { lstat, mkdir, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { bareConfig, gitEnvironment } from "./git/run.ts";

const run = promisify(execFile);

/** One commit as `git log` tells it. */
export interface LoggedCommit {
  readonly id: string;
  readonly parents: readonly string[];
  /** `Name <email>`. */
  readonly author: string;
  readonly subject: string;
  /** Everything below the subject, trailers included. */
  readonly body: string;
}

/** Contents by path; `undefined` removes the file. */
export type Contents = Readonly<Record<string, string | Uint8Array | undefined>>;

export interface CommitOptions {
  readonly message?: string;
  /** `Name <email>`. */
  readonly author?: string;
  readonly branch?: string;
  /** Has no parent, as after a force push of another history. */
  readonly orphan?: boolean;
}

/** A bare repository on this machine, written to behind the back of everybody who only sees the server. */
export class BareRepository {
  readonly path: string;
  /** Of the branch that everything is about unless told otherwise. */
  readonly branch: string;

  constructor(path: string, branch: string) {
    this.path = path;
    this.branch = branch;
  }

  /** Makes an empty one. */
  static async create(path: string, branch = "main"): Promise<BareRepository> {
    await run("git", ["init", "-q", "--bare", `--initial-branch=${branch}`, path], { env: gitEnvironment });
    const repository = new BareRepository(path, branch);
    for (const [name, value] of Object.entries(bareConfig)) await repository.git("config", name, value);
    return repository;
  }

  /** Runs git in it and gives what it prints. */
  async git(...args: string[]): Promise<string> {
    const options = { cwd: this.path, env: gitEnvironment, maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await run("git", ["--git-dir=.", ...args], options);
    return stdout;
  }

  /** Commits on top of the branch as somebody else; hooks have no say in it. Gives the id of the commit. */
  async commit(contents: Contents, options: CommitOptions = {}): Promise<string> {
    const { message = "Change something else", author = "Somebody Else <else@example.com>" } = options;
    const { branch = this.branch, orphan = false } = options;
    const ref = `refs/heads/${branch}`;
    const parent = orphan ? undefined : await this.tip(branch);
    const stream: (string | Uint8Array)[] = [`commit ${ref}\n`, `committer ${author} now\n`, ...data(message)];
    if (parent) stream.push(`from ${parent}\n`);
    for (const [path, content] of Object.entries(contents)) {
      if (content === undefined) stream.push(`D ${JSON.stringify(path)}\n`);
      else stream.push(`M ${modeOf(content)} inline ${JSON.stringify(path)}\n`, ...data(bytesOf(content)));
    }
    await this.#import([...stream, "done\n"], orphan);
    return (await this.tip(branch)) ?? "";
  }

  /** The id at the tip of a branch; `undefined` where there is none. */
  async tip(branch = this.branch): Promise<string | undefined> {
    const found = await this.git("for-each-ref", "--format=%(objectname)", `refs/heads/${branch}`);
    return found.trim() || undefined;
  }

  /** The commits of the branch, newest first. */
  async log(range = this.branch): Promise<LoggedCommit[]> {
    const text = await this.git("log", "-z", "--format=%H%x01%P%x01%an <%ae>%x01%s%x01%b", range, "--");
    return text
      .split("\0")
      .filter((entry) => entry !== "")
      .map((entry) => {
        const [id = "", parents = "", author = "", subject = "", body = ""] = entry.split("\x01");
        return {
          id,
          author,
          subject,
          body: body.trim(),
          parents: parents.split(" ").filter((parent) => parent !== ""),
        };
      });
  }

  /** What a commit changed, as a unified diff. */
  diff(commit = this.branch): Promise<string> {
    return this.git("show", "--format=", "--no-renames", commit, "--");
  }

  /** The bytes of a file. */
  async read(path: string, commit = this.branch): Promise<string> {
    return this.git("cat-file", "blob", `${commit}:${path}`);
  }

  /** Writes the files of a commit into a folder. */
  async checkOut(folder: string, commit = this.branch): Promise<void> {
    const index = join(folder, ".index");
    const env = { ...gitEnvironment, GIT_INDEX_FILE: index };
    await run("git", [`--git-dir=${this.path}`, `--work-tree=${folder}`, "checkout", "-q", "-f", commit, "--", "."], {
      env,
    });
    await rm(index);
  }

  /** Fails with what `git fsck` complains about, if anything. */
  async fsck(): Promise<void> {
    const { stdout, stderr } = await run("git", ["fsck", "--full", "--strict", "--no-dangling", "--no-progress"], {
      cwd: this.path,
      env: { ...gitEnvironment, GIT_DIR: this.path },
    });
    if (stdout + stderr !== "") throw new Error(`git fsck: ${stdout}${stderr}`);
  }

  /** Puts a hook in place of the one there is; without a script there is none any more. */
  async hook(name: "pre-receive" | "update" | "post-receive", script?: string): Promise<void> {
    const file = join(this.path, "hooks", name);
    await rm(file, { force: true });
    if (script === undefined) return;
    await mkdir(join(this.path, "hooks"), { recursive: true });
    await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  /** Pushes are declined with these words from now on. */
  decline(words: string): Promise<void> {
    return this.hook("pre-receive", `cat >/dev/null\necho '${words.replaceAll("'", "'\\''")}' >&2\nexit 1`);
  }

  /**
   * The next pushes each find that somebody else was faster, by a commit between their check and the write: one per element, in order.
   * Gives the ids of these commits. Nothing else may write to the branch until they happened.
   */
  async outrun(all: readonly Contents[]): Promise<string[]> {
    const side = "races/next";
    await this.git("update-ref", `refs/heads/${side}`, (await this.tip()) ?? "");
    const ids: string[] = [];
    for (const contents of all) ids.push(await this.commit(contents, { branch: side, message: "Be faster" }));
    await this.git("update-ref", "-d", `refs/heads/${side}`);
    for (const [index, id] of ids.entries()) await this.git("update-ref", `refs/races/${index}`, id);
    // The objects pushed are no longer in quarantine here, and the reference is not yet locked.
    await this.hook(
      "update",
      `next=$(git for-each-ref --count=1 --format='%(objectname) %(refname)' refs/races/)
[ -n "$next" ] || exit 0
git update-ref "$1" "\${next%% *}" && git update-ref -d "\${next#* }"`,
    );
    return ids;
  }

  async #import(stream: readonly (string | Uint8Array)[], force: boolean): Promise<void> {
    const args = [
      "--git-dir=.",
      "fast-import",
      "--quiet",
      "--done",
      "--date-format=now",
      ...(force ? ["--force"] : []),
    ];
    const child = spawn("git", args, { cwd: this.path, env: gitEnvironment, stdio: ["pipe", "ignore", "pipe"] });
    let complaints = "";
    child.stderr.on("data", (chunk) => {
      complaints += chunk;
    });
    child.stdin.on("error", () => {});
    child.stdin.end(Buffer.concat(stream.map((part) => Buffer.from(part as Uint8Array))));
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`git fast-import: ${complaints}`);
  }
}

/** A symbolic link in `Contents`: its target. */
export class Link extends Uint8Array {}

/** Every file below a folder, links as links, as a commit takes them. */
export async function filesBelow(folder: string, prefix = ""): Promise<Record<string, Uint8Array>> {
  const found: Record<string, Uint8Array> = {};
  for (const name of (await readdir(folder)).sort()) {
    const [file, path] = [join(folder, name), prefix + name];
    const about = await lstat(file);
    if (about.isDirectory()) Object.assign(found, await filesBelow(file, `${path}/`));
    else if (about.isSymbolicLink()) found[path] = new Link(Buffer.from(await readlink(file)));
    else found[path] = await readFile(file);
  }
  return found;
}

const bytesOf = (content: string | Uint8Array) => (typeof content === "string" ? Buffer.from(content) : content);
const modeOf = (content: string | Uint8Array) => (content instanceof Link ? "120000" : "100644");
const data = (content: string | Uint8Array): (string | Uint8Array)[] => {
  const bytes = bytesOf(content);
  return [`data ${bytes.length}\n`, bytes, "\n"];
};
