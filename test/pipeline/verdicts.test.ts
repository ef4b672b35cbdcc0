import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { auto, configMap, deployment, envFrom, type WorkloadParts, workload } from "../support/manifests.ts";
import { minute, type Ran, second, startKnownWorld, type World } from "../support/world.ts";

const web = "Deployment/shop/web";
const pod = envFrom(["ConfigMap", "settings"]);
const usesSettings = deployment("web", pod);
const changed = (value = "2") => configMap("settings", { a: value, b: "1" });
const words = ({ outcomes }: Ran) => outcomes.map(({ outcome, reason }) => `${outcome} ${reason}`);
const stampOf = ({ cluster }: World) => annotationsOf(cluster.api.get("Deployment", "shop", "web"))["reroll.dev/stamp"];

function annotationsOf(object: unknown): Record<string, string> {
  const { spec } = object as { spec: { template: { metadata: { annotations?: Record<string, string> } } } };
  return spec.template.metadata.annotations ?? {};
}

describe("workloads that do not replace their pods by themselves", () => {
  const rows: readonly [string, WorkloadParts, string][] = [
    ["StatefulSet", { kind: "StatefulSet", spec: { updateStrategy: { type: "OnDelete" } } }, "OnDelete"],
    ["DaemonSet", { kind: "DaemonSet", spec: { updateStrategy: { type: "OnDelete" } } }, "OnDelete"],
    [
      "StatefulSet",
      { kind: "StatefulSet", spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } } },
      "Partition",
    ],
  ];
  for (const [kind, parts, reason] of rows) {
    it(`${kind}, ${reason}: stamped once, needs-manual, and not asked again`, async () => {
      await using world = await startKnownWorld([configMap("settings"), workload("web", { ...parts, pod })]);
      world.put(changed());
      const ran = await world.run();
      assert.deepEqual(
        [ran.restarted, words(ran), ran.exitCode],
        [[`${kind}/shop/web`], [`needs-manual ${reason}`], 0],
      );
      const [view] = world.views("web");
      assert.equal(view?.["ConfigMap/settings"]?.a, "1", "the pods were not touched");
      const next = await world.run();
      assert.deepEqual([next.restarted, next.outcomes], [[], []]);
    });
  }
});

describe("several workloads that are due", () => {
  it("are all patched before any is watched, so that they roll at once, whatever concurrency says", async () => {
    const names = ["one", "two", "three"];
    await using world = await startKnownWorld([configMap("settings"), ...names.map((name) => deployment(name, pod))]);
    world.put(changed());
    const ran = await world.run({ policy: { concurrency: 1 } });
    const own = ran.requests.filter(({ resource, name }) => resource === "deployments" && names.includes(name ?? ""));
    const lastPatch = own.findLastIndex(({ verb }) => verb === "patch");
    const looks = own.map(({ verb }, index) => ({ verb, index })).filter(({ verb }) => verb === "get");
    assert.equal(own.filter(({ verb }) => verb === "patch").length, 3);
    const watching = looks.filter(({ index }) => index > lastPatch);
    assert.ok(watching.length >= 3);
    const first = own.findIndex(({ verb }) => verb === "patch");
    assert.deepEqual(
      looks.filter(({ index }) => index > first && index < lastPatch),
      [],
    );
  });
});

describe("a paused Deployment", () => {
  it("is owed its restart since the change was seen, and gets it once it is resumed", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.cluster.api.patch("Deployment", "shop", "web", { spec: { paused: true } });
    world.put(changed());
    const since = new Date(world.time.now()).toISOString();
    for (let run = 0; run < 2; run++) {
      const { pending, restarted, exitCode } = await world.run();
      assert.deepEqual([restarted, exitCode], [[], 0]);
      assert.deepEqual(
        pending.map(({ reason, since }) => [reason, since]),
        [["paused", since]],
      );
      world.time.advance(minute);
    }
    world.cluster.api.patch("Deployment", "shop", "web", { spec: { paused: false } });
    const ran = await world.run();
    assert.deepEqual([ran.restarted, ran.pending, words(ran)], [[web], [], ["restarted RolledOut"]]);
    assert.deepEqual((await world.run()).restarted, []);
  });
});

describe("a rollout that fails", () => {
  const crashing = configMap("settings", { a: "2", b: "1", crash: "true" });

  it("is a failure of the run that finds it, and of no other; the next change is tried again", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.put(crashing);
    const ran = await world.run();
    assert.deepEqual([ran.restarted, words(ran), ran.exitCode], [[web], ["failed CrashLoopBackOff"], 5]);
    const next = await world.run();
    assert.deepEqual([next.restarted, next.outcomes, next.exitCode], [[], [], 0]);
    world.put(changed());
    const mended = await world.run();
    assert.deepEqual([mended.restarted, words(mended), mended.exitCode], [[web], ["restarted RolledOut"], 0]);
  });

  it("does not keep others from being restarted and seen healthy", async () => {
    const other = deployment("other", envFrom(["ConfigMap", "fine"]));
    await using world = await startKnownWorld([
      [configMap("settings"), configMap("fine")],
      [usesSettings, other],
    ]);
    world.put(crashing, configMap("fine", { a: "2", b: "1" }));
    const ran = await world.run();
    assert.deepEqual(words(ran).sort(), ["failed CrashLoopBackOff", "restarted RolledOut"]);
  });

  it("found by the run after the one that was killed is found once", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.put(crashing);
    const stop = new AbortController();
    const ran = await world.run({ signal: stop.signal, onProgress: () => stop.abort() });
    assert.deepEqual([words(ran), ran.exitCode], [["verifying Interrupted"], 0]);
    const next = await world.run();
    assert.deepEqual([next.restarted, words(next), next.exitCode], [[], ["failed CrashLoopBackOff"], 5]);
    assert.deepEqual((await world.run()).exitCode, 0);
  });
});

describe("a rollout that takes longer than the run may", () => {
  const slow = deployment("web", pod, { spec: { minReadySeconds: 300 } });
  const policy = { timeouts: { run: 60 * second, rollout: undefined } };

  it("is left as verifying, exit code 0, and gets its verdict from the next run that sees it", async () => {
    await using world = await startKnownWorld([configMap("settings"), slow]);
    world.time.advance(10 * minute);
    world.put(changed());
    const first = await world.run({ policy });
    assert.deepEqual([first.restarted, words(first), first.exitCode], [[web], ["verifying RunEnded"], 0]);
    const second = await world.run({ policy });
    assert.deepEqual([second.restarted, words(second)], [[], ["verifying RunEnded"]]);
    world.time.advance(5 * minute);
    const third = await world.run({ policy });
    assert.deepEqual([third.restarted, words(third)], [[], ["restarted RolledOut"]]);
    assert.ok((third.outcomes[0]?.durationMs ?? 0) > 5 * minute, "counted from the patch");
    assert.deepEqual(words(await world.run({ policy })), []);
  });

  it("changed again in between: restarted again, and only the newest is watched", async () => {
    await using world = await startKnownWorld([configMap("settings"), slow]);
    world.time.advance(10 * minute);
    world.put(changed());
    await world.run({ policy });
    world.put(changed("3"));
    const ran = await world.run({ policy });
    assert.deepEqual([ran.restarted, words(ran)], [[web], ["verifying RunEnded"]]);
    world.time.advance(10 * minute);
    const done = await world.run({ policy });
    assert.deepEqual([done.restarted, words(done)], [[], ["restarted RolledOut"]]);
  });

  it("past its own deadline: failed", async () => {
    await using world = await startKnownWorld([configMap("settings"), slow]);
    world.time.advance(10 * minute);
    world.put(changed());
    const ran = await world.run({ policy: { timeouts: { run: 60 * minute, rollout: 2 * minute } } });
    assert.deepEqual([words(ran), ran.exitCode], [["failed DeadlineExceeded"], 5]);
  });
});

describe("a workload whose owner writes its template back", () => {
  /** An operator that owns the template: whatever anybody adds is gone at once. */
  async function runBesideOperator(world: World): Promise<Ran> {
    return world.run({
      through: (ports) => {
        const { patch } = ports.cluster;
        const operated: typeof patch = async (...args) => {
          const answer = await patch(...args);
          world.cluster.api.put(usesSettings, "some-operator");
          return answer;
        };
        return { ...ports, cluster: { ...ports.cluster, patch: operated } };
      },
    });
  }

  it("is said to be stripped, with who may have done it; it is not forgotten and not restarted in a loop", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.put(changed());
    const ran = await runBesideOperator(world);
    assert.deepEqual([ran.restarted, words(ran), ran.exitCode], [[web, web], ["superseded Superseded"], 0]);
    assert.equal(stampOf(world), undefined);
    for (let run = 0; run < 3; run++) {
      world.time.advance(minute);
      const next = await runBesideOperator(world);
      assert.deepEqual([next.restarted, next.actions, next.exitCode], [[], [], 0]);
      const [issue, ...more] = next.issues;
      assert.deepEqual([issue?.code, issue?.path, more], ["stripped", web, []]);
      assert.match(issue?.message ?? "", /candidates.*kubectl/);
    }
    world.put(changed("3"));
    assert.deepEqual((await runBesideOperator(world)).actions.length, 1, "the next change is a change");
  });

  it("until the owner keeps the stamp: then nothing is said any more", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.put(changed());
    await runBesideOperator(world);
    assert.equal((await world.run()).issues.length, 1);
    world.put(changed("3"));
    assert.deepEqual(words(await world.run()), ["restarted RolledOut"]);
    assert.deepEqual((await world.run()).issues, []);
  });
});

describe("kubectl.kubernetes.io/restartedAt", () => {
  for (const [on, present] of [
    [auto, false],
    [{ ...auto, "reroll.dev/restarted-at": "true" }, true],
  ] as const) {
    it(`${present ? "is written next to the stamp where a workload asks for it" : "is not written where nobody asks"}`, async () => {
      const asking = deployment("web", pod, { annotations: on });
      await using world = await startKnownWorld([configMap("settings"), asking]);
      world.put(changed());
      const at = new Date(world.time.now()).toISOString();
      assert.deepEqual((await world.run()).restarted, [web]);
      const written = annotationsOf(world.cluster.api.get("Deployment", "shop", "web"));
      assert.equal(written["kubectl.kubernetes.io/restartedAt"], present ? at : undefined);
      assert.ok(written["reroll.dev/stamp"]);
    });
  }
});

describe("a workload that was broken before", () => {
  it("is not held to be broken by its restart", async () => {
    await using world = await startKnownWorld([configMap("settings", { a: "1", crash: "true" }), usesSettings]);
    world.put(configMap("settings", { a: "2", crash: "true" }));
    const ran = await world.run();
    assert.deepEqual([words(ran), ran.exitCode], [["restarted NotWorseThanBefore"], 0]);
  });
});
