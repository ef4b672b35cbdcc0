import assert from "node:assert/strict";
import type { Manifest } from "../../src/demo/direct.ts";
import {
  configMap,
  envFrom,
  envKeys,
  type PodParts,
  secret,
  type WorkloadParts,
  workload,
} from "../support/manifests.ts";
import { minute, type Ran, type World } from "../support/world.ts";

const kinds: readonly NonNullable<WorkloadParts["kind"]>[] = ["Deployment", "StatefulSet", "DaemonSet"];
const size = 10;
const numbers = Array.from({ length: size }, (_, index) => index);

const name = (index: number) => `app-${index}`;
const kindOf = (index: number) => kinds[index % kinds.length] ?? "Deployment";
const sourceKind = (index: number) => (index % 2 === 0 ? ("ConfigMap" as const) : ("Secret" as const));

/** Ten workloads of all kinds; every other one has annotations on its template. */
export function fleetWorkloads(): Manifest[] {
  return numbers.map((index) => {
    const uses: PodParts =
      index % 4 === 0 ? envKeys(sourceKind(index), name(index), ["a"]) : envFrom([sourceKind(index), name(index)]);
    const template = index % 2 === 0 ? { annotations: { team: "x" } } : {};
    return workload(name(index), { kind: kindOf(index), pod: uses, template });
  });
}

/** Their ten sources, one each, with that content. */
export function fleetSources(content: string): Manifest[] {
  return numbers.map((index) => (sourceKind(index) === "Secret" ? secret : configMap)(name(index), { a: content }));
}

/** `Kind/namespace/name` of all ten, sorted. */
export const fleet: readonly string[] = numbers.map((index) => `${kindOf(index)}/shop/${name(index)}`).sort();

/** Fails unless every pod of the ten runs that content. */
export function assertFleetRuns(world: World, content: string): void {
  const all = world.allViews();
  for (const index of numbers) {
    const views = all.get(name(index)) ?? [];
    assert.ok(views.length > 0, `${name(index)} has no pods`);
    for (const view of views) assert.equal(view[`${sourceKind(index)}/${name(index)}`]?.a, content, name(index));
  }
}

/** Changes all ten sources, does what is given, and fails unless each of the ten restarted exactly once and runs the new content. */
export async function assertOnceEach(world: World, content: string, doing: () => Promise<unknown>): Promise<void> {
  world.put(...fleetSources(content));
  const before = world.rollouts();
  await doing();
  const after = world.rollouts();
  const times = fleet.map((ref) => `${ref} ${(after.get(ref) ?? 0) - (before.get(ref) ?? 0)}`);
  assert.deepEqual(
    times,
    fleet.map((ref) => `${ref} 1`),
  );
  assertFleetRuns(world, content);
}

/** Fails unless a run finds nothing to do and writes nothing but its Lease. */
export async function assertAtRest(world: World): Promise<void> {
  world.time.advance(2 * minute);
  const { restarted, actions, pending, outcomes, exitCode, requests } = await world.run({ identity: "last" });
  const writes = requests.filter(({ method, resource }) => method !== "GET" && resource !== "leases");
  assert.deepEqual([restarted, actions, pending, outcomes, exitCode, writes], [[], [], [], [], 0, []]);
}

/** How many workloads came to which outcome: `deferred Interrupted` -> 6. */
export const words = ({ outcomes }: Ran) =>
  Object.fromEntries(
    [...Map.groupBy(outcomes, ({ outcome, reason }) => `${outcome} ${reason}`)].map(([word, all]) => [
      word,
      all.length,
    ]),
  );
