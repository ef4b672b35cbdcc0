import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Fault, FaultRule } from "../../src/demo/faults.ts";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { stateOf } from "../support/stored-state.ts";
import { type Ran, startKnownWorld, startWorld, type World } from "../support/world.ts";

/** Two namespaces with one Deployment each, and nothing between them. */
const places = ["shop", "other"] as const;
const sources = (a: string) => places.map((namespace) => configMap("settings", { a }, { namespace }));
const workloads = places.map((namespace) => deployment("web", envFrom(["ConfigMap", "settings"]), { namespace }));
const [here, there] = ["Deployment/shop/web", "Deployment/other/web"] as const;
/** Namespace by namespace, so that a LIST can fail in one of them. */
const policy = { namespaces: { only: [...places], ignore: [], selector: "" } };

interface Failure {
  readonly fault: Fault;
  readonly exitCode: number;
  readonly says: RegExp;
}

/** What can become of an answer: a new row is a new way to fail. */
const failures: Readonly<Record<string, Failure>> = {
  403: {
    fault: { answer: 403 },
    exitCode: 3,
    says: /refused it \(403\).*Grant it to this identity by a Role in other/,
  },
  401: { fault: { answer: 401 }, exitCode: 3, says: /credentials were not accepted/ },
  410: { fault: { answer: 410 }, exitCode: 75, says: /answered 410/ },
  500: { fault: { answer: 500 }, exitCode: 75, says: /answered 500/ },
  "a reset connection": { fault: { reset: true }, exitCode: 75, says: /cannot reach/ },
  "half a body": { fault: { halfBody: true }, exitCode: 75, says: /ended early/ },
  "no JSON at all": { fault: { answer: 200, body: "<html>" }, exitCode: 75, says: /no JSON/ },
};

const notObserved = ({ issues }: Ran) => issues.filter(({ code }) => code === "not-observed");

/** Changes both namespaces and runs while `rule` is in force; what it hits must stay as it was, and be acted on once it is over. */
async function assertBlindTo(rule: Omit<FaultRule, "fault">, right: RegExp, { fault, exitCode, says }: Failure) {
  await using world = await startKnownWorld([sources("1"), workloads]);
  world.put(...sources("2"));
  const before = stateOf(world, "other");
  const handle = world.cluster.faults.push({ ...rule, fault });
  const ran = await world.run({ policy });
  assert.ok(handle.hits > 0);
  assert.deepEqual(ran.restarted, [here], "the others go on");
  assert.equal(stateOf(world, "other"), before, "the state of what was not seen stays as it is");
  assert.equal(ran.exitCode, exitCode);
  const [issue, ...more] = notObserved(ran);
  assert.deepEqual(more, []);
  assert.match(issue?.message ?? "", right);
  assert.match(issue?.message ?? "", says);
  world.cluster.faults.clear();
  const next = await world.run({ policy });
  assert.deepEqual([next.restarted, next.exitCode], [[there], 0]);
}

for (const [what, failure] of Object.entries(failures)) {
  describe(`answered with ${what}, in one namespace`, () => {
    it("the LIST of sources", () =>
      assertBlindTo(
        { verb: "list", resource: "configmaps", namespace: "other" },
        /list configmaps in namespace other/,
        failure,
      ));

    it("the LIST of workloads", () =>
      assertBlindTo(
        { verb: "list", resource: "deployments", namespace: "other" },
        /list deployments\.apps in namespace other/,
        failure,
      ));

    it("the GET of one body", () =>
      assertBlindTo(
        { verb: "get", resource: "configmaps", namespace: "other", name: "settings" },
        /get configmaps settings in namespace other/,
        failure,
      ));

    for (const resource of ["pods", "replicasets"]) {
      it(`the LIST of ${resource}, where their age decides: owed, and done when it can be told`, async () => {
        await using world = await startKnownWorld([sources("1"), workloads]);
        world.put(...sources("2"));
        world.cluster.faults.push({ verb: "list", resource, namespace: "other", fault: failure.fault });
        const ran = await world.run({ policy });
        assert.deepEqual([ran.restarted, ran.pending.map(({ reason }) => reason)], [[here], ["unobserved"]]);
        assert.equal(ran.exitCode, failure.exitCode);
        assert.match(notObserved(ran)[0]?.message ?? "", failure.says);
        world.cluster.faults.clear();
        const next = await world.run({ policy });
        assert.deepEqual([next.restarted, next.pending, next.exitCode], [[there], [], 0]);
      });
    }
  });
}

/** Runs while lists of a resource fail everywhere. */
async function runBlind(world: World, resource: string, fault: Fault = { answer: 500 }): Promise<Ran> {
  world.cluster.faults.push({ verb: "list", resource, fault });
  const ran = await world.run();
  world.cluster.faults.clear();
  return ran;
}

describe("what a blind run does not take for granted", () => {
  it("a kind that cannot be listed at all is not empty: nothing restarts, not even with reload-on-delete", async () => {
    await using world = await startKnownWorld([sources("1"), workloads]);
    world.cluster.faults.push({ verb: "list", resource: "configmaps", fault: { answer: 500 } });
    const ran = await world.run({ policy: { reloadOnDelete: true } });
    assert.deepEqual([ran.restarted, ran.skips, ran.exitCode], [[], [], 75]);
  });

  it("workloads that could not be listed are still known: their next change is a change", async () => {
    await using world = await startKnownWorld([sources("1"), workloads]);
    assert.equal((await runBlind(world, "deployments")).exitCode, 75);
    world.put(...sources("2"));
    assert.deepEqual((await world.run()).restarted, [there, here]);
  });

  it("a workload seen for the first time is not adopted while its pods cannot be looked at", async () => {
    await using world = await startWorld([sources("1"), workloads, sources("2")]);
    const ran = await runBlind(world, "pods");
    assert.deepEqual([ran.adopted, ran.exitCode], [[], 75]);
    const next = await world.run();
    assert.deepEqual(
      next.skips.map(({ reason }) => reason),
      ["maybe-stale", "maybe-stale"],
    );
    assert.equal(next.adopted.length, 2);
  });

  it("a list of several pages that expires between two of them is read again", async () => {
    const many = Array.from({ length: 501 }, (_, index) => configMap(`filler-${index}`, { a: "1" }));
    await using world = await startKnownWorld([[...sources("1"), ...many], workloads]);
    world.put(...sources("2"));
    const second = { verb: "list", resource: "configmaps", nth: 2 } as const;
    world.cluster.faults.push({ ...second, fault: { answer: 410 } });
    assert.deepEqual((await world.run()).restarted, [there, here]);
  });

  it("a body older than what is known is no observation", async () => {
    await using world = await startKnownWorld([sources("1"), workloads]);
    const old = JSON.stringify(world.cluster.api.get("ConfigMap", "shop", "settings"));
    world.put(...sources("2"));
    assert.deepEqual((await world.run()).restarted, [there, here]);
    world.put(...sources("3"));
    world.cluster.faults.push({
      verb: "get",
      resource: "configmaps",
      namespace: "shop",
      name: "settings",
      fault: { answer: 200, body: old },
    });
    const ran = await world.run();
    assert.deepEqual([ran.restarted, ran.exitCode], [[there], 75]);
    assert.match(notObserved(ran)[0]?.message ?? "", /older version/);
    world.cluster.faults.clear();
    assert.deepEqual((await world.run()).restarted, [here]);
  });

  it("a restart that was owed stays owed while its source cannot be seen", async () => {
    await using world = await startKnownWorld([configMap("settings", { a: "1" }), workloads.slice(0, 1)]);
    world.cluster.api.patch("Deployment", "shop", "web", { spec: { paused: true } });
    world.put(configMap("settings", { a: "2" }));
    const [owed] = (await world.run()).pending;
    assert.equal(owed?.reason, "paused");
    world.cluster.api.patch("Deployment", "shop", "web", { spec: { paused: false } });
    const [still] = (await runBlind(world, "configmaps")).pending;
    assert.deepEqual([still?.reason, still?.since], ["unobserved", owed?.since]);
    assert.deepEqual((await world.run()).restarted, [here]);
  });
});
