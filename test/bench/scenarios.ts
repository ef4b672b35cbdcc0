import type { TestClient } from "../cluster/harness/client.ts";
import { type Curl, type Fetched, fetchAgain } from "./curl.ts";
import { changeSources, type Filled } from "./fill.ts";
import { type Cost, middle } from "./measure.ts";
import { bringsContent, isListPage, loseState, reportOf, runOnce, stateSize, writes } from "./runs.ts";
import type { Budget, CostRow } from "./table.ts";

/** Where the scenarios happen. */
export interface Bench {
  readonly bundle: string;
  readonly kubeconfig: string;
  readonly client: TestClient;
  readonly curl: Curl;
  readonly say: (text: string) => void;
}

/** What a scenario measured. */
export interface Measured {
  readonly costs: readonly CostRow[];
  readonly budgets: readonly Budget[];
  readonly notes: readonly string[];
}

const steadyRuns = 5;

const ownRow = (what: string, { wallMs, cpuMs, peakMiB, requests }: Cost): CostRow => ({
  what,
  wallMs,
  cpuMs,
  peakMiB,
  requests: requests.length,
  bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0),
});

const curlRow = (fetched: Fetched): CostRow => ({ what: "  curl, the same reads at once", ...fetched });

/** Nothing is known yet: everything that is used is read and remembered. */
export async function firstRun(
  { bundle, kubeconfig, client, curl, say }: Bench,
  { asking }: Filled,
): Promise<Measured> {
  const cost = await runOnce(bundle, kubeconfig);
  const { coverage, adopted, firstRun: first } = reportOf(cost);
  if (!first || adopted.length !== asking) throw new Error(`the first run adopted ${adopted.length} of ${asking}`);
  const { bytes, objects } = await stateSize(client);
  const entries = coverage.workloadsSeen + coverage.sources;
  const note = `state: ${(bytes / 1024).toFixed(0)} KiB in ${objects} ConfigMaps; ${(bytes / entries).toFixed(0)} bytes for each of ${coverage.sources} sources in use and ${coverage.workloadsSeen} workloads`;
  say(note);
  const again = await fetchAgain(curl, cost.requests, "at once");
  return { costs: [ownRow("first run", cost), curlRow(again)], budgets: [], notes: [note] };
}

/** Nothing changed. Several runs, curl after each of them, so that both see the same machine. With REROLL_BENCH_PROFILE one more, that writes profiles there. */
export async function steadyRun({ bundle, kubeconfig, curl, say }: Bench): Promise<Measured> {
  const profiles = process.env.REROLL_BENCH_PROFILE;
  if (profiles) {
    const options = [
      "--cpu-prof",
      "--heap-prof",
      ...["--cpu-prof-dir", "--heap-prof-dir"].map((flag) => `${flag}=${profiles}`),
    ];
    await runOnce(bundle, kubeconfig, ["run"], {}, options);
  }
  const pairs: { readonly cost: Cost; readonly inTurn: Fetched; readonly atOnce: Fetched }[] = [];
  for (let index = 0; index < steadyRuns; index++) {
    const cost = await runOnce(bundle, kubeconfig);
    const { actions, outcomes } = reportOf(cost);
    if (actions.length + outcomes.length > 0) throw new Error("a run that should find nothing to do acted");
    const inTurn = await fetchAgain(curl, cost.requests, "in turn");
    const atOnce = await fetchAgain(curl, cost.requests, "at once");
    pairs.push({ cost, inTurn, atOnce });
    const [own, ...others] = [cost, inTurn, atOnce].map(({ wallMs }) => `${Math.round(wallMs)} ms`);
    say(`steady run ${index + 1}: ${own}, curl ${others.join(", at once ")}`);
  }
  const costs = pairs.map(({ cost }) => ownRow("", cost));
  const inTurn = pairs.map((pair) => curlRow(pair.inTurn));
  const atOnce = pairs.map((pair) => curlRow(pair.atOnce));
  const ratios = pairs.map((pair) => pair.cost.wallMs / pair.inTurn.wallMs);
  const most = (count: (cost: Cost) => number) => Math.max(...pairs.map(({ cost }) => count(cost)));
  const least = (rows: readonly CostRow[]) => combine(rows, (values) => Math.min(...values));
  const mid = (rows: readonly CostRow[]) => combine(rows, middle);
  return {
    costs: [
      { ...mid(costs), what: `steady run, median of ${steadyRuns}` },
      { ...least(costs), what: "  least" },
      { ...mid(inTurn), what: "  curl, the same pages, list after list, median" },
      { ...least(inTurn), what: "  least" },
      { ...mid(atOnce), what: "  curl, the same pages, all lists at once, median" },
      { ...least(atOnce), what: "  least" },
    ],
    budgets: [
      { what: "steady run: wall, times curl, list after list (median)", value: middle(ratios), most: 3 },
      {
        what: `steady run: peak memory, MiB (largest of ${steadyRuns})`,
        value: most(({ peakMiB }) => peakMiB),
        most: 110,
      },
      {
        what: "steady run: requests beyond list pages",
        value: most(({ requests }) => requests.filter((each) => !isListPage(each)).length),
        most: 15,
      },
      {
        what: "steady run: reads that bring a source's content",
        value: most(({ requests }) => requests.filter(bringsContent).length),
        most: 0,
      },
      {
        what: "steady run: writes but for the Lease",
        value: most(({ requests }) => requests.filter(writes).length),
        most: 0,
      },
    ],
    notes: [],
  };
}

function combine(rows: readonly CostRow[], pick: (values: readonly number[]) => number): CostRow {
  const peaks = rows.flatMap(({ peakMiB }) => peakMiB ?? []);
  return {
    what: "",
    wallMs: pick(rows.map(({ wallMs }) => wallMs)),
    cpuMs: pick(rows.map(({ cpuMs }) => cpuMs)),
    ...(peaks.length > 0 && { peakMiB: pick(peaks) }),
    requests: pick(rows.map(({ requests }) => requests)),
    bytes: pick(rows.map(({ bytes }) => bytes)),
  };
}

/** Two ConfigMaps of each Deployment with pods change; the run restarts those and watches them until they are healthy. */
export async function changedRun({ bundle, kubeconfig, client, curl }: Bench, { live }: Filled): Promise<Measured> {
  const changed = await changeSources(client, live, 1);
  const cost = await runOnce(bundle, kubeconfig);
  const what = `${changed} changed sources, ${healthy(cost, live.length)} restarts seen healthy`;
  return {
    costs: [ownRow(what, cost), curlRow(await fetchAgain(curl, cost.requests, "at once"))],
    budgets: [],
    notes: [],
  };
}

/** The state is lost and the same sources changed meanwhile: the stamps tell what is due, all else is seen for the first time. */
export async function lostRun({ bundle, kubeconfig, client, curl }: Bench, { live }: Filled): Promise<Measured> {
  const changed = await changeSources(client, live, 2);
  await loseState(client);
  const cost = await runOnce(bundle, kubeconfig, ["run", "--catch-up"]);
  const what = `catch-up, state lost, ${changed} changed, ${healthy(cost, live.length)} restarts seen healthy`;
  return {
    costs: [ownRow(what, cost), curlRow(await fetchAgain(curl, cost.requests, "at once"))],
    budgets: [],
    notes: [],
  };
}

function healthy(cost: Cost, wanted: number): number {
  const { outcomes } = reportOf(cost);
  const words = outcomes.map(({ outcome }) => outcome);
  if (words.length !== wanted || words.some((word) => word !== "restarted"))
    throw new Error(`${wanted} restarts wanted: ${JSON.stringify(outcomes.slice(0, 5))} of ${outcomes.length}`);
  return words.length;
}

/** The same cluster where no annotation is read: what is there costs, what is used does not. */
export async function unusedPlan({ bundle, kubeconfig }: Bench): Promise<Measured> {
  const cost = await runOnce(bundle, kubeconfig, ["plan"], {
    REROLL_ANNOTATION_KEYS_AUTO: "example.com/auto",
    REROLL_STATE_NAME: "none",
  });
  const { coverage } = reportOf(cost);
  if (coverage.workloads !== 0) throw new Error("somebody asked for restarts where nobody should");
  return { costs: [ownRow("plan where no workload asks for restarts", cost)], budgets: [], notes: [] };
}
