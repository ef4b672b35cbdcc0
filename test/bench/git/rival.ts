import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gitEnvironment } from "../../support/git/run.ts";

const run = promisify(execFile);

/** What the `git` command line took, all its processes together, the server's left out. */
export interface Taken {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** The `git` command line at the work of reroll, as a script in a job would use it. */
export interface Rival {
  /** Clones without history, checks all files out, changes these, commits, pushes. */
  checkOut(paths: readonly string[], mark: string): Promise<Taken>;
  /** The same without checking anything out: only the changed files are read, and nothing is looked into to find them. */
  bare(paths: readonly string[], mark: string): Promise<Taken>;
  /** Asks where the branch is. */
  ask(): Promise<Taken>;
}

const checkOut = `
git clone -q --depth 1 --single-branch --branch main "$url" work
cd work
for path; do printf '# %s\\n' "$mark" >>"$path"; done
git commit -q -a -m 'Restart five'
git push -q origin main
`;

const bare = `
git clone -q --bare --depth 1 --single-branch --branch main "$url" work
cd work
git read-tree main
for path; do
  id=$({ git cat-file blob "main:$path"; printf '# %s\\n' "$mark"; } | git hash-object -w --stdin)
  printf '100644 %s\\t%s\\n' "$id" "$path"
done | git update-index --index-info
commit=$(git commit-tree "$(git write-tree)" -p main -m 'Restart five')
git update-ref refs/heads/main "$commit"
git push -q "$url" main
`;

const ask = `git ls-remote -q "$url" refs/heads/main`;

/** Against a repository on a server, which nobody else may write to. */
export function rivalOf(url: string): Rival {
  return {
    checkOut: (paths, mark) => taken(checkOut, { url, mark }, paths),
    bare: (paths, mark) => taken(bare, { url, mark }, paths),
    ask: () => taken(ask, { url }, []),
  };
}

async function taken(script: string, env: Readonly<Record<string, string>>, words: readonly string[]): Promise<Taken> {
  const cwd = await mkdtemp(join(tmpdir(), "reroll-rival-"));
  try {
    const began = performance.now();
    const { stdout } = await run("sh", ["-e", "-c", `${script}\ntimes`, "sh", ...words], {
      cwd,
      env: { ...gitEnvironment, ...env },
    });
    const wallMs = performance.now() - began;
    // Two lines: the shell's own, and what it waited for.
    const times = stdout
      .trim()
      .split("\n")
      .slice(-2)
      .join(" ")
      .matchAll(/(\d+)m([\d.]+)s/g);
    const seconds = [...times].reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0);
    return { wallMs, cpuMs: seconds * 1000 };
  } finally {
    await rm(cwd, { recursive: true });
  }
}
