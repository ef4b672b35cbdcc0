/** Run after run on a cluster where everything changes and much goes wrong; judged by what the API server wrote down. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runs } from "../support/effort.ts";
import { seeded } from "../support/interleave.ts";
import { type Chronicle, openChronicle } from "./support/chronicle.ts";
import { missed, needless, type RunSpan, restarts } from "./support/judge.ts";
import { type Asked, type CuttingProxy, type Meddling, startProxy } from "./support/proxy.ts";
import { expireLease, settled } from "./support/scenario.ts";
import { type Ended, openStage, type Running, type Stage } from "./support/stage.ts";
import { Turmoil } from "./support/turmoil.ts";

const seed = Number(process.env.REROLL_TEST_SEED ?? 20261123);
const rounds = Math.min(200, runs(10));
const usage = new URL("../bench/usage.mjs", import.meta.url);
/** Nothing here is a loop, although workloads restart dozens of times in an hour. */
const env = { REROLL_RELOAD_ON_CREATE: "true", REROLL_LOOP_BREAKER_RESTARTS: "0", REROLL_LOOP_BREAKER_RETURNS: "0" };
/** What is held up by a trouble is left to the next run after this. */
const impatient = { REROLL_TIMEOUTS_RUN: "1m" };

type Choose = (asked: Asked) => Meddling | undefined;
type Draw = (running: () => Running | undefined, random: () => number) => Choose;

const isWrite = ({ method }: Asked) => method !== "GET";
const lists = (plural: string) => (asked: Asked) => !isWrite(asked) && new RegExp(`/${plural}\\?`).test(asked.path);
const always =
  (which: (asked: Asked) => boolean, meddling: Meddling): Draw =>
  () =>
  (asked) =>
    which(asked) ? meddling : undefined;
const once =
  (which: (asked: Asked) => boolean, meddling: Meddling): Draw =>
  () => {
    let hit = false;
    return (asked) => {
      if (hit || !which(asked)) return undefined;
      hit = true;
      return meddling;
    };
  };
const killed =
  (cut: "before" | "after"): Draw =>
  (running, random) => {
    const at = 1 + Math.floor(random() * 45);
    return ({ nth }) => (nth === at ? { cut, act: () => running()?.kill("SIGKILL") } : undefined);
  };
const lostWrite: Draw = (_, random) => {
  let left = 1 + Math.floor(random() * 6);
  return (asked) => (isWrite(asked) && --left === 0 ? { cut: "after" } : undefined);
};

/** What goes wrong in a run: a new row is a new trouble. */
const troubles: Readonly<Record<string, Draw>> = {
  "killed before a request": killed("before"),
  "killed after a request": killed("after"),
  "killed once more": killed("after"),
  "an answer to a write is lost": lostWrite,
  "another answer to a write is lost": lostWrite,
  "the list of ConfigMaps is refused": always(lists("configmaps"), { status: 403 }),
  "the list of Secrets breaks down": always(lists("secrets"), { status: 500 }),
  "the list of Deployments ends early": once(lists("deployments"), { half: true }),
  "the list of StatefulSets is refused": always(lists("statefulsets"), { status: 403 }),
  "pages of lists are gone": always(({ path }) => path.includes("continue="), { status: 410 }),
  "a page of a list breaks down": always(({ path }) => /configmaps\?.*continue=/.test(path), { status: 503 }),
  "pods cannot be listed": always(lists("pods"), { status: 403 }),
  "a patch is refused": once(({ method }) => method === "PATCH", { status: 409 }),
  "every patch breaks down": always(({ method }) => method === "PATCH", { status: 500 }),
  "the state cannot be written": always((asked) => isWrite(asked) && asked.path.includes("/reroll-state"), {
    status: 500,
  }),
};

interface Cost {
  readonly peakMiB: number;
  readonly stateBytes: number;
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

describe(`${rounds} runs on a churning cluster with killed runs, lost answers and partial lists (REROLL_TEST_SEED=${seed})`, () => {
  let stage: Stage;
  let proxy: CuttingProxy;
  let chronicle: Chronicle;
  let turmoil: Turmoil;
  const random = seeded(seed);
  const spans: RunSpan[] = [];
  const costs: Cost[] = [];
  const explain = (what: string) => `${what}, seed ${seed}\n${turmoil.log.slice(-60).join("\n")}`;

  const span = async (complete: boolean, run: () => Promise<Ended>): Promise<Ended> => {
    const from = await chronicle.now();
    const ended = await run();
    spans.push({ from, to: await chronicle.now(), complete });
    return ended;
  };
  const stateBytes = async () => {
    const all = await stage.cluster.list(`/api/v1/namespaces/${stage.home}/configmaps`);
    const state = all.filter(({ metadata }) => metadata.name.startsWith("reroll-state"));
    // The ledger fills up to a hundred lines, and is looked at by itself.
    const withoutLedger = state.map(({ metadata: _, ...content }) => {
      const json = (content as { data?: Record<string, string> }).data?.["state.json"] ?? "{}";
      const namespaces = JSON.parse(json) as Record<string, { ledger?: readonly unknown[] }>;
      return Object.values(namespaces).map(({ ledger = [], ...rest }) => {
        assert.ok(ledger.length <= 100, `${ledger.length} lines of history`);
        return rest;
      });
    });
    return JSON.stringify(withoutLedger).length;
  };
  const judge = async (what: string) => {
    await settled(stage, chronicle, [stage.namespace]);
    await chronicle.caughtUp();
    assert.deepEqual(missed(chronicle), [], explain(`${what}: something was missed`));
    assert.deepEqual(needless(chronicle, spans), [], explain(`${what}: restarted without a change`));
  };
  const quietRun = async (what: string) => {
    const file = await stage.file("usage.json", "");
    const measured = { NODE_OPTIONS: `--import=${usage.href}`, REROLL_BENCH_USAGE: file };
    const ended = await span(true, () => stage.run(["run", "--catch-up"], { ...env, ...measured }));
    turmoil.log.push(`${what}: a quiet run`);
    assert.equal(ended.exitCode, 0, explain(`${what}\n${ended.stdout}${ended.stderr}`));
    assert.equal(ended.report.lockedBy, null, what);
    const { peakMiB } = JSON.parse(await readFile(file, "utf8")) as { peakMiB: number };
    costs.push({ peakMiB, stateBytes: await stateBytes() });
    await judge(what);
    return ended;
  };
  const troubledRun = async (what: string) => {
    const names = Object.keys(troubles);
    const trouble = names[Math.floor(random() * names.length)] ?? "";
    let running: Running | undefined;
    const choose = troubles[trouble]?.(() => running, random) ?? (() => undefined);
    proxy.meddle(choose, { pageSize: 3 });
    turmoil.log.push(`${what}: ${trouble}`);
    const started = performance.now();
    await span(false, async () => {
      running = stage.start(["run", "--catch-up"], {
        ...env,
        ...impatient,
        KUBECONFIG: await stage.file("kubeconfig", proxy.kubeconfig),
      });
      let busy = true;
      const ended = running.ended.finally(() => {
        busy = false;
      });
      while (busy) {
        await Promise.race([ended, sleep(300 + random() * 700)]);
        if (busy && random() < 0.5) await turmoil.happen(false);
      }
      return ended;
    });
    proxy.meddle(() => undefined);
    const seconds = (performance.now() - started) / 1000;
    if (seconds > 45) process.stdout.write(`soak: ${what} took ${seconds.toFixed(0)} s: ${trouble}\n`);
    await expireLease(stage);
  };

  before(async () => {
    stage = await openStage("soak");
    proxy = await startProxy(process.env.REROLL_TEST_KUBECONFIG ?? "");
    chronicle = await openChronicle(stage.cluster, [stage.namespace]);
    turmoil = new Turmoil(stage, random, 9);
    await turmoil.bringBack();
    await settled(stage, chronicle, [stage.namespace]);
    await quietRun("first run");
  });
  after(async () => {
    await chronicle.close();
    await proxy.close();
    await stage.close();
  });

  it("misses nothing and restarts nothing without a change", async () => {
    for (let round = 1; round <= rounds; round++) {
      for (let events = Math.floor(random() * 4); events > 0; events--) await turmoil.happen(true);
      if (random() < 0.6) await troubledRun(`run ${round}`);
      else await quietRun(`run ${round}`);
    }
    await turmoil.bringBack();
    await quietRun("last run");
    const rest = await quietRun("one more run");
    assert.deepEqual([rest.report.actions, rest.report.pending], [[], []], explain("does not come to rest"));
    const count = restarts(chronicle).length;
    assert.ok(count >= rounds / 4, `only ${count} restarts`);
    process.stdout.write(`soak: seed ${seed}, ${spans.length} runs, ${count} restarts\n`);
  });

  it("memory and state stay as they are", () => {
    const quarter = Math.floor(costs.length / 4);
    const [second, last] = [costs.slice(quarter, 2 * quarter), costs.slice(-quarter)];
    const of = (field: keyof Cost, some: readonly Cost[]) => mean(some.map((cost) => cost[field]));
    const told = (["peakMiB", "stateBytes"] as const).map(
      (field) => `${field} ${of(field, second).toFixed(0)} -> ${of(field, last).toFixed(0)}`,
    );
    process.stdout.write(`soak: second to last quarter of ${costs.length} measured runs: ${told.join(", ")}\n`);
    assert.ok(of("peakMiB", last) < of("peakMiB", second) * 1.1 + 5, told.join());
    assert.ok(
      costs.every((cost) => cost.stateBytes < 64 * 1024),
      told.join(),
    );
    // What is kept per workload fills up to its bound; a short soak ends before that.
    if (rounds >= 100) assert.ok(of("stateBytes", last) < of("stateBytes", second) * 1.25 + 1024, told.join());
  });
});
