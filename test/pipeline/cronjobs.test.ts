import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { asks, cronJob, job, jobsOf } from "../support/jobs.ts";
import { auto, configMap } from "../support/manifests.ts";
import { startKnownWorld, type World } from "../support/world.ts";

const config = (a: string) => configMap("config", { a });
const words = (world: Awaited<ReturnType<World["run"]>>) =>
  world.outcomes.map(({ workload, outcome, reason }) => `${workload.kind}/${workload.name} ${outcome} ${reason}`);

describe("a CronJob whose ConfigMap changed", () => {
  it("is left alone where it says nothing about how: no Job, no patch, and the plan says so", async () => {
    await using world = await startKnownWorld([[config("1"), cronJob("nightly", { annotations: auto })]]);
    world.put(config("2"));
    const plan = await world.plan();
    assert.deepEqual(
      [plan.actions, plan.pending, plan.skips, plan.issues.map(({ code, path }) => `${code} ${path}`)],
      [[], [], [], ["left-alone CronJob/shop/nightly"]],
    );
    assert.match(plan.issues[0]?.message ?? "", /reroll\.dev\/strategy: "patch" or "trigger"/);
    const { outcomes, exitCode } = await world.run();
    assert.deepEqual([outcomes, exitCode, jobsOf(world, "nightly")], [[], 0, []]);
    assert.equal(world.cluster.api.get("CronJob", "shop", "nightly")?.metadata.generation, 1);
  });

  it("by patch: its job template gets the stamp, no Job is made, the next one starts with it", async () => {
    await using world = await startKnownWorld([[config("1"), cronJob("nightly", { annotations: asks("patch") })]]);
    world.put(config("2"));
    const ran = await world.run();
    assert.deepEqual(words(ran), ["CronJob/nightly restarted NextJob"]);
    assert.deepEqual([ran.exitCode, jobsOf(world, "nightly"), ran.restarted], [0, [], ["CronJob/shop/nightly"]]);
    assert.deepEqual((await world.run()).actions, []);
  });

  it("by trigger: exactly one Job is made now, from the template, and the job template stays as it is", async () => {
    await using world = await startKnownWorld([[config("1"), cronJob("nightly")]]);
    world.put(config("2"));
    const ran = await world.run();
    assert.deepEqual([words(ran), ran.exitCode], [["CronJob/nightly restarted JobCreated"], 0]);
    const [made, ...more] = jobsOf(world, "nightly");
    assert.deepEqual([more, ran.restarted], [[], []]);
    assert.equal(made?.metadata.annotations?.["cronjob.kubernetes.io/instantiate"], "manual");
    const again = await world.run();
    assert.deepEqual([again.actions, jobsOf(world, "nightly").length], [[], 1]);
  });
});
void job;
