/** What a patch does, and what it refuses to do, on a real API server: all rows stand in one run, each with its own workload. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PortError } from "../../src/model/errors.ts";
import type { RunReport } from "../../src/model/report.ts";
import type { Ports } from "../../src/ports.ts";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { tapPorts } from "../support/port-tap.ts";
import type { TestClient } from "./harness/client.ts";
import type { Named } from "./harness/paths.ts";
import { rolledOut } from "./harness/workloads.ts";
import { runThrough } from "./support/in-process.ts";
import { openStage, type Stage } from "./support/stage.ts";

const stampKey = "reroll.dev/stamp";

interface Live extends Named {
  readonly metadata: Named["metadata"] & { readonly generation: number; readonly uid: string };
  readonly spec: { readonly template: { readonly metadata: { readonly annotations?: Record<string, string> } } };
}

/** Where a row steps in. */
interface Scene {
  readonly cluster: TestClient;
  readonly target: Live;
  readonly manifest: Named;
}

interface Row {
  readonly annotations?: Record<string, string>;
  /** What somebody does after reroll has looked and before it patches. */
  readonly meanwhile?: (scene: Scene) => Promise<unknown>;
  /** The patch is applied, and its answer never comes. */
  readonly answerLost?: boolean;
  readonly outcome: "restarted" | "superseded";
  /** Generations that somebody else made. */
  readonly others?: number;
}

const template = (annotations: object) => ({ spec: { template: { metadata: { annotations } } } });

/** A new row is a new way to meet the guards. */
const rows: Readonly<Record<string, Row>> = {
  "no-annotations": { outcome: "restarted" },
  "other-annotations": { annotations: { team: "x" }, outcome: "restarted" },
  "foreign-stamp": { annotations: { [stampKey]: "written by hand" }, outcome: "restarted" },
  "answer-lost": { answerLost: true, outcome: "restarted" },
  labelled: {
    meanwhile: ({ cluster, target }) => cluster.patch(target, { metadata: { labels: { seen: "yes" } } }),
    outcome: "restarted",
  },
  edited: {
    annotations: { team: "x" },
    meanwhile: ({ cluster, target }) => cluster.patch(target, template({ team: "y" })),
    outcome: "superseded",
    others: 1,
  },
  "first-annotation": {
    meanwhile: ({ cluster, target }) => cluster.patch(target, template({ team: "x" })),
    outcome: "superseded",
    others: 1,
  },
  "last-annotation-gone": {
    annotations: { team: "x" },
    meanwhile: ({ cluster, target }) => cluster.patch(target, template({ team: null })),
    outcome: "superseded",
    others: 1,
  },
  scaled: {
    meanwhile: ({ cluster, target }) => cluster.patch(target, { spec: { replicas: 2 } }),
    outcome: "superseded",
    others: 1,
  },
  "another-stamp": {
    meanwhile: ({ cluster, target }) =>
      cluster.patch(target, template({ [stampKey]: "00000000 ConfigMap/settings=unknown" })),
    outcome: "superseded",
    others: 1,
  },
  recreated: {
    async meanwhile({ cluster, target, manifest }) {
      await cluster.remove(target);
      await cluster.apply(manifest);
    },
    outcome: "superseded",
  },
  deleted: { meanwhile: ({ cluster, target }) => cluster.remove(target), outcome: "superseded" },
};

describe("guards", () => {
  let stage: Stage;
  let ran: RunReport;
  let idle: RunReport;
  const before1 = new Map<string, Live>();
  const after1 = new Map<string, Live | undefined>();

  const manifest = (name: string): Named => {
    const { annotations } = rows[name] ?? {};
    const parts = annotations ? { template: { annotations } } : {};
    const { metadata, ...rest } = deployment(name, envFrom(["ConfigMap", "settings"]), parts);
    return { ...rest, metadata: { ...metadata, namespace: stage.namespace } } as unknown as Named;
  };
  const live = (name: string) => stage.cluster.find<Live>(manifest(name));

  /** Each workload's first patch is when its row steps in. */
  function stepIn(ports: Ports): Ports {
    const seen = new Set<string>();
    const patched = new Set<string>();
    const row = (args: readonly unknown[]) => rows[String(args[2])];
    return tapPorts(ports, {
      async before({ method, args }) {
        const name = String(args[2]);
        const target = before1.get(name);
        if (method !== "patch" || seen.has(name) || !target) return;
        seen.add(name);
        await row(args)?.meanwhile?.({ cluster: stage.cluster, target, manifest: manifest(name) });
      },
      async after({ method, args }) {
        const name = String(args[2]);
        if (method !== "patch" || patched.has(name) || !row(args)?.answerLost) return;
        patched.add(name);
        throw new PortError("unreachable", "the connection was cut");
      },
    });
  }

  before(async () => {
    stage = await openStage("guards");
    await stage.put(configMap("settings"));
    await stage.apply(...Object.keys(rows).map((name) => manifest(name)));
    await stage.run();
    for (const name of Object.keys(rows)) before1.set(name, await stage.cluster.get<Live>(manifest(name)));
    await stage.put(configMap("settings", { a: "2", b: "1" }));
    ran = await runThrough(stage, stepIn);
    for (const name of Object.keys(rows)) after1.set(name, await live(name));
    await Promise.all([...after1.values()].map(async (found) => found && rolledOut(stage.cluster, found)));
    await stage.run();
    idle = await runThrough(stage, (ports) => ports);
  });
  after(() => stage.close());

  const annotationsOf = (name: string) => after1.get(name)?.spec.template.metadata.annotations ?? {};
  const generations = (name: string) =>
    (after1.get(name)?.metadata.generation ?? 0) - (before1.get(name)?.metadata.generation ?? 0);

  for (const [name, { outcome, others = 0 }] of Object.entries(rows)) {
    it(`${name}: ${outcome}`, () => {
      const found = ran.outcomes.find(({ workload }) => workload.name === name);
      assert.deepEqual([found?.outcome], [outcome], found?.message ?? "no outcome");
      const own = ran.actions.find(({ workload }) => workload.name === name)?.stamp;
      assert.ok(own);
      assert.equal(annotationsOf(name)[stampKey] === own, outcome === "restarted");
      if (after1.get(name)?.metadata.uid === before1.get(name)?.metadata.uid)
        assert.equal(generations(name), others + (outcome === "restarted" ? 1 : 0));
    });
  }

  it("a workload without annotations gets the stamp, and nothing else", () => {
    assert.deepEqual(Object.keys(annotationsOf("no-annotations")), [stampKey]);
  });
  it("the annotations that are there stay as they are", () => {
    assert.equal(annotationsOf("other-annotations").team, "x");
  });
  it("being late is no failure", () => assert.equal(ran.exitCode, 0));
  it("the next run settles what was superseded, and the one after it has nothing to do", () => {
    assert.deepEqual([idle.actions, idle.pending, idle.outcomes, idle.exitCode], [[], [], [], 0]);
  });
});
