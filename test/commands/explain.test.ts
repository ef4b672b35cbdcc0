import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { explain } from "../../src/commands/explain.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { ExplainReport } from "../../src/model/report-explain.ts";
import { renderExplain } from "../../src/report/explain.ts";
import { asks, cronJob, job } from "../support/jobs.ts";
import { configMap, deployment, envFrom, envKeys, secret, workload } from "../support/manifests.ts";
import { testPolicy } from "../support/policy.ts";
import { startKnownWorld, startWorld, stateName, stateNamespace, type World } from "../support/world.ts";
import { plain, withPorts, writes } from "./support.ts";

const web = { kind: "Deployment", namespace: "shop", name: "web" };
const usesSettings = deployment("web", envFrom(["ConfigMap", "settings"]));

function explained(world: World, ref = web, policy: Partial<Policy> = {}): Promise<ExplainReport> {
  return withPorts(world, (ports) => explain(ports, testPolicy(policy), stateName, ref));
}

const sources = ({ sources: all }: ExplainReport) =>
  all.map(({ source, eligible, rule, standing }) => [source.name, eligible, rule, standing]);

suite("explain", () => {
  test("tells of a Job and a CronJob why they are left alone, and how to choose", async () => {
    const left = { kind: "CronJob", namespace: "shop", name: "nightly" };
    await using world = await startKnownWorld([
      configMap("config"),
      cronJob("nightly", { annotations: asks() }),
      job("done", { template: {} }),
    ]);
    const owner = world.cluster.api.get("CronJob", "shop", "nightly");
    world.put(configMap("config", { a: "2" }), job("nightly-1", owner ? { owner } : {}));
    const reports = [
      await explained(world, left),
      await explained(world, { ...left, kind: "Job", name: "done" }),
      await explained(world, { ...left, kind: "Job", name: "nightly-1" }),
    ];
    assert.deepEqual(
      reports.map(({ verdict }) => verdict),
      ["left-alone", "left-alone", "left-alone"],
    );
    const [skipped, finished, owned] = reports.map(({ message }) => message);
    assert.match(skipped ?? "", /unless it says how: reroll\.dev\/strategy: "patch" or "trigger"/);
    assert.match(finished ?? "", /come to its end \(Complete\)/);
    assert.match(owned ?? "", /belongs to CronJob\/nightly/);
    world.cluster.api.patch("Namespace", undefined, "shop", {
      metadata: { annotations: { "reroll.dev/strategy": "patch" } },
    });
    assert.equal((await explained(world, left)).verdict, "adopt");
  });

  test("tells every source, the rule that decides, where it is used, which keys are watched, and what is due", async () => {
    const pod = {
      ...envKeys("Secret", "creds", ["password"]),
      ...envFrom(["ConfigMap", "settings"], ["ConfigMap", "left-out"]),
    };
    const annotations = {
      "reloader.stakater.com/auto": "true",
      "configmaps.exclude.reloader.stakater.com/reload": "left-out",
      "secret.reloader.stakater.com/reload": "tokens",
    };
    await using world = await startKnownWorld([
      configMap("settings"),
      configMap("left-out"),
      secret("creds", { password: "x", other: "y" }),
      secret("tokens"),
      deployment("web", pod, { annotations }),
    ]);
    world.put(configMap("settings", { a: "2", b: "1" }));
    const before = writes(world).length;
    const report = await explained(world);
    assert.equal(report.verdict, "restart");
    assert.equal(report.message, "a run would restart it now, because of ConfigMap/settings (modified: a)");
    assert.deepEqual(sources(report), [
      ["left-out", false, "excluded", undefined],
      ["settings", true, "auto", "due"],
      ["creds", true, "auto", "unchanged"],
      ["tokens", true, "named", "unchanged"],
    ]);
    const [leftOut, settings, creds, tokens] = report.sources;
    assert.equal(leftOut?.annotation?.key, "configmaps.exclude.reloader.stakater.com/reload");
    assert.deepEqual(
      leftOut?.tried.map(({ rule, says }) => `${rule} ${says}`),
      ["other-namespace pass", "ignored-kind pass", "ignored-source pass", "excluded no"],
    );
    assert.deepEqual([creds?.watched, creds?.where], [["password"], ["container app, env password"]]);
    assert.deepEqual([tokens?.watched, tokens?.where], ["*", []]);
    assert.deepEqual(settings?.change?.keys, ["a"]);
    assert.match(JSON.stringify(settings?.rolledOut), /"digest":"[0-9a-f]{12}"/);
    assert.deepEqual(
      report.annotations.map(({ key, from }) => `${from} ${key}`).sort(),
      Object.keys(annotations)
        .map((key) => `workload ${key}`)
        .sort(),
    );
    assert.equal(report.knowledge?.origin, "record");
    assert.equal(writes(world).length, before, "nothing is written");
    const { actions } = await world.plan();
    assert.deepEqual(
      actions.map(({ because }) => because),
      [[settings?.change]],
      "plan says the same",
    );
  });

  test("a Secret that lists leave out: says what else it may be than absent", async () => {
    const token = { ...secret("token"), type: "kubernetes.io/service-account-token" };
    const pod = envFrom(["Secret", "token"], ["ConfigMap", "none"]);
    await using world = await startWorld([token, deployment("web", pod)]);
    const unsure = (report: ExplainReport) =>
      report.sources.map(({ sight, sightError = "" }) => [sight, /list names it/.test(sightError), sightError]);
    assert.deepEqual(
      unsure(await explained(world)).map(([sight, isUnsure]) => [sight, isUnsure]),
      [
        ["absent", false],
        ["absent", true],
      ],
    );
    const [, [, , why] = []] = unsure(await explained(world, web, { selector: "tier=web" }));
    assert.match(String(why), /^not listed: .*tier=web/);
    world.put(workload("named", { annotations: { "secret.reloader.stakater.com/reload": "token" } }));
    const [named] = (await explained(world, { ...web, name: "named" })).sources;
    assert.deepEqual([named?.sight, named?.sightError], ["present", undefined]);
  });

  test("works without the state's namespace, state and key", async () => {
    await using world = await startWorld([configMap("settings"), usesSettings]);
    world.cluster.api.delete("Namespace", undefined, stateNamespace);
    const report = await explained(world);
    assert.deepEqual([report.verdict, report.exitCode], ["adopt", 0]);
    assert.deepEqual(writes(world), []);
  });

  test("a stamp tells what was rolled out when the state is lost", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.put(configMap("settings", { a: "2" }));
    await world.run();
    world.remove("ConfigMap", stateName, stateNamespace);
    const report = await explained(world);
    assert.deepEqual([report.verdict, report.knowledge?.origin], ["unchanged", "stamp"]);
    assert.match(renderExplain(report, plain), /stamp: [0-9a-f]{8} ConfigMap\/settings=/);
  });

  test("pods older than the last write, on first sight: says which source, and what to do", async () => {
    await using world = await startWorld([configMap("settings"), usesSettings, configMap("settings", { a: "2" })]);
    const report = await explained(world);
    assert.equal(report.verdict, "adopt");
    assert.match(report.message, /older than the last write of ConfigMap\/settings.*--catch-up/);
  });

  const verdicts: Record<
    string,
    [Parameters<typeof startWorld>[0], Partial<Policy>, ExplainReport["verdict"], RegExp]
  > = {
    "a workload that says nothing": [
      [deployment("web", envFrom(["ConfigMap", "settings"]), { annotations: {} })],
      {},
      "not-asked",
      /reroll\.dev\/auto: "true"/,
    ],
    "a workload whose only source is ignored": [
      [configMap("settings", { a: "1" }, { annotations: { "reroll.dev/ignore": "true" } }), usesSettings],
      {},
      "nothing-counts",
      /none of the sources/,
    ],
    "a workload without sources": [[workload("web")], {}, "nothing-counts", /neither uses nor names/],
    "a namespace that is left out": [
      [usesSettings],
      { namespaces: { only: ["other"], ignore: [], selector: "" } },
      "out-of-scope",
      /namespace shop/,
    ],
    "an ignored namespace": [
      [usesSettings],
      { namespaces: { only: [], ignore: ["shop"], selector: "" } },
      "out-of-scope",
      /namespace shop/,
    ],
    "a kind that is left out": [
      [usesSettings],
      { ignoreWorkloads: ["Deployment"] },
      "out-of-scope",
      /every Deployment/,
    ],
    "a source that is not there yet": [[usesSettings], {}, "adopt", /first time/],
  };
  for (const [name, [manifests, policy, verdict, message]] of Object.entries(verdicts)) {
    test(`${name}: ${verdict}`, async () => {
      await using world = await startWorld(manifests);
      const report = await explained(world, web, policy);
      assert.equal(report.verdict, verdict);
      assert.match(report.message, message);
    });
  }

  test("a restart that is owed: since when and why", async () => {
    const paused = deployment("web", envFrom(["ConfigMap", "settings"]), { spec: { paused: true } });
    await using world = await startKnownWorld([configMap("settings"), paused]);
    world.put(configMap("settings", { a: "2" }));
    await world.run();
    const report = await explained(world);
    assert.deepEqual([report.verdict, report.pending?.reason], ["pending", "paused"]);
    assert.match(renderExplain(report, plain), /paused since 2026-11-23/);
  });

  test("sources that cannot be read: says so, what is known stays, exit code 3", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.cluster.faults.push({ resource: "configmaps", namespace: "shop", fault: { answer: 403 } });
    const report = await explained(world);
    assert.deepEqual([report.verdict, report.exitCode], ["not-observed", 3]);
    assert.deepEqual(sources(report), [["settings", true, "auto", "kept-unobserved"]]);
    assert.match(report.sources[0]?.sightError ?? "", /list configmaps in namespace shop/);
    assert.ok(report.issues.some(({ code, path }) => code === "not-observed" && path === "ConfigMap in shop"));
  });

  test("pods that cannot be looked at although their age decides: nobody can say, also where neighbours share the fate", async () => {
    const neighbour = deployment("api", envFrom(["ConfigMap", "settings"]));
    await using world = await startWorld([configMap("settings"), usesSettings, neighbour]);
    world.cluster.faults.push({ resource: "pods", fault: { answer: 403 } });
    const report = await explained(world);
    assert.deepEqual([report.verdict, report.exitCode], ["not-observed", 3]);
    assert.match(report.message, /^nobody can say: list pods/);
    assert.deepEqual(
      report.issues.map(({ code, path }) => [code, path]),
      [["not-observed", "Deployment/shop/web"]],
    );
  });

  test("a misspelt annotation is told, that of a neighbour is not", async () => {
    const annotations = { "reloader.stakater.com/atuo": "true" };
    await using world = await startWorld([
      deployment("web", {}, { annotations }),
      deployment("webshop", {}, { annotations }),
    ]);
    const { issues } = await explained(world);
    assert.deepEqual(
      issues.map(({ path }) => path),
      ["Deployment/shop/web reloader.stakater.com/atuo"],
    );
    assert.match(issues[0]?.message ?? "", /did you mean reloader.stakater.com\/auto/);
  });

  const misses: [string, string, RegExp][] = [
    ["Deployment", "wbe", /no such workload: Deployment\/shop\/wbe; did you mean Deployment\/shop\/web\?/],
    ["StatefulSet", "web", /did you mean Deployment\/shop\/web\?/],
    ["Deployment", "something-else", /there are Deployment\/shop\/web$/],
  ];
  for (const [kind, name, message] of misses) {
    test(`no ${kind} ${name}: says what there is`, async () => {
      await using world = await startWorld([usesSettings]);
      await assert.rejects(explained(world, { ...web, kind, name }), { name: "UsageError", message });
    });
  }

  test("a namespace without workloads: says so", async () => {
    await using world = await startWorld([usesSettings]);
    await assert.rejects(explained(world, { ...web, namespace: "shopp" }), /namespace shopp has no workloads/);
  });

  test("workloads of the kind that cannot be listed: that error, not 'no such workload'", async () => {
    await using world = await startWorld([usesSettings]);
    world.cluster.faults.push({ resource: "deployments", fault: { answer: 403 } });
    await assert.rejects(explained(world), { name: "PortError", code: "forbidden" });
  });

  test("only its namespace is listed", async () => {
    await using world = await startWorld([usesSettings]);
    await explained(world);
    const everywhere = world.cluster.requests.filter(
      ({ verb, namespace }) => verb === "list" && namespace === undefined,
    );
    assert.deepEqual(everywhere, []);
  });
});

suite("explain tells levels", () => {
  const namespace = (annotations: Readonly<Record<string, string>>) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "shop", annotations },
  });
  const decided = ({ settings }: ExplainReport) =>
    settings
      .filter(({ level }) => level !== "configuration")
      .map(({ name, value, level, object, source }) => [name, value, level, object, source?.name]);

  test("which level decided each setting, and on which object it stands", async () => {
    const annotations = { "reroll.dev/auto": "true", "reroll.dev/reload-on-create": "false" };
    await using world = await startKnownWorld([
      namespace({
        "reroll.dev/per-key": "false",
        "reroll.dev/reload-on-create": "true",
        "reroll.dev/reload-on-delete": "",
      }),
      configMap("settings", { a: "1" }, { annotations: { "reroll.dev/reload-on-delete": "true" } }),
      deployment("web", envFrom(["ConfigMap", "settings"]), { annotations }),
    ]);
    assert.deepEqual(decided(await explained(world)), [
      ["auto", true, "workload", "Deployment/shop/web", undefined],
      ["perKey", false, "namespace", "Namespace/shop", undefined],
      ["reloadOnCreate", false, "workload", "Deployment/shop/web", undefined],
      ["reloadOnDelete", true, "source", "ConfigMap/shop/settings", "settings"],
    ]);
  });

  test("who chose the strategy, also while nothing is due", async () => {
    await using world = await startKnownWorld([
      configMap("settings"),
      deployment("web", envFrom(["ConfigMap", "settings"])),
    ]);
    const annotate = (kind: string, namespace: string | undefined, name: string, strategy: string) =>
      world.cluster.api.patch(kind, namespace, name, {
        metadata: { annotations: { "reroll.dev/strategy": strategy } },
      });
    const said = async (policy = {}) => {
      const report = await explained(world, web, policy);
      const { word, known, level, object } = report.strategy;
      const line = renderExplain(report, plain)
        .split("\n")
        .find((each) => each.startsWith("  strategy"));
      return [word, known, level, object, line?.replace(/^ +strategy +/, "")];
    };
    assert.deepEqual(await said(), ["rollout", true, "kind", undefined, "rollout  usual for its kind"]);
    const configured = { strategies: { Deployment: "rollout" } };
    assert.deepEqual((await said(configured)).slice(2), [
      "configuration",
      undefined,
      "rollout  configuration (strategies)",
    ]);
    annotate("Namespace", undefined, "shop", "rollout, trigger");
    assert.deepEqual((await said(configured)).slice(2, 4), ["namespace", "Namespace/shop"]);
    annotate("Deployment", "shop", "web", "trigger");
    assert.deepEqual(await said(configured), [
      "trigger",
      false,
      "workload",
      "Deployment/shop/web",
      '"trigger"  reroll.dev/strategy: "trigger" on Deployment/shop/web; its kind has no such strategy',
    ]);
  });

  test("a source that never was is not said to be kept in mind; one that is gone is", async () => {
    const uses = envFrom(["ConfigMap", "settings"], ["ConfigMap", "never"]);
    await using world = await startKnownWorld([configMap("settings"), deployment("web", uses)]);
    world.remove("ConfigMap", "settings");
    const text = renderExplain(await explained(world, web), plain);
    assert.match(text, /ConfigMap\/never +counts +auto +not there$/m);
    assert.match(text, /ConfigMap\/settings +counts +auto +gone; what it rolled out with is kept in mind$/m);
  });

  test("the namespace, where its annotation is what makes a workload ask, or what keeps it from asking", async () => {
    const silent = deployment("web", envFrom(["ConfigMap", "settings"]), { annotations: {} });
    await using world = await startKnownWorld([
      namespace({ "reroll.dev/auto": "true" }),
      configMap("settings"),
      silent,
    ]);
    const [asked] = (await explained(world)).sources;
    assert.deepEqual([asked?.eligible, asked?.rule, asked?.annotation?.from], [true, "auto-reload-all", "namespace"]);
    world.put(namespace({ "reroll.dev/auto": "false" }));
    const [off] = (await explained(world, web, { autoReloadAll: true })).sources;
    assert.deepEqual([off?.eligible, off?.reason, off?.annotation?.from], [false, "auto-off", "namespace"]);
  });

  test("that nobody can say, where the namespace's annotations cannot be read", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.cluster.faults.push({ resource: "namespaces", name: "shop", fault: { answer: 403 } });
    const report = await explained(world);
    assert.deepEqual([report.verdict, report.exitCode], ["not-observed", 3]);
    assert.match(report.message, /get namespaces shop in namespace shop.*it may be paused/);
    assert.deepEqual(
      report.issues.map(({ code, path }) => [code, path]),
      [["not-observed", "Namespace/shop"]],
    );
  });

  test("a pause, and who said it", async () => {
    await using world = await startKnownWorld([configMap("settings"), usesSettings]);
    world.put(namespace({ "reroll.dev/paused": "true" }), configMap("settings", { a: "2" }));
    const report = await explained(world);
    assert.equal(report.verdict, "pending");
    assert.match(report.message, /paused-by-annotation.*the namespace is paused/);
    assert.deepEqual(decided(report).at(-1), ["paused", true, "namespace", "Namespace/shop", undefined]);
  });
});
