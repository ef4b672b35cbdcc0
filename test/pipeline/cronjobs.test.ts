import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Right } from "../../src/model/errors.ts";
import { triggeredJobName } from "../../src/model/job-name.ts";
import { asks, contentOf, cronJob, job, jobsOf, podsOfJob } from "../support/jobs.ts";
import { auto, configMap, deployment, envFrom } from "../support/manifests.ts";
import { startKnownWorld, startWorld, type World } from "../support/world.ts";

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

const isTriggered = ({ metadata }: { metadata: { name: string } }) => /-r[0-9a-f]{8}$/.test(metadata.name);
const owedAs = ({ pending }: { pending: readonly { reason: string }[] }) => pending.map(({ reason }) => reason);

/** A CronJob with a Job of its schedule that runs. */
async function startBusy(policy: string): Promise<World> {
  const world = await startKnownWorld([[config("1"), cronJob("nightly", { spec: { concurrencyPolicy: policy } })]]);
  const owner = world.cluster.api.get("CronJob", "shop", "nightly") ?? assert.fail("no CronJob");
  world.put(job("nightly-29876543", { annotations: {}, owner }));
  await world.run();
  world.put(config("2"));
  return world;
}

describe("a CronJob by trigger", () => {
  it("gets a Job for every change, also back to content that a Job was made for before", async () => {
    await using world = await startKnownWorld([[config("1"), cronJob("nightly", { template: {} })]]);
    for (const content of ["2", "1", "2"]) {
      world.put(config(content));
      assert.deepEqual(words(await world.run()), ["CronJob/nightly restarted JobCreated"]);
      assert.deepEqual((await world.run()).actions, []);
    }
    const names = jobsOf(world, "nightly").map(({ metadata }) => metadata.name);
    assert.equal(new Set(names).size, 3);
  });

  it("gets none for what is undone before its turn, at first sight, or by catch-up", async () => {
    await using world = await startWorld([[cronJob("nightly")], [config("1")]]);
    await world.run({ policy: { catchUp: true } });
    world.put(config("2"));
    world.put(config("1"));
    await world.run();
    assert.deepEqual(jobsOf(world, "nightly"), []);
  });

  it("that is suspended is owed its Job; undone meanwhile, it gets none; otherwise it gets one once it is resumed", async () => {
    for (const [last, made] of [["1", 0] as const, ["2", 1] as const]) {
      await using world = await startKnownWorld([[config("1"), cronJob("nightly", { spec: { suspend: true } })]]);
      world.put(config("2"));
      const held = await world.run();
      assert.deepEqual([owedAs(held), held.outcomes, held.exitCode], [["suspended"], [], 0]);
      assert.deepEqual(owedAs(await world.plan()), ["suspended"]);
      world.put(config(last));
      world.cluster.api.patch("CronJob", "shop", "nightly", { spec: { suspend: false } });
      await world.run();
      assert.equal(jobsOf(world, "nightly").length, made);
      assert.deepEqual(owedAs(await world.run()), []);
    }
  });

  it("under Forbid waits for a Job that runs, whoever started it, and says so", async () => {
    await using world = await startBusy("Forbid");
    assert.deepEqual(owedAs(await world.run()), ["job-running"]);
    // A Job made by hand is not in status.active: only a look at the Jobs tells.
    world.cluster.api.patch("Job", "shop", "nightly-29876543", {
      metadata: { annotations: { "cronjob.kubernetes.io/instantiate": "manual" } },
    });
    const held = await world.run();
    assert.deepEqual([words(held), held.exitCode], [["CronJob/nightly deferred JobRunning"], 0]);
    assert.equal(jobsOf(world, "nightly").filter(isTriggered).length, 0);
    world.remove("Job", "nightly-29876543");
    assert.deepEqual(words(await world.run()), ["CronJob/nightly restarted JobCreated"]);
    assert.equal(jobsOf(world, "nightly").length, 1);
  });

  it("under Replace takes the running Job and its pods away first, but none that a person started", async () => {
    await using world = await startBusy("Replace");
    const owner = world.cluster.api.get("CronJob", "shop", "nightly") ?? assert.fail("no CronJob");
    const byHand = job("by-hand", { annotations: { "cronjob.kubernetes.io/instantiate": "manual" }, owner });
    world.put(byHand);
    world.put(config("3"));
    assert.deepEqual(words(await world.run()), ["CronJob/nightly restarted JobCreated"]);
    const left = jobsOf(world, "nightly").map(({ metadata }) => metadata.name.replace(/-r.*/, "-r…"));
    assert.deepEqual(left, ["by-hand", "nightly-r…"]);
    assert.deepEqual(podsOfJob(world, "nightly-29876543"), []);
    world.put(config("4"));
    await world.run();
    assert.equal(jobsOf(world, "nightly").length, 2, "the one that was made before is replaced too");
  });

  it("under Allow makes one beside the other, which ends with what it started with", async () => {
    await using world = await startBusy("Allow");
    await world.run();
    assert.equal(jobsOf(world, "nightly").length, 2);
    assert.deepEqual(contentOf(world, "nightly-29876543"), ["1"]);
  });

  it("whose name for the Job somebody took fails and says which; the others go on", async () => {
    await using world = await startKnownWorld([[config("1"), cronJob("nightly"), cronJob("weekly")]]);
    world.put(config("2"));
    const { actions } = await world.plan();
    const { uid = "" } = world.cluster.api.get("CronJob", "shop", "nightly")?.metadata ?? {};
    const stamp = actions.find(({ workload }) => workload.name === "nightly")?.stamp ?? "";
    world.put(job(triggeredJobName({ name: "nightly", uid }, stamp), { annotations: {} }));
    const ran = await world.run();
    assert.equal(ran.outcomes[0]?.outcome, "failed");
    assert.match(
      ran.outcomes[0]?.message ?? "",
      /there is a Job nightly-r[0-9a-f]{8} that was not made for this change/,
    );
    assert.equal(jobsOf(world, "weekly").length, 1);
  });

  it("by another strategy than before: one stamp counts, and nothing is done twice", async () => {
    await using world = await startKnownWorld([[config("1"), cronJob("nightly", { template: {} })]]);
    const choose = (strategy: string) =>
      world.cluster.api.patch("CronJob", "shop", "nightly", { metadata: { annotations: asks(strategy) } });
    const steps = [
      ["trigger", "JobCreated"],
      ["patch", "NextJob"],
      ["trigger", "JobCreated"],
    ] as const;
    for (const [index, [strategy, reason]] of steps.entries()) {
      choose(strategy);
      assert.deepEqual((await world.run()).actions, [], strategy);
      world.put(config(`${index + 2}`));
      assert.deepEqual(words(await world.run()), [`CronJob/nightly restarted ${reason}`]);
    }
    assert.equal(jobsOf(world, "nightly").length, 2);
  });
});

describe("what Stakater Reloader does with Jobs, and reroll does not", () => {
  it("D3: a CronJob that may make no Job fails alone, with the right that is missing; everybody else restarts", async () => {
    const neighbours = [deployment("web", envFrom(["ConfigMap", "config"])), job("import")];
    const allow = ({ verb, resource }: Right) => !(verb === "create" && resource === "jobs");
    await using world = await startKnownWorld([[config("1"), cronJob("nightly"), ...neighbours]], { allow });
    world.put(config("2"));
    const ran = await world.run();
    assert.deepEqual(words(ran).sort(), [
      "CronJob/nightly failed Forbidden",
      "Deployment/web restarted RolledOut",
      "Job/import restarted RolledOut",
    ]);
    assert.equal(ran.exitCode, 3);
    assert.match(ran.outcomes.find(({ outcome }) => outcome === "failed")?.message ?? "", /create jobs\.batch/);
  });

  it("D5: trying again what failed makes no second Job for those that had theirs", async () => {
    await using world = await startKnownWorld([[config("1"), cronJob("nightly"), cronJob("weekly")]]);
    world.put(config("2"));
    const nightly = world.cluster.api.get("CronJob", "shop", "nightly")?.metadata.name;
    world.cluster.faults.push({
      method: "PATCH",
      resource: "cronjobs",
      name: nightly,
      fault: { answer: 500 },
    } as never);
    assert.deepEqual(words(await world.run()).sort(), [
      "CronJob/nightly deferred PatchRefused",
      "CronJob/weekly restarted JobCreated",
    ]);
    world.cluster.faults.clear();
    assert.deepEqual(words(await world.run()), ["CronJob/nightly restarted JobCreated"]);
    assert.deepEqual([jobsOf(world, "nightly").length, jobsOf(world, "weekly").length], [1, 1]);
  });
});
