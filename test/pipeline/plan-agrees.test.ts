import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Manifest } from "../../src/demo/direct.ts";
import type { Policy } from "../../src/model/policy.ts";
import { formatRef } from "../../src/model/ref.ts";
import type { PlanReport } from "../../src/model/report.ts";
import { runs } from "../support/effort.ts";
import {
  type Annotations,
  auto,
  type DataKind,
  dataKinds,
  envFrom,
  envKeys,
  source,
  type WorkloadParts,
  workload,
} from "../support/manifests.ts";
import { type Ran, startWorld, type World } from "../support/world.ts";

const stakater = "reloader.stakater.com";
const names = ["one", "two"] as const;
const kinds: readonly NonNullable<WorkloadParts["kind"]>[] = ["Deployment", "StatefulSet", "DaemonSet"];
const asks: readonly Annotations[] = [
  {},
  { [`${stakater}/auto`]: "true", [`configmaps.exclude.${stakater}/reload`]: "one" },
  { [`${stakater}/auto`]: "true", "reroll.dev/per-key": "false" },
  { [`${stakater}/search`]: "true" },
  { [`configmap.${stakater}/reload`]: "o.*", [`secret.${stakater}/reload`]: "two,(" },
];
const says: readonly Annotations[] = [{}, {}, { [`${stakater}/match`]: "true" }, { [`${stakater}/ignore`]: "true" }];

const aSource = fc.record({
  kind: fc.constantFrom<DataKind>(...dataKinds),
  name: fc.constantFrom(...names),
  data: fc.dictionary(fc.constantFrom("a", "b"), fc.constantFrom("1", "2", "3"), { noNullPrototype: true }),
  says: fc.constantFrom(...says),
});
const aWorkload = fc.record({
  name: fc.constantFrom("w1", "w2", "w3"),
  kind: fc.constantFrom(...kinds),
  uses: fc.tuple(fc.constantFrom<DataKind>(...dataKinds), fc.constantFrom(...names), fc.constantFrom("all", "a", "b")),
  asks: fc.oneof({ weight: 2, arbitrary: fc.constant(auto) }, { weight: 1, arbitrary: fc.constantFrom(...asks) }),
  replicas: fc.constantFrom(1, 1, 0),
  paused: fc.constantFrom(false, false, true),
});
const aStep = fc.oneof(
  { weight: 4, arbitrary: aSource.map((given) => ({ put: sourceManifest(given) })) },
  { weight: 1, arbitrary: aWorkload.map((given) => ({ put: workloadManifest(given) })) },
  { weight: 1, arbitrary: aSource.map(({ kind, name }) => ({ remove: { kind, name } })) },
);
const aPolicy: fc.Arbitrary<Partial<Policy>> = fc.record({
  autoReloadAll: fc.boolean(),
  reloadOnCreate: fc.boolean(),
  reloadOnDelete: fc.boolean(),
  catchUp: fc.boolean(),
});
const aHistory = fc.record({
  sources: fc.array(aSource, { minLength: 2, maxLength: 6 }),
  workloads: fc.array(aWorkload, { minLength: 1, maxLength: 4 }),
  known: fc.boolean(),
  rounds: fc.array(fc.array(aStep, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
  policy: aPolicy,
});

type Given<Of> = Of extends fc.Arbitrary<infer Value> ? Value : never;

function sourceManifest({ kind, name, data, says }: Given<typeof aSource>): Manifest {
  return source(kind, name, data, { annotations: says });
}

function workloadManifest({ name, kind, uses, asks, replicas, paused }: Given<typeof aWorkload>): Manifest {
  const [sourceKind, sourceName, key] = uses;
  const pod = key === "all" ? envFrom([sourceKind, sourceName]) : envKeys(sourceKind, sourceName, [key]);
  const spec = { ...(kind === "DaemonSet" ? {} : { replicas }), ...(kind === "Deployment" ? { paused } : {}) };
  return workload(name, { kind, pod, annotations: asks, spec });
}

/** What a plan promises, and what a run says of itself; without the stamps where each has a key of its own. */
function promise({ actions, pending, skips, issues, adopted }: PlanReport, stamps: boolean) {
  const due = actions.map(({ workload: ref, because, wave, stamp }) => ({
    ref,
    because,
    wave,
    stamp: stamps ? stamp : "",
  }));
  return { due, pending, skips, issues, adopted };
}

async function assertAgrees(world: World, policy: Partial<Policy>, keyed: boolean): Promise<Ran> {
  const requests = world.cluster.requests.length;
  const plan = await world.plan({ policy });
  assert.deepEqual(
    world.cluster.requests.slice(requests).filter(({ method }) => method !== "GET"),
    [],
    "a plan writes nothing",
  );
  const ran = await world.run({ policy });
  assert.deepEqual(promise(ran, keyed), promise(plan, keyed), "the run finds what the plan found");
  const due = plan.actions.map(({ workload: ref }) => formatRef(ref)).sort();
  assert.deepEqual(ran.restarted, due, "and restarts exactly that");
  assert.equal(ran.requests.filter(({ method }) => method === "PATCH").length, due.length);
  return ran;
}

describe("a plan and the run that follows it", () => {
  it("agree on every small cluster, and the run after that has nothing left to restart", async () => {
    let restarts = 0;
    await fc.assert(
      fc.asyncProperty(aHistory, async ({ sources, workloads, known, rounds, policy }) => {
        await using world = await startWorld([sources.map(sourceManifest), workloads.map(workloadManifest)], {
          nodes: 1,
        });
        if (known) await world.run({ policy });
        let keyed = known;
        for (const steps of rounds) {
          for (const step of steps) {
            if ("put" in step) world.put(step.put);
            else world.remove(step.remove.kind, step.remove.name);
          }
          restarts += (await assertAgrees(world, policy, keyed)).restarted.length;
          keyed = true;
          assert.deepEqual((await assertAgrees(world, policy, true)).restarted, [], "doing it again changes nothing");
        }
      }),
      { numRuns: runs(30), seed: 20261123 },
    );
    assert.ok(restarts > 10, `only ${restarts} restarts were compared`);
  });
});
