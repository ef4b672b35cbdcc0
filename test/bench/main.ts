/** What runs cost on a large cluster, and the budgets of the design: `npm run bench`, or a part of it: `npm run bench -- cluster`, `-- git`. REROLL_BENCH_SCALE (default 1) scales the number of objects; REROLL_BENCH_PROFILE names a folder for profiles of a steady run and of five edits. */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../../scripts/build.ts";
import { openCluster } from "../cluster/harness/client.ts";
import { startControlPlane } from "../cluster/harness/control-plane.ts";
import { readKubeconfig } from "../cluster/harness/kubeconfig.ts";
import { exitOnSignals } from "../cluster/harness/leftovers.ts";
import { openCurl } from "./curl.ts";
import { fill } from "./fill.ts";
import { benchAllGit, gitBudgets, renderGit } from "./git/main.ts";
import { imageEnvironment } from "./image.ts";
import { home } from "./runs.ts";
import { type Bench, changedRun, firstRun, lostRun, type Measured, steadyRun, unusedPlan } from "./scenarios.ts";
import { benchStart } from "./start.ts";
import { type Budget, renderBudgets, renderCosts } from "./table.ts";

const began = performance.now();
const say = (text: string) =>
  process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}\n`);
const scale = Number(process.env.REROLL_BENCH_SCALE ?? 1);
const scaled = (count: number) => Math.max(1, Math.round(count * scale));
const size = {
  namespaces: scaled(100),
  configMaps: scaled(10_000),
  secrets: scaled(10_000),
  deployments: scaled(5_000),
};

async function main(): Promise<number> {
  exitOnSignals();
  const parts = process.argv.slice(2);
  const unknown = parts.find((part) => part !== "cluster" && part !== "git");
  if (unknown !== undefined)
    throw new Error(`there is no part ${unknown} of the bench: cluster or git, or neither for both`);
  const outdir = mkdtempSync(join(tmpdir(), "reroll-bundle-"));
  process.once("exit", () => rmSync(outdir, { recursive: true, force: true }));
  await bundle({ entry: fileURLToPath(new URL("../../src/main.ts", import.meta.url)), outdir });
  const file = join(outdir, "reroll.mjs");
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? "?"}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, ${imageEnvironment().NODE_OPTIONS ?? ""}; everything on one machine.\n\n`;
  const budgets: Budget[] = [];
  const wanted = (part: string) => parts.length === 0 || parts.includes(part);
  if (wanted("cluster")) budgets.push(...(await benchCluster(file, outdir, machine)));
  if (wanted("git")) budgets.push(...(await benchGitMode(file, machine)));
  return budgets.some(({ value, most }) => value > most) ? 1 : 0;
}

async function benchGitMode(file: string, machine: string): Promise<readonly Budget[]> {
  const all = await benchAllGit(file, say);
  const budgets = gitBudgets(all);
  process.stdout.write([machine, renderGit(all), renderBudgets(budgets), "\n"].join(""));
  return budgets;
}

async function benchCluster(file: string, outdir: string, machine: string): Promise<readonly Budget[]> {
  const start = await benchStart(file);
  const controlPlane = await startControlPlane();
  try {
    const { kubeconfig } = controlPlane;
    const client = openCluster(kubeconfig);
    const curl = openCurl(readKubeconfig(kubeconfig), outdir);
    const bench: Bench = { bundle: file, kubeconfig, client, curl, say };
    await client.request("POST", "/api/v1/namespaces", { metadata: { name: home } });
    say("filling the cluster");
    const filled = await fill(client, size);
    const all: Measured[] = [];
    for (const scenario of [firstRun, steadyRun, changedRun, lostRun, unusedPlan]) {
      say(scenario.name);
      all.push(await scenario(bench, filled));
    }
    await client.close();
    const { configMaps, secrets, deployments, namespaces } = size;
    const asking = `${filled.asking} Deployments ask for restarts and use two ConfigMaps and two Secrets each; ${filled.live.length} of them have two pods, all others none`;
    const budgets = [...start, ...all.flatMap((each) => each.budgets)];
    process.stdout.write(
      [
        `${configMaps} ConfigMaps, ${secrets} Secrets, ${deployments} Deployments in ${namespaces} namespaces.\n${asking}.\n`,
        machine,
        renderCosts(all.flatMap((each) => each.costs)),
        ...all.flatMap((each) => each.notes).map((note) => `${note}\n`),
        "\n",
        renderBudgets(budgets),
        "\n",
      ].join(""),
    );
    return budgets;
  } finally {
    await controlPlane.stop();
  }
}

process.exitCode = await main();
