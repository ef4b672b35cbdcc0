import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { execute } from "../../src/execute.ts";
import { openCluster } from "./harness/client.ts";
import { readKubeconfig, renderKubeconfig } from "./harness/kubeconfig.ts";
import { type Named, pathOf } from "./harness/paths.ts";
import { rolledOut, workload } from "./harness/workloads.ts";

interface Job {
  spec: { jobTemplate: { spec: Record<string, unknown> }; suspend?: boolean };
}

const cluster = openCluster();
const folder = fileURLToPath(new URL("../../cronjob/", import.meta.url));
const scratch = await mkdtemp(join(tmpdir(), "reroll-cronjob-"));
after(async () => {
  await cluster.close();
  await rm(scratch, { recursive: true, force: true });
});
const shop = await cluster.createNamespace("shop");
const home = await cluster.createNamespace("reroll");

/** The base in a namespace of this test, so that it can be applied next to other tests. */
async function readBase(): Promise<Named[]> {
  const files = (await readdir(folder)).filter((file) => file !== "kustomization.yaml");
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const objects = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Named));
  const renamed = JSON.stringify(objects).replaceAll('"reroll-system"', JSON.stringify(home));
  const all = JSON.parse(renamed) as Named[];
  const wide = all.filter(({ kind }) => kind.startsWith("Cluster")) as (Named & { roleRef?: { name: string } })[];
  for (const object of wide) {
    object.metadata.name = home;
    if (object.roleRef) object.roleRef.name = home;
  }
  for (const object of all.filter(({ kind }) => kind === "CronJob") as (Named & Job)[]) object.spec.suspend = true;
  // Namespaces first, as kustomize orders them.
  return all.sort((a, b) => Number(b.kind === "Namespace") - Number(a.kind === "Namespace"));
}

const base = await readBase();

async function applyStrictly(object: Named): Promise<void> {
  const path = `${pathOf(object)}?fieldManager=test&force=true&fieldValidation=Strict`;
  const { status, body } = await cluster.request("PATCH", path, object, {
    "content-type": "application/apply-patch+yaml",
  });
  assert.ok(status < 300, `${object.kind}/${object.metadata.name}: ${JSON.stringify(body)}`);
}

/** A kubeconfig with a token of the base's service account. */
async function kubeconfigOfTheJob(): Promise<string> {
  const path = `/api/v1/namespaces/${home}/serviceaccounts/reroll/token`;
  const { body } = await cluster.request<{ status: { token: string } }>("POST", path, { spec: {} });
  const { server, authority } = readKubeconfig(process.env.REROLL_TEST_KUBECONFIG ?? "");
  const file = join(scratch, "kubeconfig");
  await writeFile(file, renderKubeconfig({ server, authority, token: body.status.token }), { mode: 0o600 });
  return file;
}

describe("the base of cronjob/ on a real API server", () => {
  let kubeconfig = "";

  before(async () => {
    for (const object of base) {
      await applyStrictly(object);
      if (object.kind.startsWith("Cluster")) cluster.onClose(() => cluster.remove(object, { wait: false }));
    }
    kubeconfig = await kubeconfigOfTheJob();
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
    await applyStrictly({ apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace: home }, spec } as Named);
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
