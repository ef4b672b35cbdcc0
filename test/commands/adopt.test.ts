import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { adopt } from "../../src/commands/adopt.ts";
import { history } from "../../src/commands/history.ts";
import type { Policy } from "../../src/model/policy.ts";
import { renderAdopt } from "../../src/report/adopt.ts";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { testPolicy } from "../support/policy.ts";
import { startKnownWorld, startWorld, stateName, stateNamespace, type World } from "../support/world.ts";
import { plain, withPorts } from "./support.ts";

const uses = (namespace = "shop", spec = {}) =>
  deployment("web", envFrom(["ConfigMap", "settings"]), { namespace, spec });
const taken = (world: World, policy: Partial<Policy> = {}) =>
  withPorts(world, (ports) => adopt(ports, testPolicy(policy), stateName));
const names = (all: readonly { readonly workload: { readonly namespace: string } }[]) =>
  all.map(({ workload }) => workload.namespace);

suite("adopt", () => {
  test("what is due is not any more, nothing restarts, and a later change is a change", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses()]);
    const before = world.rollouts();
    world.put(configMap("settings", { a: "2", b: "1" }));
    const report = await taken(world);
    assert.deepEqual(
      report.cancelled.map(({ workload, because }) => [workload.name, because[0]?.keys]),
      [["web", ["a"]]],
    );
    assert.deepEqual(world.rollouts(), before);
    assert.deepEqual((await world.plan()).actions, []);
    assert.deepEqual((await world.run()).restarted, []);
    world.put(configMap("settings", { a: "3", b: "1" }));
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/web"]);
    assert.match(renderAdopt(report, plain), /1 restart given up · nothing was restarted/);
  });

  test("what is owed is not any more", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses("shop", { paused: true })]);
    world.put(configMap("settings", { a: "2", b: "1" }));
    assert.equal((await world.run()).pending.length, 1);
    assert.deepEqual(names((await taken(world)).cancelled), ["shop"]);
    world.put(uses());
    assert.deepEqual([(await world.run()).restarted, (await world.plan()).pending], [[], []]);
  });

  test("the first time: everything is adopted, also where pods are older than a source", async () => {
    await using world = await startWorld([configMap("settings"), uses(), configMap("settings", { a: "2" })]);
    const report = await taken(world, { catchUp: true });
    assert.deepEqual([report.adopted.map(({ name }) => name), report.cancelled], [["web"], []]);
    assert.deepEqual((await world.run({ policy: { catchUp: true } })).restarted, []);
  });

  test("-n leaves what is due elsewhere due", async () => {
    const other = [configMap("settings", { a: "1" }, { namespace: "other" }), uses("other")];
    await using world = await startKnownWorld([configMap("settings"), uses(), ...other]);
    world.put(configMap("settings", { a: "2" }), configMap("settings", { a: "2" }, { namespace: "other" }));
    const report = await taken(world, { namespaces: { only: ["other"], ignore: [], selector: "" } });
    assert.deepEqual(names(report.cancelled), ["other"]);
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/web"]);
  });

  test("what could not be seen keeps its baseline and stays owed; the exit code says so", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses("shop", { paused: true })]);
    world.put(configMap("settings", { a: "2", b: "1" }));
    await world.run();
    const blind = world.cluster.faults.push({ resource: "configmaps", namespace: null, fault: { answer: 403 } });
    const report = await taken(world);
    assert.deepEqual([report.cancelled, report.exitCode], [[], 3]);
    blind.remove();
    const { pending } = await world.plan();
    assert.deepEqual(
      pending.map(({ reason, because }) => [reason, because[0]?.keys]),
      [["paused", ["a"]]],
    );
  });

  test("it is written down in the history", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses()]);
    world.put(configMap("settings", { a: "2", b: "1" }));
    await taken(world);
    const { entries } = await withPorts(world, (ports) => history(ports, testPolicy(), stateName, undefined));
    assert.equal(entries[0]?.outcome, "adopted");
    assert.match(entries[0]?.reason ?? "", /by hand/);
    assert.deepEqual(entries[0]?.because[0]?.keys, ["a"]);
  });

  test("while a run is at work it does nothing and says who", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses()]);
    world.put(configMap("settings", { a: "2" }));
    const report = await withPorts(world, async (ports) => {
      await ports.lock.write("somebody", (await ports.lock.read()).version, "run");
      return adopt(ports, testPolicy(), stateName);
    });
    assert.equal(report.lockedBy?.holder, "somebody");
    assert.match(renderAdopt(report, plain), /somebody holds the lock/);
    assert.equal((await world.plan()).actions.length, 1);
  });

  test("without the state's namespace it is an error that says how to make it; the lock is let go of after a failure", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses()]);
    const broken = world.cluster.faults.push({ verb: "list", resource: "namespaces", fault: { answer: 403 } });
    await assert.rejects(taken(world, { namespaces: { only: [], ignore: [], selector: "a=b" } }), {
      code: "forbidden",
    });
    broken.remove();
    assert.equal(await withPorts(world, async (ports) => (await ports.lock.read()).holder), undefined);
    world.cluster.api.delete("Namespace", undefined, stateNamespace);
    await assert.rejects(taken(world), { name: "UsageError", message: /kubectl create namespace reroll-system/ });
  });
});
