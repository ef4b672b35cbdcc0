/** Two processes at once, and one that is asked to stop. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMap, envFrom, workload } from "../support/manifests.ts";
import { openStage, outcomes, type Stage } from "./support/stage.ts";

describe("two runs", () => {
  let stage: Stage;
  let content = 1;
  const change = () => stage.put(configMap("settings", { a: String(++content) }));
  const patched = (from: number) =>
    stage.cluster.waitFor(async () => (await stage.generation("Deployment", "slow")) > from, { what: "the restart" });

  before(async () => {
    stage = await openStage("two");
    await stage.put(configMap("settings", { a: "1" }));
    const template = { annotations: { "lab/ready-after": "5s" } };
    await stage.apply(workload("slow", { template, pod: envFrom(["ConfigMap", "settings"]) }));
    await stage.run();
  });
  after(() => stage.close());

  it("one works, the other says who holds the lock and ends with 0", async () => {
    await change();
    const from = await stage.generation("Deployment", "slow");
    const working = stage.start();
    await patched(from);
    const other = await stage.run();
    assert.equal(other.exitCode, 0);
    assert.ok(other.report.lockedBy?.holder);
    assert.deepEqual(other.report.outcomes, []);
    const { report, exitCode } = await working.ended;
    assert.deepEqual([report.outcomes.map(({ outcome }) => outcome), exitCode], [["restarted"], 0]);
    assert.equal(await stage.generation("Deployment", "slow"), from + 1);
  });

  it("SIGTERM while it watches: exit code 143, the state says so, and the next run finishes it", async () => {
    await change();
    const from = await stage.generation("Deployment", "slow");
    const working = stage.start();
    await patched(from);
    working.kill("SIGTERM");
    const ended = await working.ended;
    assert.equal(ended.exitCode, 143);
    assert.equal(outcomes(ended).slow, "verifying");
    const status = await stage.run(["status"]);
    assert.match(status.stdout, /slow/);
    const next = await stage.run();
    assert.deepEqual([outcomes(next).slow, next.exitCode], ["restarted", 0]);
    assert.equal(await stage.generation("Deployment", "slow"), from + 1);
  });
});
