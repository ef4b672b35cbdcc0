import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { adopt } from "../../src/commands/adopt.ts";
import { history } from "../../src/commands/history.ts";
import { retry } from "../../src/commands/retry.ts";
import { status } from "../../src/commands/status.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { HistoryReport } from "../../src/model/report-memory.ts";
import type { Ports } from "../../src/ports.ts";
import { renderHistory } from "../../src/report/history.ts";
import { renderStatus } from "../../src/report/status.ts";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { testPolicy } from "../support/policy.ts";
import { startKnownWorld, startWorld, stateName, stateNamespace, type World } from "../support/world.ts";
import { plain, withPorts, writes } from "./support.ts";

const web = { kind: "Deployment", namespace: "shop", name: "web" };
const uses = (name: string, namespace = "shop", spec = {}) =>
  deployment(name, envFrom(["ConfigMap", "settings"]), { namespace, spec });

const past = (world: World, workload: typeof web | undefined, policy: Partial<Policy> = {}) =>
  withPorts(world, (ports) => history(ports, testPolicy(policy), stateName, workload));
const state = (world: World, policy: Partial<Policy> = {}) =>
  withPorts(world, (ports) => status(ports, testPolicy(policy), stateName));
const lines = ({ entries }: HistoryReport) =>
  entries.map(({ outcome, namespace, workload }) => `${outcome} ${workload?.name ?? namespace}`);

const retryAll = (ports: Ports, policy: Policy, name: string) => retry(ports, policy, name, [], true);

suite("history", () => {
  test("newest first, with the reason and the changes behind it; one workload alone where asked", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses("web"), uses("api")]);
    world.put(configMap("settings", { a: "2" }), uses("late"));
    await world.run();
    const all = await past(world, undefined);
    assert.deepEqual(lines(all).slice(0, 3).sort(), ["adopted late", "restarted api", "restarted web"]);
    assert.deepEqual(lines(all).slice(3), ["adopted shop"]);
    const own = await past(world, web);
    assert.deepEqual(lines(own), ["restarted web"]);
    assert.deepEqual(own.entries[0]?.because, [{ source: "ConfigMap/settings", change: "modified", keys: ["a", "b"] }]);
    assert.match(renderHistory(own, plain), /because of ConfigMap\/settings \(modified: a, b\)/);
  });

  test("-n narrows it; an asked workload is found whatever -n says", async () => {
    const other = [configMap("settings", { a: "1" }, { namespace: "other" }), uses("web", "other")];
    await using world = await startKnownWorld([configMap("settings"), uses("web"), ...other]);
    const only = { namespaces: { only: ["other"], ignore: [], selector: "" } };
    assert.deepEqual(
      (await past(world, undefined, only)).entries.map(({ namespace }) => namespace),
      ["other"],
    );
    assert.deepEqual(lines(await past(world, web, only)), ["adopted web"]);
  });

  test("without a state, and for a workload nothing was done to, it says so and what to do", async () => {
    await using world = await startWorld([uses("web")]);
    const nothing = await past(world, undefined);
    assert.equal(nothing.known, false);
    assert.match(renderHistory(nothing, plain), /There is no state yet.*state\.namespace/);
    await world.run();
    assert.match(
      renderHistory(await past(world, { ...web, name: "api" }), plain),
      /reroll explain Deployment\/shop\/api/,
    );
  });
});

suite("status", () => {
  test("what is owed, unfinished, stripped, gone and done, without listing the cluster", async () => {
    const paused = uses("paused", "shop", { paused: true });
    await using world = await startKnownWorld([configMap("settings"), configMap("other"), uses("web"), paused]);
    world.put(configMap("settings", { a: "2", b: "1" }));
    await world.run();
    const before = { requests: world.cluster.requests.length, writes: writes(world).length };
    const report = await state(world);
    assert.deepEqual(
      report.pending.map(({ workload, reason, because }) => [workload.name, reason, because[0]?.keys]),
      [["paused", "paused", ["a"]]],
    );
    assert.deepEqual(report.remembered, { namespaces: 1, sources: 1, workloads: 2 });
    assert.equal(report.recent[0]?.outcome, "restarted");
    assert.equal(report.lastRun?.holder, undefined);
    assert.ok(report.state.bytes > 100);
    const listed = world.cluster.requests.slice(before.requests).filter(({ verb }) => verb === "list");
    assert.deepEqual(listed, []);
    assert.equal(writes(world).length, before.writes);
    assert.match(renderStatus(report, plain), /Owed: 1 workload\n {2}Deployment\/shop\/paused {2}paused {2}since 2026/);
  });

  test("a source that is gone, a stamp that is gone", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses("web")]);
    world.put(configMap("settings", { a: "2" }));
    await world.run();
    world.remove("ConfigMap", "settings");
    world.cluster.api.patch("Deployment", "shop", "web", {
      spec: { template: { metadata: { annotations: { "reroll.dev/stamp": null } } } },
    });
    world.time.advance(60_000);
    await world.run();
    const report = await state(world);
    assert.deepEqual(
      [report.gone.map(({ source }) => source.name), report.stripped.map(({ workload }) => workload.name)],
      [["settings"], ["web"]],
    );
    assert.match(renderStatus(report, plain), /Somebody takes our stamp away: 1 workload/);
  });

  test("a run that is at work is named; one that died is not", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses("web")]);
    const holder = await withPorts(world, async (ports) => {
      await ports.lock.write("somebody", (await ports.lock.read()).version, "run");
      return (await status(ports, testPolicy(), stateName)).lastRun?.holder;
    });
    assert.equal(holder, "somebody");
    world.time.advance(61_000);
    assert.equal((await state(world)).lastRun?.holder, undefined);
  });

  test("what took the Lease and is no run is not told as one", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses("web")]);
    const { lastRun } = await state(world);
    assert.ok(lastRun);
    for (const command of [adopt, retryAll]) {
      world.time.advance(3_600_000);
      await withPorts<unknown>(world, (ports) => command(ports, testPolicy(), stateName));
      assert.deepEqual((await state(world)).lastRun, lastRun);
    }
    await withPorts(world, async (ports) => {
      await ports.lock.write("somebody", (await ports.lock.read()).version, "command");
      assert.deepEqual((await status(ports, testPolicy(), stateName)).lastRun, lastRun);
    });
    world.time.advance(3_600_000);
    await world.run();
    assert.notEqual((await state(world)).lastRun?.at, lastRun.at);
  });

  test("-n narrows what is counted", async () => {
    const other = [configMap("settings", { a: "1" }, { namespace: "other" }), uses("web", "other")];
    await using world = await startKnownWorld([configMap("settings"), uses("web"), ...other]);
    const { remembered } = await state(world, { namespaces: { only: ["other"], ignore: [], selector: "" } });
    assert.deepEqual(remembered, { namespaces: 1, sources: 1, workloads: 1 });
  });

  test("without a state it says so; without the right to read the Lease the rest is still told", async () => {
    await using world = await startWorld([], { allow: ({ resource }) => resource !== "leases" });
    const report = await state(world);
    assert.deepEqual([report.state.known, report.lastRun, report.exitCode], [false, undefined, 3]);
    const text = renderStatus(report, plain);
    assert.match(text, /There is no state yet/);
    assert.match(text, /get leases/);
  });

  test("a state that cannot be read is an error, not an empty status", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses("web")]);
    world.cluster.api.patch("ConfigMap", stateNamespace, stateName, { data: { "state.json": "{" } });
    await assert.rejects(state(world), { name: "UsageError", message: /cannot be read/ });
  });
});
