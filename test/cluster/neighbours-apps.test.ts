/** Helm, cert-manager and prometheus-operator, each played as it writes, beside reroll on a real control plane. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { dig, type KubeObject, stringMap } from "../../src/model/object.ts";
import { neighbours } from "../support/neighbours.ts";
import type { Named } from "./harness/paths.ts";
import { rolledOut } from "./harness/workloads.ts";
import { openStage, outcomes, type Stage } from "./support/stage.ts";

const workloads = new Set(["Deployment", "StatefulSet"]);
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** The neighbour's objects in the stage's namespace, each written by its own manager, rolled out, and adopted by one run. */
async function settle(stage: Stage, name: string): Promise<void> {
  const objects = neighbours(name, false).map(({ manifest, manager }) => {
    const { metadata, ...rest } = manifest;
    const apiVersion = String(manifest.apiVersion);
    return { object: { ...rest, apiVersion, metadata: { ...metadata, namespace: stage.namespace } } as Named, manager };
  });
  for (const { object, manager } of objects) await stage.cluster.apply(object, manager);
  const mine = objects.filter(({ object }) => workloads.has(object.kind));
  await Promise.all(mine.map(({ object }) => rolledOut(stage.cluster, object)));
  assert.equal((await stage.run()).exitCode, 0);
}

const path = ({ namespace }: Stage, kind: string, name: string) =>
  kind === "secrets"
    ? `/api/v1/namespaces/${namespace}/secrets/${name}`
    : `/apis/apps/v1/namespaces/${namespace}/${kind}/${name}`;

async function write(stage: Stage, secret: string, texts: Readonly<Record<string, string>>): Promise<void> {
  const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, base64(text)]));
  await stage.cluster.patch(path(stage, "secrets", secret), { data });
}

/** Two more runs find nothing to do. */
async function assertQuiet(stage: Stage): Promise<void> {
  for (let again = 0; again < 2; again++) {
    const { report, exitCode } = await stage.run();
    assert.deepEqual([report.actions, report.pending, exitCode], [[], [], 0]);
  }
}

describe("neighbours on a real control plane", { concurrency: 3 }, () => {
  describe("authentik, released by Helm", () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage("authentik");
      await settle(stage, "authentik");
    });
    after(() => stage.close());
    const generations = () =>
      Promise.all(["server", "worker"].map((name) => stage.generation("Deployment", `authentik-${name}`)));

    it("a rotated Secret restarts server and worker once each; Helm's upgrade keeps the stamp and is not doubled", async () => {
      const start = await generations();
      await write(stage, "authentik-credentials", { AUTHENTIK_POSTGRESQL__PASSWORD: "second" });
      assert.deepEqual(outcomes(await stage.run()), {
        "authentik-server": "restarted",
        "authentik-worker": "restarted",
      });
      assert.deepEqual(
        await generations(),
        start.map((generation) => generation + 1),
      );
      await write(stage, "authentik", { AUTHENTIK_LOG_LEVEL: "debug" });
      for (const name of ["authentik-server", "authentik-worker"]) {
        const annotations = { "checksum/secret": "b1946ac9" };
        await stage.cluster.patch(
          path(stage, "deployments", name),
          { spec: { template: { metadata: { annotations } } } },
          "strategic",
        );
      }
      const upgraded = await stage.run();
      assert.deepEqual([upgraded.report.actions, upgraded.report.issues], [[], []]);
      await assertQuiet(stage);
      assert.deepEqual(
        await generations(),
        start.map((generation) => generation + 2),
        "once by reroll, once by Helm",
      );
    });
  });

  describe("cert-manager", { concurrency: 1 }, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage("certs");
      await settle(stage, "cert-manager");
    });
    after(() => stage.close());

    it("a renewal restarts what serves with it, once, and not what reads the CA", async () => {
      await write(stage, "web-tls", { "tls.crt": "cert-2", "tls.key": "key-2" });
      const renewed = await stage.run();
      assert.deepEqual(outcomes(renewed), { web: "restarted" });
      assert.deepEqual(
        renewed.report.skips.map(({ workload, reason }) => [workload.name, reason]),
        [["client", "keys-not-used"]],
      );
      await assertQuiet(stage);
    });

    it("two Certificates that fight over it are held back: exit code 6, and the restart stays owed", async () => {
      const env = { REROLL_LOOP_BREAKER_RETURNS: "2" };
      let last = await stage.run(["run"], env);
      for (const turn of ["1", "2", "1", "2", "1"]) {
        await write(stage, "web-tls", { "tls.crt": `cert-${turn}`, "tls.key": `key-${turn}` });
        last = await stage.run(["run"], env);
      }
      assert.equal(last.exitCode, 6, last.stdout);
      assert.deepEqual(
        last.report.pending.map(({ workload, reason }) => [workload.name, reason]),
        [["web", "quarantined"]],
      );
    });
  });

  describe("kube-prometheus, whose operator resets the template", () => {
    let stage: Stage;
    const stop = new AbortController();
    let operator: Promise<void>;
    before(async () => {
      stage = await openStage("prometheus");
      const { namespace, cluster } = stage;
      await cluster.apply({
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: "prometheus-k8s", namespace },
      });
      await settle(stage, "kube-prometheus");
      operator = reconcile(stage, stop.signal);
    });
    after(async () => {
      stop.abort();
      await operator;
      await stage.close();
    });

    /** Takes every annotation but kubectl's from the template as soon as it is there, by an update of the whole object. */
    async function reconcile({ cluster, namespace }: Stage, signal: AbortSignal): Promise<void> {
      const all = `/apis/apps/v1/namespaces/${namespace}/statefulsets`;
      const { resourceVersion } = await cluster.listAt(all);
      for await (const { type, object } of cluster.watch<KubeObject>(all, resourceVersion, signal)) {
        if (type === "DELETED") continue;
        const annotations = stringMap(dig(object, "spec", "template", "metadata", "annotations"));
        const kept = Object.entries(annotations).filter(([key]) => key.startsWith("kubectl.kubernetes.io/"));
        if (kept.length === Object.keys(annotations).length) continue;
        const whole = structuredClone(object) as unknown as {
          spec: { template: { metadata: { annotations: object } } };
        };
        whole.spec.template.metadata.annotations = Object.fromEntries(kept);
        // A conflict is answered by the next event, as a work queue would.
        await cluster.request("PUT", `${all}/${object.metadata.name}?fieldManager=PrometheusOperator`, whole);
      }
    }

    const pods = () => stage.cluster.list<KubeObject>(`/api/v1/namespaces/${stage.namespace}/pods`);
    const annotate = (annotations: Readonly<Record<string, string>>) =>
      stage.cluster.patch(`/api/v1/namespaces/${stage.namespace}`, { metadata: { annotations } });

    it("with restarted-at on the namespace every pod is new, nothing loops, and the operator is named", async () => {
      await annotate({ "reroll.dev/restarted-at": "true" });
      const old = new Set((await pods()).map(({ metadata }) => metadata.uid));
      await write(stage, "remote-write", { password: "second" });
      const ran = await stage.run();
      assert.deepEqual(
        ran.report.actions.map(({ workload }) => workload.name),
        ["prometheus-k8s"],
      );
      await stage.cluster.waitFor(
        async () => {
          const all = await pods();
          return all.length === 2 && all.every(({ metadata }) => !old.has(metadata.uid) && !metadata.deletionTimestamp);
        },
        { what: "both pods to be new" },
      );
      const live = await stage.cluster.get<KubeObject>(path(stage, "statefulsets", "prometheus-k8s"));
      const annotations = stringMap(dig(live, "spec", "template", "metadata", "annotations"));
      assert.deepEqual(Object.keys(annotations).sort(), [
        "kubectl.kubernetes.io/default-container",
        "kubectl.kubernetes.io/restartedAt",
      ]);
      for (let again = 0; again < 2; again++) {
        const next = await stage.run();
        assert.deepEqual([next.report.actions, next.exitCode], [[], 0], next.stdout);
        const [issue] = next.report.issues.filter(({ code }) => code === "stripped");
        assert.match(issue?.message ?? "", /PrometheusOperator/);
      }
      const still = await stage.cluster.get<KubeObject>(path(stage, "statefulsets", "prometheus-k8s"));
      assert.equal(still.metadata.generation, live.metadata.generation);
    });
  });
});
