/** SIGKILL at twenty random requests of a run with ten changed sources and ten workloads, judged by what the API server says. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { expireLease } from "./support/lease.ts";
import { type CuttingProxy, startProxy } from "./support/proxy.ts";
import { openStage, type Stage } from "./support/stage.ts";

const names = Array.from({ length: 10 }, (_, index) => `app-${index}`);
/** Half of the rounds each, at the same time: a round mostly waits for pods. */
const lanes = [1, 2] as const;

/** The same twenty points in every test run of one seed; another seed by REROLL_TEST_SEED. */
let seed = Number(process.env.REROLL_TEST_SEED ?? 20261123);
function random(): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 4294967296;
}
const rounds = Array.from({ length: 20 }, (_, index) => ({
  round: index + 1,
  lane: lanes[index % lanes.length],
  depth: random(),
  applied: random() < 0.5,
}));

function describeLane(lane: (typeof lanes)[number]): void {
  let stage: Stage;
  let proxy: CuttingProxy;
  let throughProxy: { readonly KUBECONFIG: string };
  let requests = 0;
  let content = 1;

  const generations = async () =>
    Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await stage.generation("Deployment", name)] as const)),
    );
  const change = () => {
    content++;
    return stage.put(...names.map((name) => configMap(`${name}-config`, { a: String(content) })));
  };

  before(async () => {
    stage = await openStage("killed");
    proxy = await startProxy(process.env.REROLL_TEST_KUBECONFIG ?? "");
    throughProxy = { KUBECONFIG: await stage.file("kubeconfig", proxy.kubeconfig) };
    await stage.put(...names.map((name) => configMap(`${name}-config`, { a: "1" })));
    await stage.apply(...names.map((name) => deployment(name, envFrom(["ConfigMap", `${name}-config`]))));
    await stage.run();
    await change();
    proxy.cutAt(undefined);
    const whole = await stage.run(["run"], throughProxy);
    assert.equal(whole.report.outcomes.length, names.length);
    requests = proxy.seen();
  });
  after(async () => {
    await proxy.close();
    await stage.close();
  });

  for (const { round, depth, applied } of rounds.filter((each) => each.lane === lane)) {
    it(`round ${round}: every workload restarts exactly once, and a third run does nothing`, async () => {
      const at = 1 + Math.floor(depth * requests);
      const where = `request ${at} of about ${requests}, ${applied ? "after" : "before"} it was applied`;
      const before = await generations();
      await change();
      const running = stage.start(["run"], throughProxy);
      proxy.cutAt({ request: at, applied, act: () => running.kill("SIGKILL") });
      await running.ended;
      proxy.cutAt(undefined);
      await expireLease(stage);
      const healed = await stage.run();
      const after = await generations();
      for (const name of names) assert.equal((after[name] ?? 0) - (before[name] ?? 0), 1, `${name}: ${where}`);
      assert.equal(healed.exitCode, 0, `${where}\n${healed.stderr}`);
      const idle = await stage.run();
      assert.deepEqual([idle.report.actions, idle.report.outcomes], [[], []], where);
      assert.deepEqual(await generations(), after);
    });
  }

  it("the Lease of a killed run keeps the next one out until it has expired, and says whose it is", async () => {
    await change();
    const running = stage.start(["run"], throughProxy);
    proxy.cutAt({ request: 8, applied: true, act: () => running.kill("SIGKILL") });
    const killed = await running.ended;
    proxy.cutAt(undefined);
    assert.equal(killed.signal, "SIGKILL");
    const blocked = await stage.run();
    assert.equal(blocked.exitCode, 0);
    assert.match(blocked.report.lockedBy?.holder ?? "", /./);
    assert.deepEqual(blocked.report.outcomes, []);
    await expireLease(stage);
    assert.equal((await stage.run()).report.outcomes.length, names.length);
  });
}

describe("killed", { concurrency: lanes.length }, () => {
  for (const lane of lanes) describe(`lane ${lane}`, { concurrency: 1 }, () => describeLane(lane));
});
