import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execute } from "../../src/execute.ts";
import { openCluster } from "./harness/client.ts";
import type { Named } from "./harness/paths.ts";
import { rolledOut, workload } from "./harness/workloads.ts";
import { applyStrictly, type Job, readBase, tokenKubeconfig } from "./support/base.ts";

const cluster = openCluster();
const scratch = await mkdtemp(join(tmpdir(), "reroll-cronjob-"));
after(async () => {
  await cluster.close();
  await rm(scratch, { recursive: true, force: true });
});
const shop = await cluster.createNamespace("shop");
const home = await cluster.createNamespace("reroll");

const base = await readBase(home);

describe("the base of cronjob/ on a real API server", () => {
  let kubeconfig = "";

  before(async () => {
    for (const object of base) {
      await applyStrictly(cluster, object);
      if (object.kind.startsWith("Cluster")) cluster.onClose(() => cluster.remove(object, { wait: false }));
    }
    kubeconfig = await tokenKubeconfig(cluster, [home, "reroll"], join(scratch, "kubeconfig"));
  });

  async function reroll(...argv: string[]) {
    const written: string[] = [];
    const never = new AbortController().signal;
    const exitCode = await execute([...argv, "-n", shop, "--log-level", "error"], {
      env: { KUBECONFIG: kubeconfig, REROLL_STATE_NAMESPACE: home, POD_NAME: "reroll-1" },
      pid: 1,
      versions: process.versions,
      stdoutIsTerminal: false,
      stderrIsTerminal: false,
      stdout: (text) => written.push(text),
      stderr: (text) => written.push(text),
      stop: never,
      hardEnd: never,
    });
    return { exitCode, text: written.join("") };
  }

  it("lets its pod start where only restricted pods may", async () => {
    const cronJob = base.find(({ kind }) => kind === "CronJob") as (Named & Job) | undefined;
    assert.ok(cronJob);
    const name = "started-by-hand";
    const { spec } = cronJob.spec.jobTemplate;
    await applyStrictly(cluster, {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name, namespace: home },
      spec,
    } as Named);
    const pods = `/api/v1/namespaces/${home}/pods?labelSelector=${encodeURIComponent(`job-name=${name}`)}`;
    await cluster.waitFor(async () => (await cluster.list(pods)).length === 1, { what: "the pod of the job" });
  });

  it("gives its service account every right that a run uses", async () => {
    await cluster.waitFor(async () => (await reroll("doctor")).exitCode === 0, {
      what: "doctor to find every right, once the API server has heard of them",
    });
  });

  it("lets its service account restart what changed, and remember it", async () => {
    const settings = (text: string): Named =>
      ({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "settings", namespace: shop },
        data: { text },
      }) as Named;
    const target = workload("Deployment", shop, "web", {
      annotations: { "reloader.stakater.com/auto": "true" },
      container: { envFrom: [{ configMapRef: { name: "settings" } }] },
    });
    await cluster.apply(settings("before"));
    await cluster.apply(target);
    await rolledOut(cluster, target);
    const first = await reroll("run");
    assert.equal(first.exitCode, 0, first.text);
    await cluster.apply(settings("after"));
    const second = await reroll("run");
    assert.equal(second.exitCode, 0, second.text);
    assert.match(second.text, new RegExp(`restarted +Deployment/${shop}/web `));
    const third = await reroll("run");
    assert.match(third.text, /^Nothing to do/);
    const history = await reroll("history");
    assert.match(history.text, new RegExp(`restarted +Deployment/${shop}/web `));
  });
});
