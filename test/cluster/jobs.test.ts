/** Jobs and CronJobs under the real Job and CronJob controllers. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { asks, cronJob, job, stays } from "../support/jobs.ts";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { type CuttingProxy, startProxy } from "./support/proxy.ts";
import { type Ended, openStage, type Stage } from "./support/stage.ts";

interface JobObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation: number;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly name: string; readonly uid: string }[];
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly suspend?: boolean; readonly jobTemplate?: { readonly spec: unknown } };
  readonly status: {
    readonly active?: number;
    readonly ready?: number;
    readonly failed?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const said = ({ report }: Ended) =>
  report.outcomes.map(({ workload, outcome, reason }) => `${workload.name} ${outcome} ${reason}`).sort();

describe("jobs", { concurrency: 1 }, () => {
  let stage: Stage;
  let proxy: CuttingProxy;
  let throughProxy: { readonly KUBECONFIG: string };
  let content = 1;

  const path = (kind: "jobs" | "cronjobs", name: string) =>
    `/apis/batch/v1/namespaces/${stage.namespace}/${kind}/${name}`;
  const live = (name: string) => stage.cluster.get<JobObject>(path("jobs", name));
  const jobsOf = async (name: string) =>
    (await stage.cluster.list<JobObject>(`/apis/batch/v1/namespaces/${stage.namespace}/jobs`)).filter(
      ({ metadata }) => !metadata.deletionTimestamp && metadata.ownerReferences?.some((owner) => owner.name === name),
    );
  const is = ({ status }: JobObject, type: string) =>
    status.conditions?.some((each) => each.type === type && each.status === "True") ?? false;
  const until = (name: string, what: string, predicate: (found: JobObject) => boolean) =>
    stage.cluster.waitFor(async () => predicate(await live(name)), { what: `Job ${name} ${what}` });
  const running = (name: string) => until(name, "to run", ({ status }) => (status.ready ?? 0) > 0);
  const podsOf = async (name: string) =>
    (
      await stage.cluster.list<{ metadata: { uid: string; creationTimestamp: string; deletionTimestamp?: string } }>(
        `/api/v1/namespaces/${stage.namespace}/pods?labelSelector=job-name%3D${name}`,
      )
    )
      .filter(({ metadata }) => !metadata.deletionTimestamp)
      .map(({ metadata }) => metadata.uid);
  const change = async () => {
    content += 1;
    await stage.put(configMap("config", { a: String(content) }));
    // Times of the API have whole seconds, and a pod counts as fresh when it is 2 s younger than the write.
  };
  const quiet = async () => assert.deepEqual((await stage.run()).report.outcomes, []);
  const expireLease = async () => {
    const lease = `/apis/coordination.k8s.io/v1/namespaces/${stage.home}/leases/reroll`;
    const spec = { renewTime: new Date(Date.now() - 600_000).toISOString().replace("Z", "000Z") };
    if (await stage.cluster.find(lease)) await stage.cluster.patch(lease, { spec });
  };
  const drop = (...names: readonly (readonly ["jobs" | "cronjobs", string])[]) =>
    Promise.all(names.map(([kind, name]) => stage.cluster.remove(path(kind, name))));

  before(async () => {
    stage = await openStage("jobs");
    proxy = await startProxy(process.env.REROLL_TEST_KUBECONFIG ?? "");
    throughProxy = { KUBECONFIG: await stage.file("kubeconfig", proxy.kubeconfig) };
    await stage.put(configMap("config", { a: "1" }));
  });
  after(async () => {
    await proxy.close();
    await stage.close();
  });

  it("default, patch and trigger; by default nothing happens, by patch the next Job has it, by trigger one runs now", async () => {
    const ends = { template: {} };
    await stage.put(
      cronJob("left", { ...ends, annotations: asks() }),
      cronJob("patched", { ...ends, annotations: asks("patch") }),
      cronJob("triggered", { ...ends, annotations: asks("trigger") }),
    );
    await stage.run();
    await change();
    const ran = await stage.run();
    assert.deepEqual([ran.exitCode, said(ran)], [0, ["patched restarted NextJob", "triggered restarted JobCreated"]]);
    assert.deepEqual((await jobsOf("left")).length + (await jobsOf("patched")).length, 0);
    const [made, ...more] = await jobsOf("triggered");
    assert.ok(made && more.length === 0);
    assert.equal(made.metadata.annotations?.["cronjob.kubernetes.io/instantiate"], "manual");
    await until(made.metadata.name, "to complete", (found) => is(found, "Complete"));
    const left = await stage.cluster.get<JobObject>(path("cronjobs", "left"));
    assert.equal(left.metadata.generation, 1);
    await quiet();
    assert.equal((await jobsOf("triggered")).length, 1);

    // The schedule comes: its Job is made from the patched template.
    await stage.cluster.patch(path("cronjobs", "patched"), { spec: { schedule: "* * * * *" } });
    const template = (
      await stage.cluster.get<{ spec: { jobTemplate: { spec: { template: { metadata: unknown } } } } }>(
        path("cronjobs", "patched"),
      )
    ).spec.jobTemplate.spec.template.metadata;
    assert.match(JSON.stringify(template), /reroll\.dev\/stamp/);
    await drop(["cronjobs", "left"], ["cronjobs", "patched"], ["cronjobs", "triggered"]);
  });

  it("a suspended CronJob is owed its Job, and gets it once it is resumed", async () => {
    await stage.put(cronJob("asleep", { template: {}, spec: { suspend: true } }));
    await stage.run();
    await change();
    const held = await stage.run();
    assert.deepEqual(
      held.report.pending.map(({ workload, reason }) => `${workload.name} ${reason}`),
      ["asleep suspended"],
    );
    assert.deepEqual([held.exitCode, await jobsOf("asleep")], [0, []]);
    await stage.cluster.patch(path("cronjobs", "asleep"), { spec: { suspend: false } });
    assert.deepEqual(said(await stage.run()), ["asleep restarted JobCreated"]);
    assert.equal((await jobsOf("asleep")).length, 1);
    await drop(["cronjobs", "asleep"]);
  });

  for (const policy of ["Forbid", "Replace", "Allow"] as const) {
    it(`a running Job of the CronJob, under ${policy}`, async () => {
      const name = policy.toLowerCase();
      await stage.put(cronJob(name, { spec: { concurrencyPolicy: policy } }));
      const { metadata } = await stage.cluster.get<JobObject>(path("cronjobs", name));
      const owner = { apiVersion: "batch/v1", kind: "CronJob", metadata: { ...metadata, resourceVersion: "" } };
      await stage.put(job(`${name}-1`, { annotations: {}, owner: owner as never }));
      await running(`${name}-1`);
      const pods = await podsOf(`${name}-1`);
      await stage.run();
      await change();
      const ran = await stage.run();
      const names = (await jobsOf(name)).map((each) => each.metadata.name);
      if (policy === "Forbid") {
        assert.deepEqual([said(ran), names], [["forbid deferred JobRunning"], ["forbid-1"]]);
        assert.deepEqual((await stage.run(["plan"])).report.pending, []);
        await stage.cluster.remove(path("jobs", "forbid-1"));
        assert.deepEqual(said(await stage.run()), ["forbid restarted JobCreated"]);
        assert.equal((await jobsOf(name)).length, 1);
      } else {
        assert.deepEqual(said(ran), [`${name} restarted JobCreated`]);
        assert.deepEqual(names.includes(`${name}-1`), policy === "Allow");
        assert.equal(names.length, policy === "Allow" ? 2 : 1);
        if (policy === "Allow") assert.deepEqual(await podsOf(`${name}-1`), pods, "what runs ends as it began");
      }
      await quiet();
      await drop(["cronjobs", name]);
    });
  }

  it("recreate: the same Job, new pods, nothing counted as failed, and no second time", async () => {
    await stage.put(job("import", { spec: { parallelism: 2, completions: 4 } }));
    await until("import", "to run", ({ status }) => status.ready === 2);
    await stage.run();
    const [before, pods] = [await live("import"), await podsOf("import")];
    await change();
    const ran = await stage.run();
    assert.deepEqual([ran.exitCode, said(ran)], [0, ["import restarted RolledOut"]]);
    const after = await live("import");
    assert.deepEqual(
      [after.metadata.uid, after.metadata.generation, after.spec.suspend, after.status.failed],
      [before.metadata.uid, before.metadata.generation + 2, false, undefined],
    );
    assert.equal(after.metadata.annotations?.["reroll.dev/recreate"], undefined);
    const renewed = await podsOf("import");
    assert.equal(renewed.length, 2);
    assert.ok(renewed.every((uid) => !pods.includes(uid)));
    await quiet();
    assert.equal((await live("import")).metadata.generation, after.metadata.generation);
    await drop(["jobs", "import"]);
  });

  it("completed, failed and owned Jobs are not touched, with autoReloadAll and recreate for all of them", async () => {
    const all = { REROLL_AUTO_RELOAD_ALL: "true", REROLL_STRATEGIES: "Job=recreate,CronJob=skip" };
    await stage.put(cronJob("parent", { annotations: {} }));
    const { metadata } = await stage.cluster.get<JobObject>(path("cronjobs", "parent"));
    const owner = { apiVersion: "batch/v1", kind: "CronJob", metadata: { ...metadata, resourceVersion: "" } };
    const asking = { ...stays, "reloader.stakater.com/auto": "true" };
    await stage.put(
      job("done", { template: { "reloader.stakater.com/auto": "true" } }),
      job("late", { spec: { activeDeadlineSeconds: 1 } }),
      job("parent-1", { annotations: {}, template: asking, owner: owner as never }),
      job("parent-2", { annotations: {}, template: {}, owner: owner as never }),
    );
    await stage.apply(deployment("web", envFrom(["ConfigMap", "config"])));
    await until("done", "to complete", (found) => is(found, "Complete"));
    await until("late", "to fail", (found) => is(found, "Failed"));
    await until("parent-2", "to complete", (found) => is(found, "Complete"));
    await running("parent-1");
    const names = ["done", "late", "parent-1", "parent-2"];
    const look = () => Promise.all(names.map(async (name) => [(await live(name)).metadata, await podsOf(name)]));
    await stage.run(["run"], all);
    const before = await look();
    await change();
    const ran = await stage.run(["run"], all);
    assert.deepEqual([ran.exitCode, said(ran)], [0, ["web restarted RolledOut"]]);
    assert.deepEqual(await look(), before);
    await drop(["cronjobs", "parent"], ["jobs", "done"], ["jobs", "late"]);
    await stage.cluster.remove(`/apis/apps/v1/namespaces/${stage.namespace}/deployments/web`);
  });

  it("killed after each of its four writes: one Job is made, the other one is resumed, once each", async () => {
    await stage.put(cronJob("nightly", { template: {}, spec: { successfulJobsHistoryLimit: 100 } }), job("worker"));
    await running("worker");
    await stage.run();
    // The first write is the Lease; then come, side by side, the Job and the stamp of the one, suspending and resuming of the other.
    for (const write of [2, 3, 4, 5]) {
      const [jobs, generation] = [(await jobsOf("nightly")).length, (await live("worker")).metadata.generation];
      await change();
      const process = stage.start(["run"], throughProxy);
      let writes = 0;
      proxy.meddle(({ method }) => {
        if (method !== "GET") writes += 1;
        return method !== "GET" && writes === write ? { cut: "after", act: () => process.kill("SIGKILL") } : undefined;
      });
      assert.equal((await process.ended).signal, "SIGKILL", `write ${write}`);
      proxy.cutAt(undefined);
      await expireLease();
      const healed = await stage.run();
      assert.equal(healed.exitCode, 0, healed.stderr);
      const { metadata, spec } = await live("worker");
      assert.deepEqual(
        [(await jobsOf("nightly")).length - jobs, metadata.generation - generation, spec.suspend],
        [1, 2, false],
        `killed after write ${write}`,
      );
    }
    await quiet();
  });
});
