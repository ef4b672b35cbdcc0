import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import { doctor } from "../../src/commands/doctor.ts";
import type { Right } from "../../src/model/errors.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { DoctorReport } from "../../src/model/report-doctor.ts";
import type { Ports } from "../../src/ports.ts";
import { loadState, saveState } from "../../src/record/remember.ts";
import { renderDoctor } from "../../src/report/doctor.ts";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { memoryStore } from "../support/memory-store.ts";
import { testPolicy } from "../support/policy.ts";
import { startKnownWorld, startWorld, stateName, stateNamespace, type World } from "../support/world.ts";
import { plain, withPorts, writes } from "./support.ts";

const uses = deployment("web", envFrom(["ConfigMap", "settings"]));
const examined = (world: World, policy: Partial<Policy> = {}, changes: Partial<Ports> = {}) =>
  withPorts(world, (ports, server) => doctor(ports, testPolicy(policy), stateName, server), changes);
const worries = ({ checks }: DoctorReport) =>
  checks.filter(({ outcome }) => outcome !== "ok").map(({ name, outcome }) => `${outcome} ${name}`);
const check = ({ checks }: DoctorReport, wanted: string) => {
  const found = checks.find(({ name }) => name === wanted);
  assert.ok(found, `a check called ${wanted}`);
  return found;
};
const everything = [
  "API server",
  "clock",
  "state namespace",
  "rights",
  "state",
  "digest key",
  "lock",
  "annotations",
  "Flux",
];

suite("doctor", () => {
  test("a healthy cluster: every check is there and well, before and after the first run, and nothing is written", async () => {
    await using world = await startWorld([configMap("settings"), uses]);
    const first = await examined(world);
    assert.deepEqual([first.checks.map(({ name }) => name), worries(first), first.exitCode], [everything, [], 0]);
    assert.deepEqual(writes(world), []);
    await world.run();
    const later = await examined(world);
    assert.deepEqual([worries(later), later.exitCode], [[], 0]);
    assert.match(check(later, "state").message, /remembers 1 workload and 1 source \(\d+ bytes\)/);
    assert.match(check(later, "lock").message, /^free; last run 2026-11-23/);
    assert.match(check(later, "API server").message, /Kubernetes v1\.\d+/);
  });

  test("an API server that is not there: exit code 75, what to check, and nothing else is tried", async () => {
    await using world = await startWorld();
    world.cluster.faults.push({ fault: { reset: true } });
    const report = await examined(world);
    assert.deepEqual([report.checks.length, worries(report), report.exitCode], [1, ["problem API server"], 75]);
    assert.match(renderDoctor(report, plain), /Check the address and the context.*\n\n1 problem; nothing else/s);
  });

  test("credentials that are not accepted: exit code 3, and what to check", async () => {
    await using world = await startWorld([], { token: () => "another" });
    const report = await examined(world);
    assert.deepEqual([worries(report), report.exitCode], [["problem API server"], 3]);
    assert.match(check(report, "API server").advice ?? "", /credentials/);
  });

  test("namespaces that may not be listed: the rule to add, exit code 3, and what that means; not where their annotations are switched off", async () => {
    const allow = ({ resource, verb, name }: Right) => !(resource === "namespaces" && verb === "list" && !name);
    await using world = await startWorld([configMap("settings"), uses], { allow });
    const report = await examined(world);
    assert.deepEqual([worries(report), report.exitCode], [["problem rights", "problem annotations"], 3]);
    assert.match(
      check(report, "rights").details.join("\n"),
      /ClusterRole: .*"namespaces".*"list".*annotations of namespaces/,
    );
    assert.match(check(report, "annotations").details.join("\n"), /Namespace: list namespaces at cluster scope/);
    const without = await examined(world, { namespaceAnnotations: false });
    assert.deepEqual([worries(without), without.exitCode], [[], 0]);
  });

  test("what an annotation of a Namespace says that is not understood, with its name", async () => {
    const annotations = { "reroll.dev/paused": "later", "reloader.stakater.com/auto": "true" };
    const shop = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", annotations } };
    await using world = await startWorld([shop, configMap("settings"), uses]);
    const { outcome, details } = check(await examined(world), "annotations");
    assert.equal(outcome, "warning");
    assert.match(details.join("\n"), /Namespace\/shop reroll\.dev\/paused: "later".*counts as paused/);
    assert.match(details.join("\n"), /Namespace\/shop reloader\.stakater\.com\/auto: is not read on Namespaces/);
  });

  test("rights that are missing are told as the rules to add; everything else is checked all the same", async () => {
    const missing = ({ verb, resource, namespace }: Right) =>
      (verb === "patch" && resource === "deployments") ||
      (resource === "leases" && verb !== "get") ||
      (resource === "secrets" && verb === "list" && namespace === undefined);
    await using world = await startWorld([configMap("settings"), uses], { allow: (right) => !missing(right) });
    const report = await examined(world);
    assert.equal(report.exitCode, 3);
    const rights = check(report, "rights");
    assert.deepEqual(rights.details, [
      'ClusterRole: {apiGroups: [""], resources: ["secrets"], verbs: ["list"]} - needed to notice what changed',
      'ClusterRole: {apiGroups: ["apps"], resources: ["deployments"], verbs: ["patch"]} - needed to find, restart and watch what uses it',
      'Role in reroll-system: {apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"]} - needed to keep two runs apart',
      'Role in reroll-system: {apiGroups: ["coordination.k8s.io"], resources: ["leases"], resourceNames: ["reroll"], verbs: ["update"]} - needed to keep two runs apart',
    ]);
    assert.match(rights.message, /^4 of \d+/);
    assert.deepEqual(
      report.checks.map(({ name }) => name),
      everything,
    );
  });

  test("only what the configuration looks at is asked for: namespaces, kinds, namespace selector", async () => {
    const asked: Right[] = [];
    await using world = await startWorld();
    await withPorts(world, async (ports, server) => {
      const cluster = { ...ports.cluster, can: async (right: Right) => asked.push(right) > 0 };
      const policy = testPolicy({
        namespaces: { only: ["shop"], ignore: [], selector: "" },
        ignoreSources: ["Secret"],
        ignoreWorkloads: ["DaemonSet"],
      });
      await doctor({ ...ports, cluster }, policy, stateName, server);
    });
    assert.deepEqual(
      asked.filter(({ namespace }) => namespace !== "shop" && namespace !== stateNamespace),
      [],
    );
    const inShop = asked
      .filter(({ namespace }) => namespace === "shop")
      .map(({ verb, resource }) => `${verb} ${resource}`);
    assert.ok(inShop.includes("patch deployments"));
    assert.ok(!inShop.some((right) => /secrets|daemonsets/.test(right)));
    assert.ok(!asked.some(({ verb, resource }) => verb === "list" && resource === "namespaces"));
  });

  test("a namespace whose state nearly fills its ConfigMap: a warning that names it and says what to do", async () => {
    await using world = await startWorld([configMap("settings"), uses]);
    const uid = randomBytes(850_000).toString("hex");
    const shape = { keyId: "5a5d7876", digests: {}, observedAt: "2026-11-23T02:00:00.000Z", resourceVersion: "1" };
    const shop = { sources: { "ConfigMap/settings": { ...shape, uid } }, workloads: {}, ledger: [] };
    const states = memoryStore();
    await saveState(states, await loadState(states, stateName), { namespaces: { shop } });
    const report = await examined(world, {}, { states });
    const { message, advice } = check(report, "state");
    assert.ok(worries(report).includes("warning state"));
    assert.match(message, /ConfigMap reroll-state-2-[01] has \d+ of at most 1048576 bytes/);
    assert.match(advice ?? "", /Watch less: .*selector/);
  });

  test("a state that cannot be read: exit code 2, before rights that are missing", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses], {
      allow: ({ verb, resource }) => !(verb === "delete" && resource === "configmaps"),
    });
    world.cluster.api.patch("ConfigMap", stateNamespace, stateName, { data: { "state.json": "{" } });
    const report = await examined(world);
    assert.deepEqual([worries(report), report.exitCode], [["problem rights", "problem state"], 2]);
    assert.match(check(report, "state").message, /cut off/);
  });

  test("no namespace for the state: exit code 2 and the command that makes it", async () => {
    await using world = await startWorld();
    world.cluster.api.delete("Namespace", undefined, stateNamespace);
    const report = await examined(world);
    assert.deepEqual([worries(report), report.exitCode], [["problem state namespace"], 2]);
    assert.match(check(report, "state namespace").advice ?? "", /kubectl create namespace reroll-system/);
  });

  test("a digest key that is gone is a warning; one that is broken a problem", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses]);
    const secret = world.cluster.api.get("Secret", stateNamespace, "reroll-key");
    world.cluster.api.patch("Secret", stateNamespace, "reroll-key", { data: { current: "YQ==" } });
    const broken = await examined(world);
    assert.deepEqual([worries(broken), broken.exitCode], [["problem digest key"], 2]);
    assert.ok(!JSON.stringify(broken).includes(String(secret?.data)), "no key in the output");
    world.cluster.api.delete("Secret", stateNamespace, "reroll-key");
    const gone = await examined(world);
    assert.deepEqual([worries(gone), gone.exitCode], [["warning digest key"], 0]);
  });

  test("clocks apart: a warning from more than 30 s on, in either direction", async () => {
    await using world = await startWorld();
    for (const [offset, word] of [
      [29_000, undefined],
      [45_000, /45 s ahead of the API server/],
      [-90_000, /90 s behind the API server/],
    ] as const) {
      const clock = { ...world.time.clock, now: () => world.time.now() + offset };
      const report = await examined(world, {}, { clock });
      assert.equal(check(report, "clock").outcome, word ? "warning" : "ok");
      if (word) assert.match(check(report, "clock").message, word);
      assert.equal(report.exitCode, 0);
    }
  });

  test("annotations that mean nothing or something else, on workloads, templates and sources", async () => {
    const annotations = {
      "reloader.stakater.com/auto": "yes",
      "configmap.reloader.stakater.com/reload": "[",
      "reroll.dev/ignore": "true",
    };
    await using world = await startWorld([
      configMap("settings", { a: "1" }, { annotations: { "reloader.stakater.com/matchh": "true" } }),
      deployment("web", {}, { annotations, template: { annotations: { "secret.reloader.stakater.com/relaod": "x" } } }),
    ]);
    const report = await examined(world);
    assert.deepEqual([worries(report), report.exitCode], [["warning annotations"], 0]);
    const text = check(report, "annotations").details.join("\n");
    assert.match(text, /^ConfigMap\/shop\/settings reloader\.stakater\.com\/matchh: .*did you mean/m);
    assert.match(text, /^Deployment\/shop\/web reloader\.stakater\.com\/auto: "yes" is neither true nor false/m);
    assert.match(text, /^Deployment\/shop\/web configmap\.reloader\.stakater\.com\/reload: "\[" names nothing/m);
    assert.match(
      text,
      /^Deployment\/shop\/web reroll\.dev\/ignore: .*read on ConfigMaps, Secrets and SecretProviderClasses/m,
    );
    assert.match(text, /^Deployment\/shop\/web secret\.reloader\.stakater\.com\/relaod: .*did you mean/m);
  });

  test("a run at work holds the lock: that is no problem", async () => {
    await using world = await startWorld();
    const report = await withPorts(world, async (ports, server) => {
      await ports.lock.write("somebody", (await ports.lock.read()).version, "run");
      return doctor(ports, testPolicy(), stateName, server);
    });
    assert.deepEqual(worries(report), []);
    assert.match(check(report, "lock").message, /held by somebody/);
  });

  test("a list that cannot be read is a problem of its own, with its exit code", async () => {
    await using world = await startKnownWorld([configMap("settings"), uses]);
    world.cluster.faults.push({ verb: "list", resource: "statefulsets", fault: { answer: 500 } });
    const report = await examined(world);
    assert.deepEqual([worries(report), report.exitCode], [["problem annotations"], 75]);
    assert.match(check(report, "annotations").details[0] ?? "", /^StatefulSet: list statefulsets\.apps/);
  });
});
