import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { asks, contentOf, cronJob, job, podsOfJob, stays } from "../support/jobs.ts";
import { auto, configMap, deployment, envFrom } from "../support/manifests.ts";
import { startKnownWorld, startWorld, type World } from "../support/world.ts";

const config = (a: string) => configMap("config", { a });
const said = ({ outcomes }: Awaited<ReturnType<World["run"]>>) =>
  outcomes.map(({ workload, outcome, reason }) => `${workload.kind}/${workload.name} ${outcome} ${reason}`);
const live = (world: World, name: string) => world.cluster.api.get("Job", "shop", name);
const suspended = (world: World, name: string) =>
  (live(world, name)?.spec as { suspend?: boolean } | undefined)?.suspend;

describe("a Job whose ConfigMap changed", () => {
  it("by recreate: the same Job, its pods made anew on the new content, and no second time", async () => {
    const parts = { spec: { parallelism: 2, completions: 4 } };
    await using world = await startKnownWorld([[config("1"), job("import", parts)]]);
    const before = live(world, "import");
    world.put(config("2"));
    const ran = await world.run();
    assert.deepEqual([said(ran), ran.exitCode], [["Job/import restarted RolledOut"], 0]);
    assert.deepEqual(contentOf(world, "import"), ["2", "2"]);
    const after = live(world, "import");
    assert.equal(after?.metadata.uid, before?.metadata.uid);
    assert.equal(suspended(world, "import"), false);
    assert.deepEqual(Object.keys(after?.metadata.annotations ?? {}).sort(), [
      "reroll.dev/auto",
      "reroll.dev/stamp",
      "reroll.dev/strategy",
    ]);
    assert.equal((after?.status as { failed?: number } | undefined)?.failed, undefined);
    const again = await world.run();
    assert.deepEqual([again.actions, again.outcomes, live(world, "import")], [[], [], after]);
  });

  it("is left alone by default, and an issue says how to choose; once chosen, nothing is said", async () => {
    await using world = await startKnownWorld([[config("1"), job("import", { annotations: auto })]]);
    world.put(config("2"));
    const { outcomes, issues } = await world.run();
    assert.deepEqual([outcomes, contentOf(world, "import")], [[], ["1"]]);
    assert.deepEqual(
      issues.map(({ code, path }) => [code, path]),
      [["left-alone", "Job/shop/import"]],
    );
    assert.match(issues[0]?.message ?? "", /reroll\.dev\/strategy: "recreate"/);
    const chosen = { ...auto, "reroll.dev/strategy": "skip" };
    world.cluster.api.patch("Job", "shop", "import", { metadata: { annotations: chosen } });
    assert.deepEqual((await world.run()).issues, []);
  });

  it("that has completed or failed is not touched, whatever is asked", async () => {
    const ends = { "lab/fails": "true" };
    const done = job("done", { template: {} });
    const lost = job("lost", { template: ends, spec: { backoffLimit: 0 } });
    const neighbour = deployment("web", envFrom(["ConfigMap", "config"]));
    await using world = await startKnownWorld([[config("1"), done, lost, neighbour]]);
    const before = [live(world, "done"), live(world, "lost")];
    world.put(config("2"));
    const { skips, restarted } = await world.run({ policy: { autoReloadAll: true } });
    assert.deepEqual([live(world, "done"), live(world, "lost")], before);
    assert.deepEqual(
      [skips.map(({ workload, reason }) => `${workload.name} ${reason}`), restarted],
      [["done job-finished", "lost job-finished"], ["Deployment/shop/web"]],
    );
  });

  it("that another controller runs is not touched, whatever is asked, and the plan says who", async () => {
    const queued = job("queued", { labels: { "kueue.x-k8s.io/queue-name": "team-a" } });
    const sent = job("sent", { spec: { managedBy: "kueue.x-k8s.io/multikueue" } });
    const usual = job("usual", { spec: { managedBy: "kubernetes.io/job-controller" } });
    await using world = await startKnownWorld([[config("1"), queued, sent, usual]]);
    const before = [live(world, "queued"), live(world, "sent")];
    world.put(config("2"));
    const ran = await world.run();
    assert.deepEqual([live(world, "queued"), live(world, "sent")], before);
    assert.deepEqual([said(ran), ran.issues], [["Job/usual restarted RolledOut"], []]);
    assert.deepEqual(
      ran.skips.map(({ workload, reason, message }) => [workload.name, reason, message.split(" decides")[0]]),
      [
        ["queued", "job-managed", "Kueue (queue team-a)"],
        ["sent", "job-managed", "kueue.x-k8s.io/multikueue"],
      ],
    );
    assert.deepEqual((await world.run()).outcomes, []);
  });

  it("that a CronJob owns is not touched, and its annotations come from the template: nobody speaks of it", async () => {
    const template = { ...stays, "reloader.stakater.com/auto": "true", "reroll.dev/strategy": "recreate" };
    const parent = cronJob("nightly", { annotations: {}, template });
    await using world = await startWorld([[config("1"), parent]]);
    const owner = world.cluster.api.get("CronJob", "shop", "nightly");
    assert.ok(owner);
    world.put(
      job("nightly-1", { annotations: {}, template, owner }),
      job("nightly-2", { annotations: {}, template: {}, owner }),
    );
    const policy = { autoReloadAll: true, strategies: { Job: "recreate", CronJob: "skip" } };
    await world.run({ policy });
    const before = world.cluster.api.list("Job");
    world.put(config("2"));
    const { outcomes, skips, issues } = await world.run({ policy });
    assert.deepEqual([outcomes, skips, world.cluster.api.list("Job")], [[], [], before]);
    assert.deepEqual(
      issues.map(({ path }) => path).filter((path) => path.startsWith("Job/")),
      [],
    );
  });

  it("that somebody else suspended is owed; resumed, its pods start with the new content and nothing is owed", async () => {
    await using world = await startKnownWorld([[config("1"), job("import", { spec: { suspend: true } })]]);
    world.put(config("2"));
    const { pending, outcomes } = await world.run();
    assert.deepEqual([pending.map(({ reason }) => reason), outcomes], [["suspended"], []]);
    assert.equal(suspended(world, "import"), true);
    world.cluster.api.patch("Job", "shop", "import", { spec: { suspend: false } });
    assert.deepEqual(contentOf(world, "import"), ["2"]);
    const next = await world.run();
    assert.deepEqual([next.pending, next.outcomes], [[], []]);
    assert.deepEqual((await world.run()).skips, []);
  });

  it("whose pods all started after the change is not restarted", async () => {
    await using world = await startKnownWorld([[config("1"), job("import")]]);
    world.put(config("2"));
    for (const pod of podsOfJob(world, "import")) world.remove("Pod", pod.metadata.name);
    assert.deepEqual(contentOf(world, "import"), ["2"]);
    const { outcomes, skips } = await world.run();
    assert.deepEqual([outcomes, skips.map(({ reason }) => reason)], [[], ["already-fresh"]]);
  });

  it("that ends on its own before its turn is left alone", async () => {
    await using world = await startKnownWorld([[config("1"), job("import")]]);
    world.put(config("2"));
    const ended = { metadata: { annotations: { "lab/stays": null } } };
    for (const pod of podsOfJob(world, "import")) world.cluster.api.patch("Pod", "shop", pod.metadata.name, ended);
    const { actions, outcomes, exitCode } = await world.run();
    assert.deepEqual([actions, outcomes, exitCode, suspended(world, "import")], [[], [], 0, false]);
  });
});

describe("a Job that an earlier run suspended and did not resume", () => {
  it("is resumed although nothing is due any more, and nobody asks any more", async () => {
    for (const annotations of [asks("recreate"), {}]) {
      await using world = await startKnownWorld([[config("1"), job("import", { annotations })]]);
      world.cluster.api.patch("Job", "shop", "import", {
        metadata: { annotations: { "reroll.dev/recreate": "00000000 ConfigMap/config=000000000000.*" } },
        spec: { suspend: true },
      });
      assert.deepEqual(contentOf(world, "import"), []);
      const plan = await world.plan();
      assert.deepEqual(
        plan.actions.map(({ workload, because }) => [workload.name, because]),
        [["import", []]],
      );
      const ran = await world.run();
      assert.deepEqual([said(ran), ran.exitCode], [["Job/import restarted RolledOut"], 0]);
      assert.deepEqual([contentOf(world, "import"), suspended(world, "import")], [["1"], false]);
      assert.equal(live(world, "import")?.metadata.annotations?.["reroll.dev/recreate"], undefined);
      const again = await world.run();
      assert.deepEqual([again.actions, again.outcomes, again.issues], [[], [], []]);
    }
  });
});
