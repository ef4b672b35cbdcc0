import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf, workloadKinds } from "../../src/model/kinds.ts";
import { type Settled, settle } from "../../src/verify/settle.ts";
import type { SettleTarget } from "../../src/verify/watch.ts";
import {
  deployment,
  newSet,
  type Scene,
  type Stage,
  stage,
  stamp,
  stampAnnotation,
  start,
  virtualClock,
  waitingPod,
} from "./stage.ts";

const minute = 60_000;
const workload = { kind: "Deployment", namespace: "shop", name: "web" };
const target: SettleTarget = {
  ...{
    workload,
    kind: kindOf(workload, workloadKinds),
    uid: "u1",
    stampAnnotation,
    stamp,
    podSelector: "app=web",
    startedAt: start,
  },
  ...{ rollout: undefined, baseline: undefined },
};

interface Watched extends Stage {
  readonly settled: Settled;
  readonly said: string[];
}

async function watch(
  scenes: readonly Scene[],
  more: Partial<SettleTarget> & { until?: number; signal?: AbortSignal; stage?: Stage } = {},
): Promise<Watched> {
  const { until = 60 * minute, signal = new AbortController().signal, stage: given, ...changed } = more;
  const set = given ?? stage(scenes);
  const said: string[] = [];
  const options = { signal, until: start + until, onProgress: (text: string) => said.push(text) };
  const settled = await settle(set.ports, { ...target, ...changed }, options);
  return { ...set, settled, said };
}

const word = ({ settled }: Watched) => [settled.outcome, settled.reason];

test("a rollout that is done at first sight is restarted after one request", async () => {
  const seen = await watch([{ after: 0, object: deployment(2, 2, 2) }]);
  assert.deepEqual(seen.settled, {
    ...{ workload, outcome: "restarted", reason: "RolledOut", message: "2 pods updated and available" },
    durationMs: 0,
  });
  assert.deepEqual(seen.calls, ["0 get deployments"]);
});

test("progress is told in words each time it changes, and duration counts from the patch", async () => {
  const seen = await watch([
    { after: 0, object: deployment(2, 0, 2) },
    { after: 2_000, object: deployment(2, 1, 2) },
    { after: 4_000, object: deployment(2, 2, 1, { old: 0 }) },
    { after: 6_500, object: deployment(2, 2, 2) },
  ]);
  assert.deepEqual(word(seen), ["restarted", "RolledOut"]);
  assert.deepEqual(seen.said, ["0 of 2 pods updated", "1 of 2 pods updated", "1 of 2 pods available"]);
  assert.equal(seen.settled.durationMs, 7_000);
});

test("looks become rarer: every second, every two, every five", async () => {
  const seen = await watch([{ after: 0, object: deployment(2, 1, 2) }], { until: 31_000 });
  const looks = seen.calls.filter((call) => call.endsWith("get deployments")).map((call) => Number(call.split(" ")[0]));
  assert.deepEqual(looks, [0, 1, 2, 3, 4, 5, 7, 9, 11, 13, 15, 20, 25, 30, 31]);
});

test("pods and ReplicaSets are read only after 10 s without progress, and then every 5 s at most", async () => {
  const seen = await watch([{ after: 0, object: deployment(2, 1, 2) }], { until: 26_000 });
  const lists = seen.calls.filter((call) => call.includes(" list "));
  const both = (second: number) => [`${second} list pods`, `${second} list replicasets`];
  assert.deepEqual(lists, [...both(11), ...both(20), ...both(25)]);
});

test("a missing key fails the rollout at the second look at its pods", async () => {
  const pod = waitingPod("CreateContainerConfigError", 'secret "x" not found');
  const seen = await watch([{ after: 0, object: deployment(2, 1, 2), sets: [newSet], pods: [pod] }]);
  assert.deepEqual(word(seen), ["failed", "CreateContainerConfigError"]);
  assert.match(seen.settled.message, /^1 of 2 pods updated; pod web-6d5f-x7k2p, container app: .*secret "x" not found/);
  assert.equal(seen.settled.durationMs, 20_000);
});

test("a sign that needs a minute is told once while it is waited for", async () => {
  const pod = waitingPod("ErrImagePull", "i/o timeout");
  const seen = await watch([{ after: 0, object: deployment(2, 1, 2), sets: [newSet], pods: [pod] }]);
  assert.deepEqual(word(seen), ["failed", "ErrImagePull"]);
  assert.ok(seen.settled.durationMs >= 71_000 && seen.settled.durationMs <= 80_000);
  const trouble = "pod web-6d5f-x7k2p, container app: ErrImagePull (i/o timeout)";
  assert.deepEqual(seen.said, ["1 of 2 pods updated", `1 of 2 pods updated; ${trouble}`]);
});

test("a rollout of the run before is judged at once, with its pods, and fails where its own deadline is over", async () => {
  const scenes = [{ after: 0, object: deployment(2, 1, 2), sets: [newSet], pods: [waitingPod("ContainerCreating")] }];
  const seen = await watch(scenes, { startedAt: start - 15 * minute });
  assert.deepEqual(word(seen), ["failed", "DeadlineExceeded"]);
  assert.equal(seen.settled.message, "1 of 2 pods updated after 11 min");
  assert.deepEqual(seen.calls, ["0 get deployments", "0 list pods", "0 list replicasets"]);
  const done = await watch([{ after: 0, object: deployment(2, 2, 2) }], { startedAt: start - 15 * minute });
  assert.deepEqual(word(done), ["restarted", "RolledOut"]);
});

test("the workload's own deadline is a failure, the end of the run is not", async () => {
  const scenes = [{ after: 0, object: deployment(2, 1, 2) }];
  const own = await watch(scenes, { rollout: 90_000 });
  assert.deepEqual([...word(own), own.settled.durationMs], ["failed", "DeadlineExceeded", 90_000]);
  const run = await watch(scenes, { until: 42_000 });
  assert.deepEqual([...word(run), run.settled.durationMs], ["verifying", "RunEnded", 42_000]);
  assert.equal(run.settled.message, "1 of 2 pods updated; the run has no more time, the next one goes on");
});

test("a run that is already over looks once", async () => {
  const late = await watch([{ after: 0, object: deployment(2, 2, 2) }], { until: -1 });
  assert.deepEqual(word(late), ["restarted", "RolledOut"]);
});

test("a workload that was down before and still is when its deadline passes is no failure", async () => {
  const scenes = [{ after: 0, object: deployment(1, 1, 0) }];
  const seen = await watch(scenes, { baseline: { desired: 1, available: 0 } });
  assert.deepEqual(word(seen), ["restarted", "NotWorseThanBefore"]);
  assert.equal(seen.settled.durationMs, 630_000);
});

test("a paused Deployment ends the watch but not the verification", async () => {
  const seen = await watch([{ after: 0, object: deployment(2, 1, 2, { spec: { paused: true } }) }]);
  assert.deepEqual([...word(seen), seen.settled.durationMs], ["verifying", "Suspended", 0]);
});

test("another stamp, another uid and a workload that is gone are superseded", async () => {
  const gone = await watch([
    { after: 0, object: deployment(2, 1, 2) },
    { after: 3_000, object: undefined },
  ]);
  assert.deepEqual(word(gone), ["superseded", "NotFound"]);
  const other = await watch([{ after: 0, object: deployment(2, 2, 2, { stamp: "else" }) }]);
  assert.deepEqual(word(other), ["superseded", "Superseded"]);
  const again = await watch([{ after: 0, object: deployment(2, 2, 2) }], { uid: "u0" });
  assert.deepEqual(word(again), ["superseded", "Recreated"]);
});

for (const code of ["unreachable", "timeout", "server-error", "throttled", "bad-answer"] as const) {
  test(`a read that fails for a while (${code}) is tried again`, async () => {
    const seen = await watch([
      { after: 0, failing: { deployments: code } },
      { after: 60_000, object: deployment(2, 2, 2) },
    ]);
    assert.deepEqual(word(seen), ["restarted", "RolledOut"]);
  });
}

test("an API server that stays away leaves the rollout unverified, at its deadline at the latest", async () => {
  const away: Scene = { after: 5_000, failing: { deployments: "unreachable" } };
  const seen = await watch([{ after: 0, object: deployment(2, 1, 2) }, away]);
  assert.deepEqual([...word(seen), seen.settled.durationMs], ["verifying", "Unreachable", 630_000]);
  assert.match(seen.settled.message, /^1 of 2 pods updated; the last look failed: /);
  const never = await watch([{ ...away, after: 0 }], { until: 30_000 });
  assert.deepEqual([...word(never), never.settled.durationMs], ["verifying", "Unreachable", 30_000]);
});

test("without the right to read the workload the rollout stays unverified and the right is named", async () => {
  const seen = await watch([{ after: 0, failing: { deployments: "forbidden" } }]);
  assert.deepEqual([...word(seen), seen.settled.durationMs], ["verifying", "Forbidden", 0]);
  assert.match(seen.settled.message, /get deployments\.apps in namespace shop/);
});

test("without the right to list pods the watch goes on, says so once, and asks no more", async () => {
  const failing = { pods: "forbidden" } as const;
  const stuck = deployment(2, 1, 2);
  const seen = await watch([
    { after: 0, object: stuck, failing },
    { after: 120_000, object: deployment(2, 2, 2), failing },
  ]);
  assert.deepEqual(word(seen), ["restarted", "RolledOut"]);
  assert.equal(seen.calls.filter((call) => call.includes(" list ")).length, 1);
  assert.deepEqual(seen.warnings.length, 1);
  assert.match(seen.warnings[0] ?? "", /list pods in namespace shop/);
});

test("without the right to list ReplicaSets a doomed pod is still found, by the stamp it carries", async () => {
  const pods = [waitingPod("CrashLoopBackOff")];
  const seen = await watch([{ after: 0, object: deployment(2, 1, 2), pods, failing: { replicasets: "forbidden" } }]);
  assert.deepEqual(word(seen), ["failed", "CrashLoopBackOff"]);
});

test("pods that cannot be listed for a moment are asked for again", async () => {
  const scene = { object: deployment(2, 1, 2), sets: [newSet], pods: [waitingPod("CrashLoopBackOff")] };
  const seen = await watch([
    { ...scene, after: 0, failing: { pods: "server-error" } },
    { ...scene, after: 18_000 },
  ]);
  assert.deepEqual([...word(seen), seen.settled.durationMs], ["failed", "CrashLoopBackOff", 20_000]);
});

test("an abort between two looks ends the watch without another request", async () => {
  const controller = new AbortController();
  const clock = virtualClock((now) => now >= 3_000 && controller.abort());
  const set = stage([{ after: 0, object: deployment(2, 1, 2) }], clock);
  const seen = await watch([], { stage: set, signal: controller.signal });
  assert.deepEqual([...word(seen), seen.settled.durationMs], ["verifying", "Interrupted", 3_000]);
  assert.equal(seen.settled.message, "interrupted; 1 of 2 pods updated");
  assert.equal(seen.calls.length, 4);
});

test("an abort does not wait for an answer that is not coming", async () => {
  const controller = new AbortController();
  const set = stage([]);
  set.ports.cluster.get = () => {
    queueMicrotask(() => controller.abort());
    return new Promise(() => {});
  };
  const seen = await watch([], { stage: set, signal: controller.signal });
  assert.deepEqual(word(seen), ["verifying", "Interrupted"]);
});

test("times are the API server's: a clock that is behind neither shortens the deadline nor stretches the duration", async () => {
  const ahead = 20 * minute;
  const set = stage([{ after: 0, object: deployment(2, 1, 2) }], virtualClock(), ahead);
  const seen = await watch([], { stage: set, startedAt: start + ahead, rollout: 30_000 });
  assert.deepEqual([...word(seen), seen.settled.durationMs], ["failed", "DeadlineExceeded", 30_000]);
});
