import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FaultRule } from "../../src/demo/faults.ts";
import { PortError } from "../../src/model/errors.ts";
import { runs } from "../support/effort.ts";
import { seeded } from "../support/interleave.ts";
import { runUntil } from "../support/killing.ts";
import { storedState } from "../support/stored-state.ts";
import { minute, startWorld, type World } from "../support/world.ts";
import { Churn } from "./churn.ts";

const policy = { catchUp: true, reloadOnCreate: true };
const write: Pick<FaultRule, "where"> = { where: ({ method }) => method !== "GET" };

/** What can be wrong with the API while a run asks it: a new row is a new trouble. */
const troubles: readonly FaultRule[] = [
  { verb: "list", resource: "configmaps", fault: { answer: 500 } },
  { verb: "list", resource: "secrets", fault: { reset: true } },
  { verb: "list", resource: "deployments", fault: { halfBody: true } },
  { verb: "list", resource: "statefulsets", fault: { answer: 403 } },
  { verb: "list", resource: "pods", fault: { answer: 410 } },
  { verb: "list", resource: "replicasets", fault: { answer: 503 } },
  { verb: "get", resource: "configmaps", namespace: "shop", fault: { answer: 500 } },
  { method: "PATCH", fault: { dropAnswer: true } },
  { method: "PATCH", fault: { answer: 500 } },
  { method: "PATCH", nth: 2, fault: { answer: 409 } },
  { method: "PUT", resource: "configmaps", fault: { reset: true } },
  { ...write, nth: 3, fault: { dropAnswer: true } },
];

const count = (restarted: readonly string[]) =>
  new Map([...Map.groupBy(restarted, (ref) => ref)].map(([ref, all]) => [ref, all.length]));

/** One run under some trouble: faults, or a death at a random call. */
async function troubledRun(world: World, random: () => number, identity: string): Promise<void> {
  const trouble = troubles[Math.floor(random() * (troubles.length + 4))];
  if (!trouble) {
    const when = random() < 0.5 ? "before" : "after";
    await runUntil(world, { at: 1 + Math.floor(random() * 40), when }, { identity, policy });
    return;
  }
  world.cluster.faults.push(trouble);
  try {
    await world.run({ identity, policy });
  } catch (error) {
    assert.ok(error instanceof PortError, String(error));
  } finally {
    world.cluster.faults.clear();
  }
}

/** Plays one history of sixty runs. Judges by what the server holds, and by nothing reroll says. */
async function soak(seed: number): Promise<void> {
  const random = seeded(seed);
  await using world = await startWorld([], { nodes: 1 });
  const churn = new Churn(world, random, 8);
  const explain = (what: string) => `seed ${seed}: ${what}\n${churn.log.join("\n")}`;
  const since = new Map<string, number>();
  let total = 0;
  const step = async (quiet: boolean, identity: string) => {
    const before = world.rollouts();
    if (quiet) await world.run({ identity, policy });
    else await troubledRun(world, random, identity);
    const restarted = [...world.rollouts()].flatMap(([ref, times]) =>
      new Array<string>(times - (before.get(ref) ?? 0)).fill(ref),
    );
    churn.log.push(`${quiet ? "run" : "troubled run"}: ${restarted.join(" ")}`);
    total += restarted.length;
    for (const [ref, times] of count(restarted)) {
      since.set(ref, (since.get(ref) ?? 0) + times);
      churn.restarted(ref);
      assert.ok((since.get(ref) ?? 0) <= churn.allowed(ref), explain(`${ref} restarted without a reason`));
    }
    if (quiet) {
      churn.sawEverything();
      since.clear();
    }
    world.time.advance(2 * minute);
  };
  await step(true, "run-0");
  for (let run = 1; run <= 60; run++) {
    for (let events = Math.floor(random() * 4); events > 0; events--) churn.happen();
    await step(random() < 0.5, `run-${run}`);
  }
  churn.resumeAll();
  for (let last = 0; last < 2; last++) await world.run({ policy });
  assert.deepEqual(churn.stale(), [], explain("something was missed"));
  const rest = await world.run({ policy });
  assert.deepEqual([rest.restarted, rest.actions, rest.pending], [[], [], []], explain("does not come to rest"));
  assert.ok(total > 4, explain(`only ${total} restarts`));
  const bytes = storedState(world).reduce((sum, piece) => sum + piece.bytes, 0);
  assert.ok(bytes < 64 * 1024, `${bytes} bytes of state`);
}

describe("sixty runs on a cluster where everything changes and much goes wrong", () => {
  for (let seed = 1; seed <= runs(2); seed++) {
    it(`miss nothing, restart nothing without a reason, come to rest and stay small (seed ${seed})`, () => soak(seed));
  }
});
