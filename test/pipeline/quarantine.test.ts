import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { adopt } from "../../src/commands/adopt.ts";
import { explain } from "../../src/commands/explain.ts";
import { history } from "../../src/commands/history.ts";
import { retry } from "../../src/commands/retry.ts";
import { status } from "../../src/commands/status.ts";
import { renderExplain } from "../../src/report/explain.ts";
import { renderStatus } from "../../src/report/status.ts";
import { renderRun } from "../../src/report/text.ts";
import { plain, withPorts } from "../commands/support.ts";
import { runUntil } from "../support/killing.ts";
import { configMap, deployment, envFrom, secret } from "../support/manifests.ts";
import { testPolicy } from "../support/policy.ts";
import { minute, type Ran, startKnownWorld, stateName, type World } from "../support/world.ts";

const web = "Deployment/shop/web";
const webRef = { kind: "Deployment", namespace: "shop", name: "web" };
const tlsName = { kind: "Secret", namespace: "shop", name: "tls" };
const quarter = 15 * minute;

const tls = (content: string) => secret("tls", { "tls.crt": content });
const uses = (name = "web") => deployment(name, envFrom(["Secret", "tls"], ["ConfigMap", "settings"]));
const start = () => startKnownWorld([tls("A"), configMap("settings"), uses()]);

/** One run after each content, a quarter of an hour apart. */
async function play(world: World, contents: string): Promise<Ran[]> {
  const runs: Ran[] = [];
  for (const content of contents) {
    world.put(tls(content));
    runs.push(await world.run());
    world.time.advance(quarter);
  }
  return runs;
}

const fight = "BABABA";
const fought = async () => {
  const world = await start();
  const last = (await play(world, fight)).at(-1) as Ran;
  return { world, last, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
};
const running = (world: World) => world.views("web").map((view) => view["Secret/tls"]?.["tls.crt"]);

suite("a Secret that two writers fight over", () => {
  test("is restarted for until one content has come back three times, and then held back, in report and exit code", async () => {
    await using world = await start();
    const runs = await play(world, fight);
    assert.deepEqual(
      runs.map(({ restarted, exitCode }) => [restarted.length, exitCode]),
      [...Array(5).fill([1, 0]), [0, 6]],
    );
    const last = runs.at(-1) as Ran;
    assert.deepEqual(
      last.pending.map(({ reason, because }) => [reason, because.length]),
      [["quarantined", 1]],
    );
    assert.deepEqual(
      last.quarantines.map(({ source, rule, count, holds }) => [source?.name, rule, count, holds]),
      [["tls", "returns", 3, true]],
    );
    const text = renderRun(last, plain);
    assert.match(text, /Secret\/tls keeps changing back and forth/);
    assert.match(text, /reroll retry Secret\/shop\/tls/);
    assert.match(text, /1 in quarantine/);
    assert.doesNotMatch(text, /T\d\d:\d\d:\d\d|1 times/);
    assert.match(text, /Exit code 6/);
  });

  test("is not blamed for what a pause holds back, neither by a run nor by status", async () => {
    await using it = await fought();
    const paused = { "reroll.dev/paused": "true" };
    it.world.cluster.api.patch("Deployment", "shop", "web", { metadata: { annotations: paused } });
    const { pending, quarantines, issues } = await it.world.run();
    assert.deepEqual(
      [pending.map(({ reason }) => reason), quarantines.map(({ holds }) => holds)],
      [["paused-by-annotation"], [false]],
    );
    const message = issues.find(({ code }) => code === "quarantined")?.message ?? "";
    assert.doesNotMatch(message, /Deployment\/shop\/web/);
    assert.match(message, /No restart is held back for it just now/);
    const remembered = await withPorts(it.world, (ports) => status(ports, testPolicy(), stateName));
    assert.deepEqual(
      remembered.quarantines.map(({ holds }) => holds),
      [false],
    );
  });

  test("plan says the same and asks nobody to write", async () => {
    await using it = await fought();
    const { quarantines, pending, exitCode } = await it.world.plan();
    assert.deepEqual([quarantines.length, pending[0]?.reason, exitCode], [1, "quarantined", 6]);
  });

  test("status, explain and history tell of it too", async () => {
    await using it = await fought();
    await withPorts(it.world, async (ports) => {
      const report = await status(ports, testPolicy(), stateName);
      assert.match(renderStatus(report, plain), /In quarantine: 1 workload\n.*Secret\/tls/);
      assert.deepEqual(
        report.quarantines.map(({ workload, source, holds }) => [workload.name, source?.name, holds]),
        [["web", "tls", true]],
      );
      const explained = await explain(ports, testPolicy(), stateName, webRef);
      assert.deepEqual([explained.verdict, explained.quarantines.length], ["pending", 1]);
      assert.match(renderExplain(explained, plain), /reroll retry Secret\/shop\/tls/);
      const { entries } = await history(ports, testPolicy(), stateName, webRef);
      assert.equal(entries[0]?.outcome, "quarantined");
      assert.match(entries[0]?.reason ?? "", /3 times/);
    });
  });

  test("who writes it is told: the field managers that were seen on it", async () => {
    await using it = await fought();
    const issue = it.last.issues.find(({ code }) => code === "quarantined");
    const managers = it.world.cluster.api
      .get("Secret", "shop", "tls")
      ?.metadata.managedFields?.map(({ manager }) => manager);
    assert.ok(managers?.length);
    for (const manager of managers) assert.match(issue?.message ?? "", new RegExp(`Seen writing it: .*${manager}`));
  });

  test("a calm hour later it is restarted exactly once, and the exit code is 0", async () => {
    await using it = await fought();
    const { world } = it;
    const quiet: Ran[] = [];
    for (let index = 0; index < 6; index++) {
      quiet.push(await world.run());
      world.time.advance(quarter);
    }
    assert.deepEqual(
      quiet.map(({ restarted, exitCode }) => `${restarted.length} ${exitCode}`),
      ["0 6", "0 6", "0 6", "1 0", "0 0", "0 0"],
    );
    assert.deepEqual([...new Set(running(world))], ["A"]);
    assert.deepEqual(
      await world
        .run()
        .then(
          ({ requests }) =>
            requests.filter(({ method, path }) => method !== "GET" && !path.includes("/leases/")).length,
        ),
      0,
    );
  });

  test("it is not restarted where it settles on what the pods run with", async () => {
    await using it = await fought();
    await play(it.world, "B");
    it.world.time.advance(60 * minute);
    const { restarted, quarantines, exitCode } = await it.world.run();
    assert.deepEqual([restarted, quarantines, exitCode], [[], [], 0]);
    assert.deepEqual([...new Set(running(it.world))], ["B"]);
  });

  test("while the pods happen to run with what is there, nothing is owed: exit code 0, and it still says so", async () => {
    await using it = await fought();
    const [back, again] = await play(it.world, "BA");
    assert.deepEqual([back?.pending.length, back?.exitCode, back?.quarantines[0]?.holds], [0, 0, false]);
    assert.match(renderRun(back as Ran, plain), /No restart is held back for it just now/);
    assert.deepEqual([again?.pending[0]?.reason, again?.exitCode], ["quarantined", 6]);
  });

  test("another source restarts the workload all the same, and that settles what was held back", async () => {
    await using it = await fought();
    it.world.put(configMap("settings", { a: "2" }));
    const { restarted, exitCode, pending } = await it.world.run();
    assert.deepEqual([restarted, exitCode, pending], [[web], 0, []]);
    assert.deepEqual([...new Set(running(it.world))], ["A"]);
    assert.deepEqual((await it.world.run()).restarted, []);
  });

  test("one issue tells of all the workloads it holds back", async () => {
    await using world = await startKnownWorld([
      tls("A"),
      configMap("settings"),
      ...["a", "b", "c", "d", "e"].map(uses),
    ]);
    const last = (await play(world, fight)).at(-1) as Ran;
    const told = last.issues.filter(({ code }) => code === "quarantined");
    assert.deepEqual(
      told.map(({ path }) => path),
      ["Secret/shop/tls"],
    );
    assert.match(told[0]?.message ?? "", /Deployment\/shop\/a, .* and 2 more/);
  });

  test("adopt takes the content of today, and nothing is held back any more", async () => {
    await using it = await fought();
    const report = await withPorts(it.world, (ports) => adopt(ports, testPolicy(), stateName));
    assert.deepEqual([report.cancelled.length, report.exitCode], [1, 0]);
    const { restarted, pending, exitCode } = await it.world.run();
    assert.deepEqual([restarted, pending, exitCode], [[], [], 0]);
  });

  test("a run killed at any moment of the fight or of the release restarts no more often, and nothing is missed", async () => {
    for (const at of [4, 9, 14, 19]) {
      await using world = await start();
      for (const [index, content] of [...`${fight}BABA`].entries()) {
        world.put(tls(content));
        if (index % 2 === 0) await runUntil(world, { at, when: index % 4 === 0 ? "before" : "after" });
        world.time.advance(3 * minute);
        await world.run({ identity: `run-${index}` });
        world.time.advance(quarter);
      }
      const before = world.rollouts().get(web) ?? 0;
      assert.ok(before <= 6, `${before} restarts, killed at ${at}`);
      world.time.advance(60 * minute);
      await runUntil(world, { at, when: "after" });
      world.time.advance(3 * minute);
      await world.run({ identity: "last" });
      assert.deepEqual([...new Set(running(world))], ["A"], `killed at ${at}`);
      assert.ok((world.rollouts().get(web) ?? 0) <= before + 1);
      assert.deepEqual((await world.run()).restarted, []);
    }
  });
});

suite("reroll retry", () => {
  const retried = (world: World, names = [tlsName], all = false, policy = testPolicy()) =>
    withPorts(world, (ports) => retry(ports, policy, stateName, names, all));

  for (const name of [tlsName, { ...tlsName, kind: "secrets" }, webRef, { ...webRef, kind: "deploy" }]) {
    test(`${name.kind}/${name.namespace}/${name.name}: the next run restarts once, and this one restarts nothing`, async () => {
      await using it = await fought();
      const before = it.world.rollouts();
      const report = await retried(it.world, [name]);
      assert.deepEqual(
        [report.released.length, report.released[0]?.holds, report.kept.length, report.exitCode],
        [1, true, 0, 0],
      );
      assert.deepEqual(it.world.rollouts(), before);
      const next = await it.world.run();
      assert.deepEqual([next.restarted, next.exitCode], [[web], 0]);
      assert.deepEqual((await it.world.run()).restarted, []);
    });
  }

  test("it is in the history, and status says that the next run does it", async () => {
    await using it = await fought();
    await retried(it.world);
    await withPorts(it.world, async (ports) => {
      const { entries } = await history(ports, testPolicy(), stateName, webRef);
      assert.deepEqual([entries[0]?.outcome, entries[0]?.because[0]?.source], ["released", "Secret/tls"]);
      const { pending, quarantines } = await status(ports, testPolicy(), stateName);
      assert.deepEqual([pending[0]?.reason, quarantines], ["released", []]);
    });
  });

  test("if it goes on, it is held back again after as many returns", async () => {
    await using it = await fought();
    await retried(it.world);
    const runs = await play(it.world, "ABABABA");
    assert.deepEqual(
      runs.map(({ restarted }) => restarted.length),
      [1, 1, 1, 1, 1, 0, 0],
    );
  });

  test("--all lets out what the policy covers, and only that", async () => {
    await using it = await fought();
    const elsewhere = testPolicy({ namespaces: { only: ["other"], ignore: [], selector: "" } });
    const none = await retried(it.world, [], true, elsewhere);
    assert.deepEqual([none.released.length, none.kept.length], [0, 1]);
    assert.equal((await retried(it.world, [], true)).released.length, 1);
    assert.equal((await retried(it.world, [], true)).released.length, 0);
  });

  test("a name that is not in quarantine is an error that names the nearest, and nothing changes", async () => {
    await using it = await fought();
    const { released } = { released: retried(it.world, [tlsName, { ...tlsName, name: "tsl" }]) };
    await assert.rejects(released, /Secret\/shop\/tsl is not held back; did you mean Secret\/shop\/tls\?/);
    await assert.rejects(retried(it.world, []), /--all; there are Deployment\/shop\/web, Secret\/shop\/tls/);
    assert.equal((await it.world.plan()).quarantines.length, 1);
    await using calm = await start();
    await assert.rejects(retried(calm, [tlsName]), /is not held back; nothing is/);
  });

  test("while a run is at work nothing is let out", async () => {
    await using it = await fought();
    await withPorts(it.world, async ({ lock }) => lock.write("somebody", (await lock.read()).version, "run"));
    const report = await retried(it.world);
    assert.deepEqual([report.lockedBy?.holder, report.released], ["somebody", []]);
    assert.equal((await it.world.plan()).quarantines.length, 1);
  });

  test("what is owed stays owed until that run, also where it is killed before it restarts", async () => {
    await using it = await fought();
    await retried(it.world);
    await runUntil(it.world, { at: 8, when: "before" });
    it.world.time.advance(3 * minute);
    await it.world.run({ identity: "next" });
    assert.deepEqual([...new Set(running(it.world))], ["A"]);
  });
});
