import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { explain } from "../../src/commands/explain.ts";
import { history } from "../../src/commands/history.ts";
import { retry } from "../../src/commands/retry.ts";
import { status } from "../../src/commands/status.ts";
import { gitStampAnnotation, stampAnnotation } from "../../src/model/annotations.ts";
import type { Ports } from "../../src/ports.ts";
import { withPorts } from "../commands/support.ts";
import { type FluxMood, type GitWorld, startGitWorld } from "../support/git-world.ts";
import { configMap } from "../support/manifests.ts";
import { testPolicy } from "../support/policy.ts";
import { stateName } from "../support/world.ts";

const minute = 60_000;
const ref = { kind: "Deployment", namespace: "shop", name: "web" };
const policy = testPolicy({ mode: "git" });
const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, annotations: {reloader.stakater.com/auto: "true"}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers: [{name: app, image: "example.org/web:1", envFrom: [{configMapRef: {name: web-config}}]}]
`;
const files = { "apps/web.yaml": web, "apps/kustomization.yaml": "resources: [web.yaml]\n" };

/** One whose source has changed, and in which Flux then behaves so. */
async function changedWorld(flux: FluxMood): Promise<GitWorld> {
  const world = await startGitWorld(files, [configMap("web-config", { COLOUR: "red" })]);
  await world.run();
  world.world.time.advance(minute);
  world.world.put(configMap("web-config", { COLOUR: "blue" }));
  world.flux = flux;
  await world.run({ policy: { git: { ...policy.git, await: 5000 } } });
  world.world.time.advance(minute);
  return world;
}

const asking = <Said>({ world, git }: GitWorld, ask: (ports: Ports) => Promise<Said>): Promise<Said> =>
  withPorts(world, ask, { git });
const told = (world: GitWorld) => asking(world, (ports) => status(ports, policy, stateName));
const lines = async (world: GitWorld) => {
  const { entries } = await asking(world, (ports) => history(ports, policy, stateName, ref));
  return entries.map(({ outcome }) => outcome);
};
const explained = (world: GitWorld, mode: "direct" | "git" = "git") =>
  asking(world, (ports) => explain(ports, testPolicy({ mode }), stateName, ref));

describe("what commands tell of git mode", () => {
  test("what waits for Flux: status, explain and one line of history, however many runs see it", async () => {
    await using world = await changedWorld("asleep");
    await world.run({ policy: { git: { ...policy.git, await: 5000 } } });
    const [commit] = await world.commits();
    const { committed, pending } = await told(world);
    assert.deepEqual(
      committed.map(({ workload, branch, commit: id, reverted }) => [workload, branch, id, reverted]),
      [[ref, "main", commit?.id, undefined]],
    );
    assert.deepEqual(
      pending.map(({ reason }) => reason),
      ["committed"],
    );
    assert.deepEqual(await lines(world), ["committed", "adopted"]);
    const report = await explained(world);
    assert.deepEqual([report.verdict, report.committed?.commit], ["pending", commit?.id]);
    assert.match(report.message, new RegExp(`asked for by commit ${commit?.id.slice(0, 12)} on main`));
  });

  test("somebody else who moves the branch makes a waiting commit neither younger nor another line", async () => {
    await using world = await changedWorld("asleep");
    const [before] = (await told(world)).committed;
    await world.repository.commit({ "README.md": "hello\n" }, { message: "Say hello" });
    await world.run({ policy: { git: { ...policy.git, await: 5000 } } });
    assert.equal((await told(world)).committed[0]?.at, before?.at);
    assert.deepEqual(await lines(world), ["committed", "adopted"]);
  });

  test("once it is applied nothing waits, and both stamps are told", async () => {
    await using world = await changedWorld("prompt");
    assert.deepEqual((await told(world)).committed, []);
    assert.deepEqual((await lines(world))[0], "restarted");
    const { knowledge, mode, committed } = await explained(world);
    assert.match(knowledge?.stamps.git ?? "", /web-config/);
    assert.deepEqual([mode.word, mode.level, committed], ["git", "configuration", undefined]);
    world.world.put(configMap("web-config", { COLOUR: "green" }));
    assert.match((await explained(world)).message, /^a run would commit a restart of it, because of/);
    assert.match((await explained(world, "direct")).message, /^a run would restart it now, because of/);
    await world.run({ policy: { mode: "direct" } });
    const both = await explained(world);
    assert.ok(both.knowledge?.stamps.direct && both.knowledge.stamps.git, `${stampAnnotation}, ${gitStampAnnotation}`);
  });

  test("the level that chose the mode", async () => {
    await using world = await changedWorld("prompt");
    const { api } = world.world.cluster;
    const annotations = { "reroll.dev/mode": "git" };
    world.world.put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", annotations } });
    assert.deepEqual((await explained(world, "direct")).mode, {
      word: "git",
      known: true,
      level: "namespace",
      object: "Namespace/shop",
      annotation: { key: "reroll.dev/mode", value: "git" },
    });
    api.patch("Deployment", "shop", "web", { metadata: { annotations: { "reroll.dev/mode": "gti" } } });
    const own = (await explained(world, "direct")).mode;
    assert.deepEqual([own.word, own.known, own.level, own.object], ["gti", false, "workload", "Deployment/shop/web"]);
  });

  test("what was taken back is told, and committed again after retry", async () => {
    await using world = await changedWorld("broken");
    const taken = await told(world);
    assert.deepEqual(
      taken.committed.map(({ reverted }) => reverted),
      [true],
    );
    assert.match((await explained(world)).message, /not committed again: Flux could not apply commit/);
    world.flux = "prompt";
    assert.deepEqual((await world.run()).restarted, []);
    const release = (names: (typeof ref)[], all = false) =>
      asking(world, (ports) => retry(ports, policy, stateName, names, all));
    await assert.rejects(release([{ ...ref, name: "wbe" }]), /is not held back; did you mean Deployment\/shop\/web\?/);
    const { releasedCommits, keptCommits } = await release([ref]);
    assert.deepEqual([releasedCommits.map(({ workload }) => workload), keptCommits], [[ref], []]);
    const after = await told(world);
    assert.deepEqual([after.committed, after.pending.map(({ reason }) => reason)], [[], ["released"]]);
    assert.equal((await lines(world))[0], "released");
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/web"]);
    assert.deepEqual((await release([], true)).releasedCommits, []);
  });
});
