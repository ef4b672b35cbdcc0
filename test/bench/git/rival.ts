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

/** The `git` command line at the work of reroll, as a script in a job would use it: `git grep` finds the files, and a line is added to each. */
export interface Rival {
  /** Clones without history, checks all files out, changes those that define these workloads or releases, commits, pushes. */
  checkOut(names: readonly string[], mark: string): Promise<Taken>;
  /** The same without checking anything out. */
  bare(names: readonly string[], mark: string): Promise<Taken>;
  /** Asks where the branch is. */
  ask(): Promise<Taken>;
}

const checkOut = `
git clone -q --depth 1 --single-branch --branch main "$url" work
cd work
git grep -lE --all-match -e "$kinds" -e "$names" | tee ../found | while read -r path; do printf '# %s\\n' "$mark" >>"$path"; done
test "$(wc -l <../found)" -eq "$count"
git commit -q -a -m 'Restart five'
git push -q origin main
`;

const bare = `
git clone -q --bare --depth 1 --single-branch --branch main "$url" work
cd work
git read-tree main
git grep -lE --all-match -e "$kinds" -e "$names" main | cut -d: -f2 | tee ../found | while read -r path; do
  id=$({ git cat-file blob "main:$path"; printf '# %s\\n' "$mark"; } | git hash-object -w --stdin)
  printf '100644 %s\\t%s\\n' "$id" "$path"
done | git update-index --index-info
test "$(wc -l <../found)" -eq "$count"
commit=$(git commit-tree "$(git write-tree)" -p main -m 'Restart five')
git update-ref refs/heads/main "$commit"
git push -q "$url" main
`;

const ask = `git ls-remote -q "$url" refs/heads/main`;

/** Against a repository on a server, which nobody else may write to. */
export function rivalOf(url: string): Rival {
  return {
    checkOut: (names, mark) => taken(checkOut, { url, mark, ...patterns(names) }),
    bare: (names, mark) => taken(bare, { url, mark, ...patterns(names) }),
    ask: () => taken(ask, { url }),
  };
}

/** Lines of a manifest that defines one of these: as much as a script with `git grep` knows of where something is. */
const patterns = (names: readonly string[]) => ({
  kinds: "^kind: (HelmRelease|Deployment)$",
  names: `^  name: (${names.join("|")})$`,
  count: String(names.length),
});

async function taken(script: string, env: Readonly<Record<string, string>>): Promise<Taken> {
  const cwd = await mkdtemp(join(tmpdir(), "reroll-rival-"));
  try {
    const began = performance.now();
    const { stdout } = await run("sh", ["-e", "-c", `${script}\ntimes`], {
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
