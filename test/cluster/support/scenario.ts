/** Plays a scenario: somebody keeps writing while runs of the real command come and go, then one last run, then the judge. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Manifest } from "../../../src/demo/direct.ts";
import { mapPool } from "../../../src/model/pool.ts";
import { seeded } from "../../support/interleave.ts";
import { rolledOut } from "../harness/workloads.ts";
import { type Chronicle, openChronicle } from "./chronicle.ts";
import { missed, needless, type RunSpan, restarts } from "./judge.ts";
import { type Ended, openStage, type Stage } from "./stage.ts";

/** What somebody does to a namespace. */
export interface Change {
  readonly put?: readonly Manifest[];
  /** Plain addresses: `deployments.apps/web`, `configmaps/settings`. */
  readonly remove?: readonly string[];
}

export interface Scenario {
  /** As Stakater Reloader's load tests call it. */
  readonly id: string;
  readonly claim: string;
  /** Every namespace gets these. */
  readonly sources: readonly Manifest[];
  readonly workloads: readonly Manifest[];
  readonly namespaces?: number;
  /** The nth thing a writer does, counted from 1. */
  readonly write: (nth: number, random: () => number) => Change;
  readonly everyMs: number;
  readonly writers?: number;
  readonly seconds: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** One of the runs is killed with SIGKILL after so many milliseconds. */
  readonly killedAfterMs?: number;
  /** What has to be true of the number of restarts, besides what is true of all scenarios. */
  readonly restarts?: (count: number) => boolean;
}

/** Numbers for people: how much happened. */
interface Played {
  readonly writes: number;
  readonly runs: number;
  readonly restarts: number;
  readonly mostInOneRun: number;
}

/** The seed of everything that is drawn in scenarios. */
const scenarioSeed = Number(process.env.REROLL_TEST_SEED ?? 20261123);

/** Fails unless every pod runs the final configuration and nobody was restarted without a change of their own. */
async function play(scenario: Scenario): Promise<Played> {
  const stage = await openStage(scenario.id.toLowerCase());
  const { cluster } = stage;
  let chronicle: Chronicle | undefined;
  try {
    const more = Array.from({ length: (scenario.namespaces ?? 1) - 1 }, () =>
      cluster.createNamespace(scenario.id.toLowerCase()),
    );
    const namespaces = [stage.namespace, ...(await Promise.all(more))];
    chronicle = await openChronicle(cluster, namespaces);
    const spans: RunSpan[] = [];
    const run = (kill?: number) => oneRun(stage, chronicle as Chronicle, scenario, namespaces, spans, kill);
    for (const part of [scenario.sources, scenario.workloads])
      await Promise.all(
        namespaces.flatMap((namespace) => part.map((object) => cluster.apply(within(namespace, object)))),
      );
    await settled(stage, chronicle, namespaces);
    await run();

    const writers = startWriters(scenario, stage, namespaces);
    for (let nth = 1; writers.busy(); nth++) await run(nth === 1 ? scenario.killedAfterMs : undefined);
    const writes = await writers.done;
    await run();
    await settled(stage, chronicle, namespaces);
    await chronicle.caughtUp();
    assert.deepEqual(missed(chronicle), [], "pods that do not run the final configuration");
    assert.deepEqual(needless(chronicle, spans), [], "restarts without a change of their own");
    const rest = await run();
    assert.deepEqual([rest?.report.actions, rest?.report.pending], [[], []], "does not come to rest");

    const all = restarts(chronicle);
    const perRun = spans.map(({ from, to }) => all.filter(({ revision }) => from < revision && revision <= to).length);
    assert.ok(scenario.restarts?.(all.length) ?? all.length > 0, `${all.length} restarts`);
    return { writes, runs: spans.length, restarts: all.length, mostInOneRun: Math.max(...perRun) };
  } finally {
    await chronicle?.close();
    await stage.close();
  }
}

/** The same, and says in a line how much happened; a failure names the seed. */
export async function playAndTell(scenario: Scenario): Promise<void> {
  const started = performance.now();
  try {
    const { writes, runs, restarts: all, mostInOneRun } = await play(scenario);
    const took = `${((performance.now() - started) / 1000).toFixed(0)} s`;
    const much = `${writes} writes, ${runs} runs, ${all} restarts, at most ${mostInOneRun} in one run`;
    process.stdout.write(`${scenario.id}: ${much}, ${took}\n`);
  } catch (error) {
    throw new Error(`${scenario.id} (REROLL_TEST_SEED=${scenarioSeed}): ${String(error)}`, { cause: error });
  }
}

function within(namespace: string, object: Manifest): Manifest & { apiVersion: string; kind: string } {
  const { metadata, ...rest } = object;
  return { ...rest, metadata: { ...metadata, namespace } } as Manifest & { apiVersion: string; kind: string };
}

async function oneRun(
  stage: Stage,
  chronicle: Chronicle,
  { args = [], env = {} }: Scenario,
  namespaces: readonly string[],
  spans: RunSpan[],
  killedAfterMs: number | undefined,
): Promise<Ended | undefined> {
  const from = await chronicle.now();
  const running = stage.start(["run", ...args, ...namespaces.flatMap((name) => ["-n", name])], env);
  if (killedAfterMs !== undefined) await sleep(killedAfterMs).then(() => running.kill("SIGKILL"));
  const ended = await running.ended;
  const killed = ended.signal === "SIGKILL";
  spans.push({ from, to: await chronicle.now(), complete: !killed });
  if (killed) await expireLease(stage);
  else assert.equal(ended.exitCode, 0, ended.stdout + ended.stderr);
  return killed ? undefined : ended;
}

/** The Lease of a killed run ends by itself after a minute; here its last renewal is moved into the past instead. */
export async function expireLease({ cluster, home }: Pick<Stage, "cluster" | "home">): Promise<void> {
  const lease = `/apis/coordination.k8s.io/v1/namespaces/${home}/leases/reroll`;
  const past = new Date(Date.now() - 600_000).toISOString().replace("Z", "000Z");
  if (await cluster.find(lease)) await cluster.patch(lease, { spec: { renewTime: past } });
}

/** A thousand new workloads take the controllers a while. */
const patience = 240_000;

/** Waits until every workload that is there has rolled out; what is paused never does. */
export async function settled(
  { cluster }: Pick<Stage, "cluster">,
  chronicle: Chronicle,
  namespaces: readonly string[],
): Promise<void> {
  await chronicle.caughtUp();
  const there = [...chronicle.workloads].flatMap(([ref, moments]) => {
    const last = moments.at(-1);
    return !last || last.gone || last.paused ? [] : [ref.split("/")];
  });
  // A few at a time: a thousand that ask at once keep the controllers from their work.
  await mapPool(there, 4, async ([namespace = "", kind = "", name = ""]) => {
    if (namespaces.includes(namespace))
      await rolledOut(cluster, { apiVersion: "apps/v1", kind, metadata: { namespace, name } }, patience);
  });
}

/** Writers at work for so many seconds, each with its own share of what is written. */
function startWriters(
  { write, everyMs, writers = 1, seconds }: Scenario,
  { cluster }: Stage,
  namespaces: readonly string[],
): { readonly busy: () => boolean; readonly done: Promise<number> } {
  const until = Date.now() + seconds * 1000;
  let count = 0;
  let working = writers;
  const random = seeded(scenarioSeed);
  const work = async () => {
    while (Date.now() < until) {
      const namespace = namespaces[Math.floor(random() * namespaces.length)] ?? "";
      count += 1;
      const { put = [], remove = [] } = write(count, random);
      await Promise.all(put.map((object) => cluster.apply(within(namespace, object))));
      await Promise.all(remove.map((address) => cluster.remove(pathIn(namespace, address), { wait: false })));
      await sleep(everyMs);
    }
    working -= 1;
  };
  const done = Promise.all(Array.from({ length: writers }, work)).then(() => count);
  // A writer that fails is told by `done`, also where nobody waits for it yet.
  done.catch(() => {
    working = 0;
  });
  return { busy: () => working > 0, done };
}

function pathIn(namespace: string, address: string): string {
  const [resource = "", name = ""] = address.split("/");
  const [plural = "", group] = resource.split(".");
  return `${group ? `/apis/${group}/v1` : "/api/v1"}/namespaces/${namespace}/${plural}/${name}`;
}
