/** Each kind of workload, each kind of source, each way of using it, on real controllers. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { workloadKinds } from "../../src/model/kinds.ts";
import { dataKinds, source, type WorkloadParts, workload } from "../support/manifests.ts";
import { ways } from "../support/ways.ts";
import { podsOf } from "./harness/workloads.ts";
import { type Ended, openStage, outcomes, type Stage } from "./support/stage.ts";

const rows = workloadKinds
  .filter(({ strategies: [usual], optional }) => usual === "rollout" && !optional)
  .flatMap(({ kind }) =>
    dataKinds.flatMap((sourceKind) =>
      Object.entries(ways).map(([way, { pod, one }]) => {
        const name = `${kind}-${sourceKind}-${way}`.toLowerCase().replaceAll(" ", "-");
        return { kind: kind as NonNullable<WorkloadParts["kind"]>, sourceKind, way, pod, one, name };
      }),
    ),
  );

type Row = (typeof rows)[number];
type Look = Readonly<Record<string, { readonly generation: number; readonly pods: readonly string[] }>>;

const sources = (a: string, b: string, labelled = "no") =>
  rows.map(({ sourceKind, name }) => source(sourceKind, name, { a, b }, { labels: { labelled } }));

async function lookAt(stage: Stage): Promise<Look> {
  const entries = rows.map(async ({ kind, name }) => {
    const pods = await podsOf(stage.cluster, {
      kind,
      apiVersion: "apps/v1",
      metadata: { name, namespace: stage.namespace },
    });
    return [
      name,
      { generation: await stage.generation(kind, name), pods: pods.map(({ metadata }) => metadata.uid) },
    ] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

describe("uses", () => {
  let stage: Stage;
  const looks: Look[] = [];
  const ran: Ended[] = [];
  let stateVersions: (string | undefined)[] = [];

  const act = async () => {
    ran.push(await stage.run());
    looks.push(await lookAt(stage));
  };
  const stateVersion = async () => {
    const { metadata } = await stage.cluster.get(`/api/v1/namespaces/${stage.home}/configmaps/reroll-state`);
    return metadata.resourceVersion;
  };

  before(async () => {
    stage = await openStage("uses");
    await stage.put(...sources("1", "1"));
    await stage.apply(
      ...rows.map(({ kind, sourceKind, pod, name }) => workload(name, { kind, pod: pod(sourceKind, name) })),
    );
    await act();
    await stage.put(...sources("1", "2"));
    await act();
    await stage.put(...sources("1", "2", "yes"));
    await act();
    await stage.put(...sources("2", "2", "yes"));
    await act();
    const first = await stateVersion();
    await act();
    stateVersions = [first, await stateVersion()];
  });
  after(() => stage.close());

  const [adopted, otherKey, labels, changed, again] = [0, 1, 2, 3, 4] as const;
  const rise = ({ name }: Row, step: number) =>
    (looks[step]?.[name]?.generation ?? 0) - (looks[step - 1]?.[name]?.generation ?? 0);
  const podsOfStep = ({ name }: Row, step: number) => looks[step]?.[name]?.pods ?? [];

  it("every run ends with exit code 0", () => {
    assert.deepEqual(
      ran.map(({ exitCode, stderr }) => [exitCode, stderr]),
      ran.map(() => [0, ""]),
    );
  });

  it("the first run adopts every workload and restarts none", () => {
    assert.equal(ran[adopted]?.report.adopted.length, rows.length);
    assert.deepEqual(ran[adopted]?.report.outcomes, []);
  });

  for (const row of rows) {
    it(`${row.kind}, ${row.sourceKind} by ${row.way}: one change is one generation, and every pod is replaced`, () => {
      assert.equal(rise(row, changed), 1);
      assert.equal(outcomes(ran[changed] as Ended)[row.name], "restarted");
      const [before, now] = [podsOfStep(row, labels), podsOfStep(row, changed)];
      assert.ok(now.length > 0);
      assert.deepEqual(
        now.filter((uid) => before.includes(uid)),
        [],
      );
    });
    it(`${row.kind}, ${row.sourceKind} by ${row.way}: ${row.one ? "a key it does not read restarts nothing" : "every key counts"}`, () => {
      assert.equal(rise(row, otherKey), row.one ? 0 : 1);
    });
    it(`${row.kind}, ${row.sourceKind} by ${row.way}: labels alone, and a run with nothing new, change nothing`, () => {
      assert.equal(rise(row, labels), 0);
      assert.equal(rise(row, again), 0);
      assert.deepEqual(podsOfStep(row, again), podsOfStep(row, changed));
    });
  }

  it("a run with nothing new does not write the state", () => {
    assert.equal(stateVersions[0], stateVersions[1]);
    assert.deepEqual(ran[again]?.report.outcomes, []);
  });
});
