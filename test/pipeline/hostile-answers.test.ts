/** Whatever the API server, or something that answers in its place, says: a command ends as documented, and says why. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { CommandName } from "../support/commands.ts";
import { runs } from "../support/effort.ts";
import { planted, hostileSeed as seed, someCommand, uttered } from "../support/hostile.ts";
import { seeded } from "../support/interleave.ts";
import { configMap, deployment, envFrom, envKeys, secret, workload } from "../support/manifests.ts";
import { type Hit, type Meddling, meddlings, startMeddler } from "../support/meddler.ts";
import { minute, startWorld, type World } from "../support/world.ts";

const sources = (generation: number) => [
  secret("creds", planted(generation)),
  configMap("settings", planted(generation)),
];
const workloads = [
  deployment("web", envFrom(["Secret", "creds"], ["ConfigMap", "settings"])),
  workload("db", { kind: "StatefulSet", pod: envKeys("Secret", "creds", ["a"]) }),
  workload("agent", { kind: "DaemonSet", pod: envFrom(["ConfigMap", "settings"]) }),
  deployment("silent", envFrom(["Secret", "creds"]), { annotations: {} }),
];
const apps = ["web", "db", "agent"];

/** A world that has seen a run, and whose sources have changed since. */
async function changedWorld(): Promise<World> {
  const world = await startWorld([sources(0), workloads], { nodes: 1 });
  await world.run();
  world.time.advance(minute);
  world.put(...sources(1));
  return world;
}

interface Case {
  readonly command: CommandName;
  readonly known: boolean;
  readonly hits: readonly Hit[];
  readonly seed: number;
}

async function play({ command, known, hits, seed: own }: Case): Promise<void> {
  await using world = known ? await changedWorld() : await startWorld([sources(1), workloads], { nodes: 1 });
  const before = world.rollouts();
  {
    await using meddler = await startMeddler(world.cluster.url, hits, seeded(own));
    await uttered(world, command, meddler.url);
  }
  // Lies may bring about anything; what cannot be read at all must neither lose a change nor do anything twice.
  const lies = hits.some(({ meddling }) => meddling === "wrong in its fields");
  if (lies || !known || command === "adopt") return;
  world.time.advance(2 * minute);
  await world.run({ identity: "healing" });
  for (const app of apps) for (const view of world.views(app)) assert.deepEqual(stale(view), [], `${app} was missed`);
  for (const [ref, times] of world.rollouts())
    assert.ok(times - (before.get(ref) ?? 0) <= (ref.endsWith("/silent") ? 0 : 1), `${ref} restarted too often`);
}

function stale(view: Readonly<Record<string, Readonly<Record<string, string>>>>): string[] {
  return Object.values(view).flatMap((held) => Object.values(held).filter((value) => !value.includes("-1-planted")));
}

const names = Object.keys(meddlings) as Meddling[];
const aCase = (meddling: fc.Arbitrary<Meddling>, most: number): fc.Arbitrary<Case> => {
  const hit = fc.record({ meddling, nth: fc.integer({ min: 1, max: 45 }), every: fc.boolean() });
  return fc.record({
    command: someCommand,
    known: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
    hits: fc.array(hit, { minLength: 1, maxLength: most }),
    seed: fc.nat(),
  });
};

describe(`wrong answers (REROLL_TEST_SEED=${seed})`, () => {
  it("of every sort, to every command", () =>
    fc.assert(fc.asyncProperty(aCase(fc.constantFrom(...names), 2), play), { numRuns: runs(25), seed }));

  it("that are wrong somewhere in their fields", () =>
    fc.assert(fc.asyncProperty(aCase(fc.constant<Meddling>("wrong in its fields"), 4), play), {
      numRuns: runs(25),
      seed,
    }));
});
