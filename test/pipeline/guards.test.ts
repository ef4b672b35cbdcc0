import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Ports } from "../../src/ports.ts";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { tapPorts } from "../support/port-tap.ts";
import { startKnownWorld, type World } from "../support/world.ts";

const web = "Deployment/shop/web";
const pod = envFrom(["ConfigMap", "settings"]);
const plain = deployment("web", pod);
const annotated = deployment("web", pod, { template: { annotations: { team: "x" } } });
const edited = (annotations?: Readonly<Record<string, string>>) =>
  deployment("web", pod, { template: { labels: { version: "2" }, ...(annotations ? { annotations } : {}) } });

interface Row {
  readonly start?: typeof plain;
  /** What somebody does after reroll has looked and before it patches. */
  readonly meanwhile: (world: World) => void;
  /** Rollouts of the template by then and by the run after: none of them is reroll's. */
  readonly rollouts: number;
}

/** What a patch must not act upon, because nobody has decided on it: a new row is a new way to be late. */
const rows: Readonly<Record<string, Row>> = {
  "the template was edited": { meanwhile: (world) => world.put(edited()), rollouts: 1 },
  "the template was edited, next to annotations": {
    start: annotated,
    meanwhile: (world) => world.put(edited({ team: "x" })),
    rollouts: 1,
  },
  "the template got its first annotations": { meanwhile: (world) => world.put(annotated), rollouts: 1 },
  "the template lost its annotations": { start: annotated, meanwhile: (world) => world.put(plain), rollouts: 1 },
  "the workload was deleted and created again": {
    meanwhile: (world) => {
      world.remove("Deployment", "web");
      world.put(plain);
    },
    rollouts: 0,
  },
  "the workload was deleted": { meanwhile: (world) => world.remove("Deployment", "web"), rollouts: 0 },
};

function meanwhileIn(act: () => void): (ports: Ports) => Ports {
  let late = false;
  const before = async ({ method }: { readonly method: string }) => {
    if (method !== "patch" || late) return;
    late = true;
    act();
  };
  return (ports) => tapPorts(ports, { before, after: async () => {} });
}

describe("between the look and the patch", () => {
  for (const [what, { start = plain, meanwhile, rollouts }] of Object.entries(rows)) {
    it(`${what}: superseded, nothing is written, and pods that started since need no restart`, async () => {
      await using world = await startKnownWorld([configMap("settings"), start]);
      const before = world.rollouts().get(web) ?? 0;
      world.put(configMap("settings", { a: "2", b: "1" }));
      const ran = await world.run({ through: meanwhileIn(() => meanwhile(world)) });
      assert.deepEqual([ran.outcomes.map(({ outcome }) => outcome), ran.exitCode], [["superseded"], 0]);
      const template = JSON.stringify(world.cluster.api.get("Deployment", "shop", "web")?.spec ?? {});
      assert.ok(!template.includes("reroll.dev/stamp"));
      assert.deepEqual((await world.run()).restarted, []);
      assert.equal((world.rollouts().get(web) ?? 0) - before, rollouts);
    });
  }

  it("another run has written a newer stamp: it stands", async () => {
    await using world = await startKnownWorld([configMap("settings"), plain]);
    world.put(configMap("settings", { a: "2", b: "1" }));
    await world.run();
    world.put(configMap("settings", { a: "3", b: "1" }));
    const stampOf = () => JSON.stringify(world.cluster.api.get("Deployment", "shop", "web")?.spec);
    let newer = "";
    const rival = meanwhileIn(() => {
      world.cluster.api.patch("Deployment", "shop", "web", {
        spec: {
          template: { metadata: { annotations: { "reroll.dev/stamp": "00000000 ConfigMap/settings=unknown" } } },
        },
      });
      newer = stampOf();
    });
    const ran = await world.run({ through: rival });
    assert.deepEqual([ran.outcomes.map(({ outcome }) => outcome), stampOf()], [["superseded"], newer]);
  });
});
