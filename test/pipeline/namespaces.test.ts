import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Manifest } from "../../src/demo/direct.ts";
import type { Policy } from "../../src/model/policy.ts";
import { type Annotations, configMap, deployment, envFrom, envKeys, workload } from "../support/manifests.ts";
import { stateOf } from "../support/stored-state.ts";
import { type Ran, startKnownWorld, startWorld, type World } from "../support/world.ts";

const namespace = (annotations: Annotations, name = "shop"): Manifest => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, annotations },
});
const settings = (a: string, annotations: Annotations = {}, where = "shop") =>
  configMap("settings", { a, b: "1" }, { namespace: where, annotations });
const pod = envFrom(["ConfigMap", "settings"]);
const silent = (name = "web", where = "shop") => deployment(name, pod, { annotations: {}, namespace: where });
const asking = (annotations: Annotations = {}, where = "shop") =>
  deployment("web", pod, { namespace: where, annotations: { "reroll.dev/auto": "true", ...annotations } });
const web = "Deployment/shop/web";

const reasons = ({ pending }: Ran) => pending.map(({ reason }) => reason);
const about = ({ issues }: Ran, path: string) => issues.filter((issue) => issue.path.startsWith(path));

describe("defaults of a namespace", () => {
  it("auto: true there asks for the workloads that say nothing, there and nowhere else", async () => {
    const manifests = [
      namespace({ "reroll.dev/auto": "true" }),
      settings("1"),
      settings("1", {}, "other"),
      silent(),
      silent("web", "other"),
      workload("no", { pod, annotations: { "reroll.dev/auto": "false" } }),
    ];
    await using world = await startKnownWorld(manifests);
    world.put(settings("2"), settings("2", {}, "other"));
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  it("auto: false there switches autoReloadAll off, and what it knew of them goes", async () => {
    await using world = await startWorld([settings("1"), silent()]);
    const policy = { autoReloadAll: true };
    await world.run({ policy });
    world.put(namespace({ "reroll.dev/auto": "false" }), settings("2"));
    const ran = await world.run({ policy });
    assert.deepEqual([ran.restarted, ran.pending, ran.coverage.workloads], [[], [], 0]);
    world.put(namespace({ "reroll.dev/auto": "true" }));
    const back = await world.run({ policy });
    assert.deepEqual([back.restarted, back.adopted.length], [[], 1], "what happened while it was off is not caught up");
  });

  it("a value nobody can read switches nothing on, and the problem names the Namespace", async () => {
    await using world = await startKnownWorld([namespace({ "reroll.dev/auto": "yes" }), settings("1"), silent()]);
    world.put(settings("2"));
    const ran = await world.run({ policy: { autoReloadAll: true } });
    assert.deepEqual([ran.restarted, ran.exitCode], [[], 0]);
    const [issue] = about(ran, "Namespace/shop reroll.dev/auto");
    assert.equal(issue?.code, "annotation-invalid-value");
    assert.match(issue?.message ?? "", /"yes".*counts as false/);
  });

  it("per-key: false there watches whole sources, unless the workload says otherwise", async () => {
    const keyed = envKeys("ConfigMap", "settings", ["b"]);
    const annotations = { "reroll.dev/auto": "true" };
    await using world = await startKnownWorld([
      namespace({ "reroll.dev/per-key": "false" }),
      settings("1"),
      deployment("whole", keyed, { annotations }),
      deployment("keyed", keyed, { annotations: { ...annotations, "reroll.dev/per-key": "true" } }),
    ]);
    world.put(settings("2"));
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/whole"]);
  });

  for (const [where, manifests] of Object.entries({
    namespace: [namespace({ "reroll.dev/reload-on-create": "true" }), asking()],
    workload: [asking({ "reroll.dev/reload-on-create": "true" })],
  })) {
    it(`reload-on-create on the ${where}`, async () => {
      await using world = await startKnownWorld(manifests);
      world.put(settings("1"));
      assert.deepEqual((await world.run()).restarted, [web]);
    });
  }

  it("reload-on-create on the source, over a workload that does not want it", async () => {
    await using world = await startKnownWorld([asking({ "reroll.dev/reload-on-create": "false" })]);
    world.put(settings("1", { "reroll.dev/reload-on-create": "true" }));
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  it("reload-on-create: false on the source, over a configuration that wants it", async () => {
    await using world = await startKnownWorld([asking()]);
    world.put(settings("1", { "reroll.dev/reload-on-create": "false" }));
    assert.deepEqual((await world.run({ policy: { reloadOnCreate: true } })).restarted, []);
  });

  for (const [where, manifests, policy, expected] of [
    ["namespace", [namespace({ "reroll.dev/reload-on-delete": "true" }), settings("1"), asking()], {}, [web]],
    ["workload", [settings("1"), asking({ "reroll.dev/reload-on-delete": "true" })], {}, [web]],
    ["source", [settings("1", { "reroll.dev/reload-on-delete": "true" }), asking()], {}, [web]],
    [
      "source, which says no",
      [settings("1", { "reroll.dev/reload-on-delete": "false" }), asking()],
      { reloadOnDelete: true },
      [],
    ],
  ] as const satisfies readonly (readonly [string, readonly Manifest[], Partial<Policy>, readonly string[]])[]) {
    it(`reload-on-delete on the ${where}`, async () => {
      await using world = await startKnownWorld(manifests);
      world.remove("ConfigMap", "settings");
      assert.deepEqual((await world.run({ policy })).restarted, expected);
      assert.deepEqual((await world.run({ policy })).restarted, []);
    });
  }

  it("strategy there holds for the kinds that have the word, and a word that no kind has is a problem and changes nothing", async () => {
    const job = (name: string): Manifest => ({
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name, namespace: "shop", annotations: { "reroll.dev/auto": "true" } },
      spec: {
        schedule: "0 3 * * *",
        jobTemplate: {
          spec: {
            template: {
              spec: { restartPolicy: "Never", containers: [{ name: "a", image: "registry.test/a:1", ...pod }] },
            },
          },
        },
      },
    });
    await using world = await startKnownWorld([
      namespace({ "reroll.dev/strategy": "sometimes, patch" }),
      settings("1"),
      asking(),
      job("nightly"),
    ]);
    world.put(settings("2"));
    const ran = await world.run();
    assert.deepEqual(ran.actions.map(({ workload: { name } }) => name).sort(), ["nightly", "web"]);
    const [issue] = about(ran, "Namespace/shop reroll.dev/strategy");
    assert.match(issue?.message ?? "", /"sometimes" is no strategy of any kind/);
  });

  it("a key of Stakater's on a Namespace is a problem with the key that is read there", async () => {
    const annotations = { "reloader.stakater.com/auto": "true", "reloader.stakater.com/search": "true" };
    await using world = await startKnownWorld([namespace(annotations), settings("1"), silent()]);
    world.put(settings("2"));
    const ran = await world.run();
    assert.deepEqual(ran.restarted, []);
    const found = about(ran, "Namespace/shop").map(({ code, message }) => `${code}: ${message}`);
    assert.deepEqual(found, [
      "annotation-misplaced: is not read on Namespaces; reroll.dev/auto is, and sets what holds for the whole namespace",
      "annotation-misplaced: is not read on Namespaces",
    ]);
  });

  it("nothing of it where namespaceAnnotations is off, and no namespace is asked for", async () => {
    await using world = await startKnownWorld([
      namespace({ "reroll.dev/paused": "true", "reroll.dev/auto": "false" }),
      settings("1"),
      asking(),
    ]);
    world.put(settings("2"));
    const ran = await world.run({ policy: { namespaceAnnotations: false } });
    assert.deepEqual(ran.restarted, [web]);
    const asked = ran.requests.filter(({ resource, verb }) => resource === "namespaces" && verb === "list");
    assert.deepEqual(asked, []);
  });
});

const pause = { "reroll.dev/paused": "true" };

describe("paused by annotation", () => {
  const places: Readonly<Record<string, (on: Annotations, a: string) => Manifest[]>> = {
    namespace: (on, a) => [namespace(on), settings(a), asking()],
    workload: (on, a) => [settings(a), asking(on)],
    source: (on, a) => [settings(a, on), asking()],
  };
  for (const [where, put] of Object.entries(places)) {
    it(`on the ${where}: owed since the change, and done once in the first run without it`, async () => {
      await using world = await startKnownWorld(put({}, "1"));
      world.put(...put(pause, "2"));
      const first = await world.run();
      assert.deepEqual([first.restarted, reasons(first), first.exitCode], [[], ["paused-by-annotation"], 0]);
      assert.match(first.pending[0]?.message ?? "", /reroll\.dev\/paused: "true"/);
      world.put(...put(pause, "3"));
      const second = await world.run();
      assert.deepEqual([second.restarted, second.pending[0]?.since], [[], first.pending[0]?.since]);
      const annotations = where === "workload" ? { "reroll.dev/paused": "false" } : {};
      world.put(...put(annotations, "3"));
      assert.deepEqual([(await world.run()).restarted, world.views("web")[0]?.["ConfigMap/settings"]?.a], [[web], "3"]);
      assert.deepEqual((await world.run()).restarted, []);
    });

    it(`on the ${where}: a value that is neither true nor false pauses, and is said`, async () => {
      await using world = await startKnownWorld(put({}, "1"));
      world.put(...put({ "reroll.dev/paused": "" }, "2"));
      const ran = await world.run();
      assert.deepEqual([ran.restarted, reasons(ran)], [[], ["paused-by-annotation"]]);
      const [issue] = ran.issues.filter(({ path }) => path.endsWith(" reroll.dev/paused"));
      assert.equal(issue?.code, "annotation-empty");
      assert.match(issue?.message ?? "", /counts as paused/);
    });
  }

  for (const kind of ["StatefulSet", "DaemonSet"] as const) {
    it(`on a ${kind}, whose generation no annotation moves`, async () => {
      const set = (annotations: Annotations) =>
        workload("web", { kind, pod, annotations: { "reroll.dev/auto": "true", ...annotations } });
      await using world = await startKnownWorld([settings("1"), set({})]);
      await world.run();
      world.cluster.api.patch(kind, "shop", "web", { metadata: { annotations: pause } });
      world.put(settings("2"));
      assert.deepEqual(reasons(await world.run()), ["paused-by-annotation"]);
      world.cluster.api.patch(kind, "shop", "web", { metadata: { annotations: { "reroll.dev/paused": null } } });
      assert.deepEqual((await world.run()).restarted, [`${kind}/shop/web`]);
      assert.deepEqual((await world.run()).restarted, []);
    });
  }

  it("false on the workload does not lift the pause of its namespace", async () => {
    await using world = await startKnownWorld([settings("1"), asking()]);
    world.put(namespace(pause), settings("2"), asking({ "reroll.dev/paused": "false" }));
    assert.deepEqual(reasons(await world.run()), ["paused-by-annotation"]);
  });

  it("a change that is taken back while paused restarts nothing afterwards", async () => {
    await using world = await startKnownWorld([settings("1"), asking()]);
    world.put(namespace(pause), settings("2"));
    await world.run();
    world.put(namespace({}), settings("1"));
    const ran = await world.run();
    assert.deepEqual([ran.restarted, ran.pending, ran.skips.map(({ reason }) => reason)], [[], [], ["reverted"]]);
  });

  it("pods that were replaced meanwhile run the new content, so nothing is owed any more", async () => {
    await using world = await startKnownWorld([settings("1"), asking()]);
    world.put(settings("2", pause));
    assert.deepEqual(reasons(await world.run()), ["paused-by-annotation"]);
    const [own] = world.cluster.api.list("Pod", "shop");
    world.remove("Pod", own?.metadata.name ?? "");
    const ran = await world.run();
    assert.deepEqual([ran.restarted, ran.pending, ran.skips.map(({ reason }) => reason)], [[], [], ["already-fresh"]]);
  });

  describe("a source among others", () => {
    const both = envFrom(["ConfigMap", "settings"], ["ConfigMap", "other"]);
    const app = deployment("web", both, { annotations: { "reroll.dev/auto": "true" } });
    const other = (a: string) => configMap("other", { a });

    it("a change of another source restarts at once, and settles what was owed for the paused one: the pods read both", async () => {
      await using world = await startKnownWorld([settings("1"), other("1"), app]);
      world.put(settings("2", pause));
      assert.deepEqual(reasons(await world.run()), ["paused-by-annotation"]);
      world.put(other("2"));
      const ran = await world.run();
      assert.deepEqual(ran.restarted, [web]);
      assert.deepEqual(
        ran.actions[0]?.because.map(({ source }) => source.name),
        ["other", "settings"],
      );
      const [view] = world.views("web");
      assert.deepEqual([view?.["ConfigMap/settings"]?.a, view?.["ConfigMap/other"]?.a], ["2", "2"]);
      world.put(settings("2"));
      const lifted = await world.run();
      assert.deepEqual([lifted.restarted, lifted.pending], [[], []], "it runs with it already");
    });

    it("what the paused one becomes after such a restart is owed anew", async () => {
      await using world = await startKnownWorld([settings("1"), other("1"), app]);
      world.put(settings("2", pause), other("2"));
      assert.deepEqual((await world.run()).restarted, [web]);
      world.put(settings("3", pause));
      assert.deepEqual(reasons(await world.run()), ["paused-by-annotation"]);
      world.put(settings("3"));
      assert.deepEqual((await world.run()).restarted, [web]);
    });
  });

  it("a pause goes with the source that carried it", async () => {
    const policy = { reloadOnDelete: true };
    await using world = await startKnownWorld([settings("1"), asking()]);
    world.put(settings("2", pause));
    await world.run({ policy });
    world.remove("ConfigMap", "settings");
    assert.deepEqual((await world.run({ policy })).restarted, [web]);
  });
});

describe("annotations of namespaces that cannot be read", () => {
  const places = ["shop", "other"];
  const all = (a: string) => places.map((where) => settings(a, {}, where));
  const apps = places.map((where) => asking({}, where));
  const there = "Deployment/other/web";
  const failures = [
    [403, 3, /list namespaces at cluster scope/],
    [500, 75, /answered 500/],
  ] as const;

  /** Everything as it was, whatever the namespaces may say. */
  async function assertHeld(world: World, ran: Ran, exitCode: number, says: RegExp): Promise<void> {
    assert.deepEqual([ran.restarted, ran.exitCode], [[], exitCode]);
    const issues = ran.issues.filter(({ code }) => code === "not-observed");
    assert.equal(issues.length, 1);
    assert.equal(issues[0]?.path, "Namespace");
    assert.match(issues[0]?.message ?? "", says);
    assert.match(issues[0]?.message ?? "", /nothing is restarted there.*namespaceAnnotations: false/);
    world.cluster.faults.clear();
  }

  for (const [answer, exitCode, says] of failures) {
    it(`${answer} for all of them: nothing restarts, nothing is forgotten, all is done once they can be read`, async () => {
      await using world = await startKnownWorld([all("1"), apps]);
      world.put(...all("2"));
      const before = places.map((where) => stateOf(world, where));
      world.cluster.faults.push({ verb: "list", resource: "namespaces", fault: { answer } });
      await assertHeld(world, await world.run(), exitCode, says);
      assert.deepEqual(
        places.map((where) => stateOf(world, where)),
        before,
      );
      const next = await world.run();
      assert.deepEqual([next.restarted, next.exitCode], [[there, web], 0]);
    });
  }

  it("a workload that only its namespace made ask is not forgotten, and its next change is a change", async () => {
    await using world = await startKnownWorld([namespace({ "reroll.dev/auto": "true" }), settings("1"), silent()]);
    world.cluster.faults.push({ verb: "list", resource: "namespaces", fault: { answer: 500 } });
    await world.run();
    world.put(settings("2"));
    await assertHeld(world, await world.run(), 75, /answered 500/);
    assert.deepEqual((await world.run()).restarted, [web]);
  });

  it("half of them: where they are named, those that can be read go on", async () => {
    const policy = { namespaces: { only: places, ignore: [], selector: "" } };
    await using world = await startKnownWorld([all("1"), apps]);
    world.put(...all("2"));
    const before = stateOf(world, "other");
    world.cluster.faults.push({ verb: "get", resource: "namespaces", name: "other", fault: { answer: 403 } });
    const ran = await world.run({ policy });
    assert.deepEqual([ran.restarted, ran.exitCode, stateOf(world, "other")], [[web], 3, before]);
    const [issue] = about(ran, "Namespace/other");
    assert.match(issue?.message ?? "", /get namespaces other in namespace other.*a Role in other/);
    world.cluster.faults.clear();
    assert.deepEqual((await world.run({ policy })).restarted, [there]);
  });

  it("what was owed before is still shown, since when it is", async () => {
    await using world = await startKnownWorld([settings("1"), asking()]);
    world.put(settings("2", pause));
    const [owed] = (await world.run()).pending;
    world.cluster.faults.push({ verb: "list", resource: "namespaces", fault: { answer: 403 } });
    const { pending, exitCode } = await world.run();
    assert.deepEqual([pending.length, pending[0]?.reason, pending[0]?.since], [1, "unobserved", owed?.since]);
    assert.deepEqual(pending[0]?.because, owed?.because);
    assert.equal(exitCode, 3);
  });

  it("one that is named and does not exist says nothing", async () => {
    await using world = await startKnownWorld([settings("1"), asking()]);
    world.put(settings("2"));
    const ran = await world.run({ policy: { namespaces: { only: ["nowhere", "shop"], ignore: [], selector: "" } } });
    assert.deepEqual([ran.restarted, ran.exitCode], [[web], 0]);
  });
});
