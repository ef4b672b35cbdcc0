import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDemoCluster } from "../../../src/demo/cluster.ts";
import { serveGit } from "../../support/git/http-backend.ts";
import { BareRepository } from "../../support/git-repository.ts";
import { type Cost, middle, type Sent } from "../measure.ts";
import { home, reportOf, runOnce } from "../runs.ts";
import type { Budget } from "../table.ts";
import { configMap, fillLive } from "./live.ts";
import { type Rival, rivalOf, type Taken } from "./rival.ts";
import type { App, Shape } from "./shape.ts";

/** A line of the table of git mode. Absent figures were not measured. */
export interface GitRow {
  readonly what: string;
  /** Of the whole process, or of all of them together. */
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB?: number;
  /** To the Git server, and what came back. */
  readonly requests?: number;
  readonly bytes?: number;
}

export interface GitMeasured {
  readonly title: string;
  readonly rows: readonly GitRow[];
  readonly notes: readonly string[];
  readonly budgets: readonly Budget[];
}

/** How often five edits are made: what is shown is the middle. */
const rounds = 5;

/** One round: by the bundle and by the git command line, one right after the other. */
interface Pair {
  readonly edits: Cost;
  readonly bare: Taken;
  readonly checkOut: Taken;
  readonly waits: Cost;
  readonly ask: Taken;
}

/** What a run needs to find and serve it all. */
interface Stage {
  readonly run: (mode: "git" | "direct", args?: readonly string[], options?: readonly string[]) => Promise<Cost>;
  readonly change: (state: string) => void;
  readonly rival: Rival;
  readonly edited: readonly App[];
}

/**
 * Nothing to do and five edits in one repository, by the bundle and by the git command line, against the same `git http-backend`. The API is the
 * embedded one, in this process: what an API server costs is measured by the rest of the bench.
 */
export async function benchGit(bundle: string, shape: Shape, say: (text: string) => void): Promise<GitMeasured> {
  const root = await mkdtemp(join(tmpdir(), "reroll-bench-git-"));
  await using cluster = await startDemoCluster();
  await using server = await serveGit(root);
  try {
    const repositories = await Promise.all(
      ["fleet.git", "rival.git"].map((name) => BareRepository.create(join(root, name))),
    );
    for (const each of repositories) await each.commit(shape.files, { message: "Begin" });
    cluster.api.put({ kind: "Namespace", metadata: { name: home } });
    const tip = await repositories[0]?.tip();
    await fillLive(cluster, shape, `${server.url}/fleet.git`, `main@sha1:${tip}`);
    const kubeconfig = join(root, "kubeconfig");
    await writeFile(kubeconfig, cluster.kubeconfig);
    const edited = [0, 7, 1 / 3, 1 / 2, 1].flatMap((at) => {
      return shape.apps[at > 0 && at <= 1 ? Math.ceil(at * (shape.apps.length - 1)) : at] ?? [];
    });
    return await measureAll(shape, say, {
      edited,
      rival: rivalOf(`${server.url}/rival.git`),
      change: (state) => {
        for (const app of edited) cluster.api.put(configMap(app, state));
      },
      // Flux is not here: what comes after the push is another run's.
      run: (mode, args = ["run"], options = []) =>
        runOnce(bundle, kubeconfig, args, { REROLL_MODE: mode, REROLL_GIT_AWAIT: "0s" }, options),
    });
  } finally {
    await rm(root, { recursive: true });
  }
}

async function measureAll(shape: Shape, say: (text: string) => void, stage: Stage): Promise<GitMeasured> {
  const { run, change, rival, edited } = stage;
  const count = Object.keys(shape.files).length;
  say(`${count} files: first run`);
  await run("git");
  const steady = await run("git");
  change("direct");
  const direct = await run("direct", ["plan"]);
  const profiles = process.env.REROLL_BENCH_PROFILE;
  if (profiles) {
    change("profile");
    const flags = ["--cpu-prof-dir", "--heap-prof-dir"].map((flag) => `${flag}=${profiles}`);
    await run("git", ["run"], ["--cpu-prof", "--heap-prof", ...flags]);
  }
  const pairs: Pair[] = [];
  for (let round = 1; round <= rounds; round++) {
    change(String(round));
    const edits = await run("git");
    committed(edits, edited.length);
    const names = edited.map(({ name }) => name);
    const bare = await rival.bare(names, String(round));
    const checkOut = await rival.checkOut(names, `${round} again`);
    const waits = await run("git");
    const ask = await rival.ask();
    pairs.push({ edits, bare, checkOut, waits, ask });
    const [whole, other, waiting] = [edits, bare, waits].map(({ wallMs }) => `${Math.round(wallMs)} ms`);
    say(`${count} files, round ${round}: ${whole}, the git command line ${other}; nothing to do ${waiting}`);
  }
  const mid = (of: (pair: Pair) => number) => middle(pairs.map(of));
  const most = (of: (pair: Pair) => number) => Math.max(...pairs.map(of));
  const rivalRow = (what: string, of: (pair: Pair) => Taken): GitRow => ({
    what,
    wallMs: mid((pair) => of(pair).wallMs),
    cpuMs: mid((pair) => of(pair).cpuMs),
  });
  const times = (of: (taken: Taken) => number) => mid(({ edits, bare }) => of(edits) / of(bare));
  return {
    title: `${count} files, ${shape.apps.length} apps, ${shape.about}`,
    rows: [
      rowOf("nothing is due", [steady]),
      rowOf(
        "a commit waits for Flux",
        pairs.map(({ waits }) => waits),
      ),
      rivalRow("  git ls-remote", ({ ask }) => ask),
      rowOf(
        "five edits",
        pairs.map(({ edits }) => edits),
      ),
      rivalRow("  git, nothing checked out", ({ bare }) => bare),
      rivalRow("  git, all checked out", ({ checkOut }) => checkOut),
      rowOf("five due in direct mode, plan alone", [direct]),
    ],
    notes: [
      `five edits, times git with nothing checked out (middle of ${rounds} pairs): wall ${times(({ wallMs }) => wallMs).toFixed(1)}, CPU ${times(({ cpuMs }) => cpuMs).toFixed(1)}`,
    ],
    budgets: [
      { what: `${count} files, nothing is due: requests to the Git server`, value: toGit(steady).length, most: 0 },
      {
        what: `${count} files, a commit waits: requests to the Git server (as git ls-remote)`,
        value: most(({ waits }) => toGit(waits).length),
        most: 2,
      },
      {
        what: `${count} files, five edits: wall of the whole run, times git with nothing checked out`,
        value: times(({ wallMs }) => wallMs),
        most: 6,
      },
      {
        what: `${count} files, five edits: peak memory, MiB (largest of ${rounds})`,
        value: most(({ edits }) => edits.peakMiB),
        most: 150,
      },
    ],
  };
}

const isGit = ({ path }: Sent): boolean => path.startsWith("/fleet.git/");
const toGit = ({ requests }: Cost): readonly Sent[] => requests.filter(isGit);

const rowOf = (what: string, costs: readonly Cost[]): GitRow => ({
  what,
  wallMs: middle(costs.map(({ wallMs }) => wallMs)),
  cpuMs: middle(costs.map(({ cpuMs }) => cpuMs)),
  peakMiB: Math.max(...costs.map(({ peakMiB }) => peakMiB)),
  requests: Math.max(...costs.map((cost) => toGit(cost).length)),
  bytes: middle(costs.map((cost) => toGit(cost).reduce((sum, { bytes }) => sum + bytes, 0))),
});

function committed(cost: Cost, wanted: number): void {
  const { outcomes, git = [] } = reportOf(cost);
  const placed = git.flatMap(({ files }) => files);
  if (outcomes.length !== wanted || placed.length !== wanted)
    throw new Error(`${wanted} edits wanted: ${JSON.stringify({ outcomes, placed }).slice(0, 2000)}`);
}
