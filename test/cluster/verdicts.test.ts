/** What real controllers make of a restart, and what reroll says of it. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMap, envFrom, type WorkloadParts, workload } from "../support/manifests.ts";
import { type Ended, openStage, outcomes, type Stage } from "./support/stage.ts";

/** Healthy until it is stamped, then crash-looping: see stages.yaml. */
const breaks = { annotations: { "lab/crash-when": "reroll.dev/stamp" } };

const cases: Readonly<Record<string, { readonly parts: WorkloadParts; readonly outcome: string; readonly exit?: 5 }>> =
  {
    healthy: { parts: {}, outcome: "restarted" },
    recreate: { parts: { spec: { strategy: { type: "Recreate" } } }, outcome: "restarted" },
    "scaled-to-zero": { parts: { spec: { replicas: 0 } }, outcome: "restarted" },
    "breaks-deployment": { parts: { template: breaks }, outcome: "failed" },
    "breaks-daemonset": { parts: { kind: "DaemonSet", template: breaks }, outcome: "failed" },
    "breaks-statefulset": { parts: { kind: "StatefulSet", template: breaks }, outcome: "failed" },
    "on-delete": {
      parts: { kind: "DaemonSet", spec: { updateStrategy: { type: "OnDelete" } } },
      outcome: "needs-manual",
    },
    partition: {
      parts: {
        kind: "StatefulSet",
        spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 5 } } },
      },
      outcome: "needs-manual",
    },
  };

describe("verdicts", () => {
  let stage: Stage;
  let changed: Ended;
  let again: Ended;
  let generations: readonly (readonly [number, number])[];

  before(async () => {
    stage = await openStage("verdicts");
    await stage.put(configMap("settings"));
    await stage.apply(
      ...Object.entries(cases)
        .filter(([name]) => name !== "scaled-to-zero")
        .map(([name, { parts }]) => workload(name, { ...parts, pod: envFrom(["ConfigMap", "settings"]) })),
    );
    await stage.put(workload("scaled-to-zero", { spec: { replicas: 0 }, pod: envFrom(["ConfigMap", "settings"]) }));
    await stage.run();
    await stage.put(configMap("settings", { a: "2", b: "1" }));
    changed = await stage.run();
    const now = () =>
      Promise.all(Object.entries(cases).map(([name, { parts }]) => stage.generation(parts.kind ?? "Deployment", name)));
    const first = await now();
    again = await stage.run();
    const second = await now();
    generations = first.map((generation, index) => [generation, second[index] ?? 0]);
  });
  after(() => stage.close());

  for (const [name, { outcome }] of Object.entries(cases)) {
    it(`${name}: ${outcome}`, () => assert.equal(outcomes(changed)[name], outcome));
  }

  it("a failed rollout is exit code 5, says which pod and why, and only in the run that found it", () => {
    assert.equal(changed.exitCode, 5);
    const failed = changed.report.outcomes.find(({ workload: { name } }) => name === "breaks-deployment");
    assert.equal(failed?.reason, "CrashLoopBackOff");
    assert.match(failed?.message ?? "", /breaks-deployment-.*CrashLoopBackOff/);
    assert.equal(again.exitCode, 0);
    assert.deepEqual(again.report.outcomes, []);
  });

  it("nothing restarts a second time, whatever the verdict", () => {
    for (const [first, second] of generations) assert.equal(first, second);
  });
});

describe("verdicts that take more than one run", () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage("later");
    await stage.put(configMap("settings"), configMap("other"));
    const slow = { template: { annotations: { "lab/ready-after": "6s" } }, pod: envFrom(["ConfigMap", "settings"]) };
    await stage.apply(workload("slow", slow), workload("paused", { pod: envFrom(["ConfigMap", "other"]) }));
    await stage.run();
  });
  after(() => stage.close());

  it("a run that has no more time leaves `verifying`, and the next one finds it restarted", async () => {
    await stage.put(configMap("settings", { a: "2", b: "1" }));
    const short = await stage.run(["run"], { REROLL_TIMEOUTS_RUN: "2s" });
    assert.deepEqual([outcomes(short).slow, short.exitCode], ["verifying", 0]);
    const next = await stage.run();
    assert.deepEqual([outcomes(next).slow, next.exitCode], ["restarted", 0]);
    assert.deepEqual(next.report.actions, []);
  });

  it("a paused Deployment is owed its restart until it is resumed", async () => {
    const target = `/apis/apps/v1/namespaces/${stage.namespace}/deployments/paused`;
    await stage.cluster.patch(target, { spec: { paused: true } });
    await stage.put(configMap("other", { a: "2", b: "1" }));
    const held = await stage.run();
    assert.deepEqual(
      held.report.pending.map(({ workload: { name }, reason }) => [name, reason]),
      [["paused", "paused"]],
    );
    await stage.cluster.patch(target, { spec: { paused: false } });
    const done = await stage.run();
    assert.equal(outcomes(done).paused, "restarted");
  });
});
