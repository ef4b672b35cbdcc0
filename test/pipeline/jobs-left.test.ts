import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contentOf, job } from "../support/jobs.ts";
import { configMap } from "../support/manifests.ts";
import { startKnownWorld, type World } from "../support/world.ts";

const config = (a: string) => configMap("config", { a });
const said = ({ outcomes }: Awaited<ReturnType<World["run"]>>) =>
  outcomes.map(({ workload, outcome, reason }) => `${workload.kind}/${workload.name} ${outcome} ${reason}`);
const live = (world: World) => world.cluster.api.get("Job", "shop", "import");

describe("a Job that was suspended by a killed run, and that a person resumed", () => {
  /** As `kubectl patch job` leaves it: resumed, with our annotation still there. */
  async function resumedByHand(): Promise<World> {
    const world = await startKnownWorld([[config("1"), job("import")]]);
    const intent = { "reroll.dev/recreate": "00000000 ConfigMap/config=000000000000.*" };
    world.cluster.api.patch("Job", "shop", "import", { metadata: { annotations: intent } });
    return world;
  }

  it("keeps its pods, and the next run takes the annotation away", async () => {
    await using world = await resumedByHand();
    const pods = world.cluster.api.list("Pod", "shop").map(({ metadata }) => metadata.uid);
    const ran = await world.run();
    assert.deepEqual([said(ran), ran.exitCode], [["Job/import superseded Superseded"], 0]);
    assert.equal(live(world)?.metadata.annotations?.["reroll.dev/recreate"], undefined);
    assert.deepEqual(
      world.cluster.api.list("Pod", "shop").map(({ metadata }) => metadata.uid),
      pods,
    );
    const next = await world.run();
    assert.deepEqual([next.actions, next.outcomes, next.pending], [[], [], []]);
  });

  it("is restarted for what changed after that", async () => {
    await using world = await resumedByHand();
    world.put(config("2"));
    await world.run();
    assert.deepEqual(contentOf(world, "import"), ["1"]);
    assert.deepEqual(said(await world.run()), ["Job/import restarted RolledOut"]);
    assert.deepEqual(contentOf(world, "import"), ["2"]);
    assert.equal(live(world)?.metadata.annotations?.["reroll.dev/recreate"], undefined);
    const next = await world.run();
    assert.deepEqual([next.actions, next.outcomes, next.pending], [[], [], []]);
  });
});
