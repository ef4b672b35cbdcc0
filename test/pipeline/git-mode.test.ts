import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gitStampAnnotation, stampAnnotation } from "../../src/model/annotations.ts";
import { dig } from "../../src/model/object.ts";
import { type GitWorld, startGitWorld } from "../support/git-world.ts";
import { configMap } from "../support/manifests.ts";
import { testPolicy } from "../support/policy.ts";

const minute = 60_000;

const web = `# the shop
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations:
    reloader.stakater.com/auto: "true"
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: app
          image: example.org/web:1   # pinned
          envFrom: [{configMapRef: {name: web-config}}]
`;
const kustomization = "resources:\n  - web.yaml\n";
const files = { "apps/web.yaml": web, "apps/kustomization.yaml": kustomization };

/** One that has been run once, whose source has changed since. */
async function changedWorld(given: Parameters<typeof startGitWorld>[2] = {}): Promise<GitWorld> {
  const world = await startGitWorld(files, [configMap("web-config", { COLOUR: "red" })], given);
  await world.run();
  world.world.time.advance(minute);
  change(world, "blue");
  return world;
}

function change({ world }: GitWorld, colour: string): void {
  world.put(configMap("web-config", { COLOUR: colour }));
}

const annotations = ({ world }: GitWorld) =>
  dig(world.cluster.api.get("Deployment", "shop", "web"), "spec", "template", "metadata", "annotations") as
    | Record<string, string>
    | undefined;

describe("git mode", () => {
  test("a changed source is one commit, which Flux applies and the run sees settled; the next run commits nothing", async () => {
    await using world = await changedWorld();
    const before = await world.repository.tip();
    const { outcomes, restarted, git, exitCode } = await world.run();
    assert.deepEqual(
      outcomes.map(({ outcome, workload }) => [outcome, workload.name]),
      [["restarted", "web"]],
    );
    assert.deepEqual([restarted, exitCode], [["Deployment/shop/web"], 0]);
    const [commit, ...others] = await world.commits();
    assert.deepEqual(others, []);
    assert.equal(git[0]?.commit, commit?.id);
    assert.match(commit?.subject ?? "", /^chore\(reroll\): restart 1 workload$/);
    assert.match(commit?.body ?? "", /^Deployment\/shop\/web <- ConfigMap\/web-config\n\nReroll-Run: run-1$/);
    assert.equal(annotations(world)?.[stampAnnotation], undefined);
    assert.match(annotations(world)?.[gitStampAnnotation] ?? "", /ConfigMap\/web-config=/);
    const diff = (await world.repository.diff()).split("\n").filter((line) => /^[+-](?![+-])/.test(line));
    assert.deepEqual(diff, [
      "+      annotations:",
      `+        reroll.dev/git-stamp: "${annotations(world)?.[gitStampAnnotation]}"`,
    ]);
    await world.repository.fsck();
    assert.notEqual(before, await world.repository.tip());

    world.world.time.advance(minute);
    const again = await world.run();
    assert.deepEqual([again.outcomes, again.git, again.exitCode], [[], [], 0]);
    assert.equal((await world.commits()).length, 1);
  });

  test("plan shows the commit and writes nothing", async () => {
    await using world = await changedWorld();
    const tip = await world.repository.tip();
    const { git, refusals, actions } = await world.plan();
    assert.deepEqual([refusals, actions.map(({ mode }) => mode)], [[], ["git"]]);
    assert.deepEqual(
      git.map(({ branch, placements, commit }) => [branch, placements.map(({ way, path }) => [way, path]), commit]),
      [["main", [["in-place", "apps/web.yaml"]], undefined]],
    );
    assert.equal(await world.repository.tip(), tip);
    assert.ok(world.server.requests.every(({ path }) => path.includes("git-upload-pack")));
  });

  test("while Flux sleeps the restart stays committed, later runs ask the branch only, and once it is applied the next run sees it", async () => {
    await using world = await changedWorld();
    world.flux = "asleep";
    const policy = { git: { ...testPolicy().git, await: 10_000 } };
    const first = await world.run({ policy });
    assert.deepEqual(
      first.outcomes.map(({ outcome, reason }) => [outcome, reason]),
      [["committed", "Committed"]],
    );
    const asked = world.server.requests.length;
    world.world.time.advance(minute);
    const second = await world.run({ policy });
    assert.deepEqual(
      second.outcomes.map(({ outcome, reason }) => [outcome, reason]),
      [["committed", "AlreadyCommitted"]],
    );
    assert.ok(world.server.requests.slice(asked).every(({ path }) => path.includes("git-upload-pack")));
    assert.equal((await world.commits()).length, 1);
    await world.reconcile();
    world.world.time.advance(minute);
    const third = await world.run({ policy });
    assert.deepEqual(
      third.outcomes.map(({ outcome }) => outcome),
      ["restarted"],
    );
    assert.deepEqual([third.restarted, third.pending], [[], []]);
  });

  test("a build that fails because of the commit is reverted by a commit, and the same is not committed again", async () => {
    await using world = await changedWorld();
    world.flux = "broken";
    const { outcomes, exitCode } = await world.run();
    assert.deepEqual(
      outcomes.map(({ outcome, reason }) => [outcome, reason]),
      [["failed", "FluxFailed"]],
    );
    assert.equal(exitCode, 5);
    assert.equal(await world.repository.read("apps/web.yaml"), web);
    assert.deepEqual(
      (await world.commits()).map(({ subject }) => subject.split(" ")[0]),
      ["revert(reroll):", "chore(reroll):"],
    );
    world.world.time.advance(minute);
    const { pending } = await world.run();
    assert.deepEqual(
      pending.map(({ reason }) => reason),
      ["reverted"],
    );
    assert.equal((await world.commits()).length, 2);
    world.flux = "prompt";
    change(world, "green");
    assert.deepEqual(
      (await world.run()).outcomes.map(({ outcome }) => outcome),
      ["restarted"],
    );
  });

  test("somebody else who pushes first loses nothing", async () => {
    await using world = await changedWorld();
    await world.repository.outrun([{ "README.md": "one\n" }, { "apps/web.yaml": web.replace(":1 ", ":2 ") }]);
    const { outcomes } = await world.run();
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ["restarted"],
    );
    const text = await world.repository.read("apps/web.yaml");
    assert.match(text, /web:2 {3}# pinned/);
    assert.match(text, /git-stamp/);
    assert.equal(await world.repository.read("README.md"), "one\n");
    assert.equal((await world.commits()).length, 1);
  });

  test("a hook that declines is told in its words, and what is due stays owed", async () => {
    await using world = await changedWorld();
    await world.repository.decline("only on weekdays");
    const { outcomes, exitCode } = await world.run();
    assert.deepEqual(
      outcomes.map(({ outcome, reason }) => [outcome, reason]),
      [["failed", "PushDeclined"]],
    );
    assert.match(outcomes[0]?.message ?? "", /only on weekdays/);
    assert.equal(exitCode, 5);
    await world.repository.hook("pre-receive");
    assert.deepEqual(
      (await world.run()).outcomes.map(({ outcome }) => outcome),
      ["restarted"],
    );
  });

  test("a suspended owner keeps the work owed, and nothing is sent to the repository", async () => {
    await using world = await changedWorld();
    world.world.cluster.api.patch("Kustomization", "flux-system", "apps", { spec: { suspend: true } });
    const asked = world.server.requests.length;
    const { pending, refusals, exitCode } = await world.run();
    assert.deepEqual(
      [pending.map(({ reason }) => reason), refusals.map(({ code }) => code), exitCode],
      [["suspended"], ["SUSPENDED"], 0],
    );
    assert.equal(world.server.requests.length, asked);
  });

  for (const [onUnresolvable, expected] of [
    ["skip", { restarted: [], pending: ["unresolvable"], exitCode: 0 }],
    ["fail", { restarted: [], pending: ["unresolvable"], exitCode: 5 }],
    ["direct", { restarted: ["Deployment/shop/web"], pending: [], exitCode: 0 }],
  ] as const) {
    test(`what no commit can restart: ${onUnresolvable}`, async () => {
      await using world = await changedWorld();
      const policy = { git: { ...testPolicy().git, repositories: [], onUnresolvable } };
      const { restarted, pending, exitCode, refusals } = await world.run({ policy });
      assert.deepEqual({ restarted, pending: pending.map(({ reason }) => reason), exitCode }, expected);
      assert.deepEqual(
        refusals.map(({ code }) => code),
        ["SOURCE_NOT_ALLOWED"],
      );
    });
  }

  test("an annotation chooses the mode of one workload", async () => {
    await using world = await changedWorld();
    world.world.cluster.api.patch("Deployment", "shop", "web", {
      metadata: { annotations: { "reroll.dev/mode": "direct" } },
    });
    const { restarted, git } = await world.run();
    assert.deepEqual([restarted, git], [["Deployment/shop/web"], []]);
    assert.match(annotations(world)?.[stampAnnotation] ?? "", /web-config/);
  });

  test("a Namespace chooses the mode of all in it, and a workload may say otherwise", async () => {
    await using world = await changedWorld();
    const { api } = world.world.cluster;
    api.patch("Namespace", undefined, "shop", { metadata: { annotations: { "reroll.dev/mode": "git" } } });
    const policy = { mode: "direct" } as const;
    assert.deepEqual(
      (await world.plan({ policy })).actions.map(({ mode }) => mode),
      ["git"],
    );
    api.patch("Deployment", "shop", "web", { metadata: { annotations: { "reroll.dev/mode": "direct" } } });
    assert.deepEqual(
      (await world.plan({ policy })).actions.map(({ mode }) => mode),
      ["direct"],
    );
  });

  test("a word that is no mode restarts nothing, and says so", async () => {
    await using world = await changedWorld();
    const annotated = { metadata: { annotations: { "reroll.dev/mode": "gti" } } };
    world.world.cluster.api.patch("Deployment", "shop", "web", annotated);
    const { restarted, pending, issues } = await world.run();
    assert.deepEqual([restarted, pending.map(({ reason }) => reason)], [[], ["blocked"]]);
    assert.deepEqual(
      issues.map(({ code, path }) => [code, path]),
      [["unknown-mode", "Deployment/shop/web"]],
    );
    assert.equal((await world.commits()).length, 0);
  });
});
