/** Whatever has become of the stored state: a command ends as documented, says why, and does not make it worse. */
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import type { Manifest } from "../../src/demo/direct.ts";
import type { CommandName } from "../support/commands.ts";
import { runs } from "../support/effort.ts";
import { planted, hostileSeed as seed, someCommand, uttered } from "../support/hostile.ts";
import { seeded } from "../support/interleave.ts";
import { configMap, deployment, envFrom, secret } from "../support/manifests.ts";
import { mutated } from "../support/mutate.ts";
import { minute, startWorld, stateName, stateNamespace, type World } from "../support/world.ts";

interface Case {
  readonly command: CommandName;
  readonly times: number;
  readonly seed: number;
}

describe(`a state that somebody or something has touched (REROLL_TEST_SEED=${seed})`, () => {
  let world: World;
  let state: Manifest;
  const workloads = [
    deployment("web", envFrom(["Secret", "creds"], ["ConfigMap", "settings"])),
    deployment("paused", envFrom(["Secret", "creds"]), { spec: { paused: true } }),
  ];

  before(async () => {
    const sources = (generation: number) => [
      secret("creds", planted(generation)),
      configMap("settings", planted(generation)),
    ];
    world = await startWorld([sources(0), workloads], { nodes: 1 });
    await world.run();
    world.time.advance(minute);
    world.put(...sources(1));
    await world.run();
    world.put(...sources(0));
    state = world.cluster.api.get("ConfigMap", stateNamespace, stateName) as Manifest;
  });
  after(() => world[Symbol.asyncDispose]());

  async function play({ command, times, seed: own }: Case): Promise<void> {
    const data = mutated(state.data, seeded(own), times);
    const fields = typeof data === "object" && data !== null && !Array.isArray(data) ? Object.entries(data) : [];
    const texts = fields.filter(([key, value]) => typeof value === "string" && /^[-._a-zA-Z0-9]+$/.test(key));
    const { apiVersion, kind, metadata } = state;
    const { name, namespace, labels } = metadata;
    world.cluster.api.delete("ConfigMap", stateNamespace, stateName);
    const kept = { name, namespace, labels } as Manifest["metadata"];
    world.cluster.api.put({ apiVersion, kind, metadata: kept, data: Object.fromEntries(texts) } as Manifest);
    world.time.advance(2 * minute);
    await uttered(world, command);
    await uttered(world, "run");
  }

  it("ends every command as documented, and the run after it", () => {
    const cases = fc.record({ command: someCommand, times: fc.integer({ min: 1, max: 4 }), seed: fc.nat() });
    return fc.assert(fc.asyncProperty(cases, play), { numRuns: runs(20), seed });
  });
});
