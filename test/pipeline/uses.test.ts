import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { workloadKinds } from "../../src/model/kinds.ts";
import { dataKinds, source, type WorkloadParts, workload } from "../support/manifests.ts";
import { ways } from "../support/ways.ts";
import { minute, type Ran, startWorld, type World } from "../support/world.ts";

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

describe("each kind of workload, each kind of source, each way of using it", () => {
  let world: World;
  let other: Ran;
  let labels: Ran;
  let changed: Ran;
  let again: Ran;
  const refOf = ({ kind, name }: (typeof rows)[number]) => `${kind}/shop/${name}`;
  const sources = (a: string, b: string, labelled = "no") =>
    rows.map(({ sourceKind, name }) => source(sourceKind, name, { a, b }, { labels: { labelled } }));

  before(async () => {
    const workloads = rows.map(({ kind, sourceKind, pod, name }) =>
      workload(name, { kind, pod: pod(sourceKind, name) }),
    );
    world = await startWorld([sources("1", "1"), workloads]);
    await world.run();
    world.put(...sources("1", "2"));
    other = await world.run();
    world.time.advance(minute);
    world.put(...sources("1", "2", "yes"));
    labels = await world.run();
    world.put(...sources("2", "2", "yes"));
    changed = await world.run();
    again = await world.run();
  });
  after(() => world[Symbol.asyncDispose]());

  for (const row of rows) {
    const ref = refOf(row);
    const skipOf = (ran: Ran) =>
      ran.skips.filter(({ workload: { name } }) => name === row.name).map(({ reason }) => reason);
    const times = (ran: Ran) => ran.restarted.filter((name) => name === ref).length;

    it(`${row.kind}, ${row.sourceKind} by ${row.way}: one change is one rollout, and the pods run the new content`, () => {
      assert.equal(times(changed), 1);
      assert.equal(changed.outcomes.find(({ workload: { name } }) => name === row.name)?.outcome, "restarted");
      const views = world.views(row.name);
      assert.ok(views.length > 0);
      for (const view of views) assert.equal(view[`${row.sourceKind}/${row.name}`]?.a, "2");
      assert.equal(times(again), 0, "the second run does nothing");
    });

    it(`${row.kind}, ${row.sourceKind} by ${row.way}: ${row.one ? "a key it does not read restarts nothing" : "every key counts"}`, () => {
      assert.equal(times(other), row.one ? 0 : 1);
      assert.deepEqual(skipOf(other), row.one ? ["keys-not-used"] : []);
    });

    it(`${row.kind}, ${row.sourceKind} by ${row.way}: labels of the source restart nothing and need no explanation`, () => {
      assert.equal(times(labels), 0);
      assert.deepEqual(skipOf(labels), []);
    });
  }
});
