/** Kinds that not every cluster has: Argo Rollouts, OpenShift DeploymentConfigs, and kinds that are only configured. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { stampAnnotation } from "../../src/model/annotations.ts";
import { dig } from "../../src/model/object.ts";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import type { KubeObject } from "./harness/client.ts";
import { playOperators, serveOperators } from "./support/operators.ts";
import { type Ended, openStage, outcomes, type Stage } from "./support/stage.ts";

const apiVersions = {
  Rollout: "argoproj.io/v1alpha1",
  DeploymentConfig: "apps.openshift.io/v1",
  CloneSet: "apps.kruise.io/v1alpha1",
  StatefulSet: "apps.kruise.io/v1beta1",
} as const;

const config = `
kinds:
  - apps.kruise.io/v1alpha1 CloneSet
  - apps.kruise.io/v1beta1 StatefulSet
  - nowhere.example.com/v1 Widget
`;

const onTemplate = ["spec", "template", "metadata", "annotations", stampAnnotation];

describe("kinds that not every cluster has", () => {
  let stage: Stage;
  let absent: Ended;
  let ran: readonly [Ended, Ended, Ended];
  const ends = new AbortController();
  let playing: Promise<void>;

  const custom = (kind: keyof typeof apiVersions, name: string, spec: object = {}, annotations: object = {}) => {
    const { template } = deployment(name, envFrom(["ConfigMap", name])).spec as { template: object };
    const selector = kind === "DeploymentConfig" ? { app: name } : { matchLabels: { app: name } };
    return {
      apiVersion: apiVersions[kind],
      kind,
      metadata: { name, annotations: { "reroll.dev/auto": "true", ...annotations } },
      spec: { replicas: 3, selector, template, ...spec },
    };
  };
  const read = (kind: keyof typeof apiVersions, name: string) =>
    stage.cluster.get<KubeObject>({
      apiVersion: apiVersions[kind],
      kind,
      metadata: { name, namespace: stage.namespace },
    });
  const names = ["template", "in-place", "borrower", "misspelt", "config", "by-hand", "clones", "advanced"];

  before(async () => {
    stage = await openStage("kinds");
    const file = await stage.file("kinds.yaml", config);
    const run = () => stage.run(["run"], { REROLL_CONFIG: file });
    absent = await run();
    await serveOperators(stage.cluster);
    await stage.put(...names.map((name) => configMap(name)));
    const lender = deployment("lender", envFrom(["ConfigMap", "borrower"]), { annotations: {}, spec: { replicas: 0 } });
    await stage.apply(lender);
    const { template: _, ...borrowed } = custom("Rollout", "borrower").spec;
    await stage.put(
      custom("Rollout", "template"),
      custom("Rollout", "in-place", {}, { "reloader.stakater.com/rollout-strategy": "restart" }),
      {
        ...custom("Rollout", "borrower"),
        spec: { ...borrowed, workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "lender" } },
      },
      custom("Rollout", "misspelt", {}, { "reroll.dev/strategy": "reboot" }),
      custom("DeploymentConfig", "config"),
      custom("DeploymentConfig", "by-hand", { triggers: [{ type: "ImageChange" }] }),
      custom("CloneSet", "clones"),
      custom("StatefulSet", "advanced"),
    );
    playing = playOperators(stage.cluster, stage.namespace, ends.signal);
    await stage.cluster.waitFor(async () => dig(await read("StatefulSet", "advanced"), "status") !== undefined, {
      what: "every status",
    });
    const first = await run();
    await stage.put(...names.map((name) => configMap(name, { a: "2", b: "1" })));
    ran = [first, await run(), await run()];
  });
  after(async () => {
    ends.abort();
    await playing;
    await stage.close();
  });

  it("are no failure where nobody serves them", () => {
    assert.equal(absent.exitCode, 0);
    assert.deepEqual(absent.report.issues, []);
  });

  it("are adopted, restarted once for a change, seen healthy, and left alone by the next run", () => {
    const [first, second, third] = ran;
    assert.deepEqual([first.exitCode, second.exitCode, third.exitCode], [0, 0, 0]);
    assert.deepEqual(first.report.outcomes, []);
    assert.deepEqual(outcomes(second), {
      ...{ template: "restarted", "in-place": "restarted", borrower: "restarted", config: "restarted" },
      ...{ "by-hand": "needs-manual", clones: "restarted", advanced: "restarted" },
    });
    assert.deepEqual(third.report.outcomes, []);
  });

  it("a Rollout gets a new template, and one that is to be restarted in place does not", async () => {
    const [template, inPlace] = [await read("Rollout", "template"), await read("Rollout", "in-place")];
    assert.match(String(dig(template, ...onTemplate)), /ConfigMap\/template=/);
    assert.equal(dig(template, "spec", "restartAt"), undefined);
    assert.equal(dig(inPlace, ...onTemplate), undefined);
    assert.match(inPlace.metadata.annotations?.[stampAnnotation] ?? "", /ConfigMap\/in-place=/);
    assert.match(String(dig(inPlace, "spec", "restartAt")), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it("a Rollout that borrows its template is restarted in place, and the lender is not touched", async () => {
    const borrower = await read("Rollout", "borrower");
    const lender = await stage.cluster.get<KubeObject>({
      ...{ apiVersion: "apps/v1", kind: "Deployment" },
      metadata: { name: "lender", namespace: stage.namespace },
    });
    assert.notEqual(dig(borrower, "spec", "restartAt"), undefined);
    assert.equal(dig(borrower, "spec", "template"), undefined);
    assert.equal(dig(lender, ...onTemplate), undefined);
  });

  it("a strategy that its kind does not have blocks the workload, and says so", async () => {
    const [, , { report }] = ran;
    assert.deepEqual(
      report.pending.map(({ workload, reason }) => [workload.name, reason]),
      [["misspelt", "blocked"]],
    );
    assert.ok(report.issues.some(({ code }) => code === "unknown-strategy"));
    assert.equal(dig(await read("Rollout", "misspelt"), ...onTemplate), undefined);
  });

  it("a configured kind whose name is taken is told apart by its group", () => {
    const kinds = ran[1].report.outcomes.map(({ workload }) => `${workload.kind}/${workload.name}`);
    assert.ok(kinds.includes("StatefulSet.apps.kruise.io/advanced"));
    assert.ok(kinds.includes("CloneSet/clones"));
  });
});
