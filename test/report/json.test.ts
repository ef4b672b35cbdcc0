import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { adopt } from "../../src/commands/adopt.ts";
import { doctor } from "../../src/commands/doctor.ts";
import { explain } from "../../src/commands/explain.ts";
import { history } from "../../src/commands/history.ts";
import { retry } from "../../src/commands/retry.ts";
import { status } from "../../src/commands/status.ts";
import { adoptJson } from "../../src/report/adopt.ts";
import { doctorJson } from "../../src/report/doctor.ts";
import { explainJson } from "../../src/report/explain-json.ts";
import { historyJson } from "../../src/report/history.ts";
import { planJson, runJson } from "../../src/report/json.ts";
import { retryJson } from "../../src/report/retry.ts";
import { statusJson } from "../../src/report/status.ts";
import { withPorts } from "../commands/support.ts";
import { configMap, deployment, envFrom, secret, workload } from "../support/manifests.ts";
import { testPolicy } from "../support/policy.ts";
import { startKnownWorld, startWorld, stateName, type World } from "../support/world.ts";
import { fullPlan, fullRun, gitPlan, loopingRun, quietPlan, quietRun, strategicPlan } from "./reports.ts";
import { faults, paths, type Shape } from "./shape.ts";
import * as words from "./shapes.ts";

/** Compares what a reader of stdout gets, so that a field that is undefined counts as missing. */
function assertShape(document: string, value: unknown): void {
  const shape = words.shapes[document];
  assert.ok(shape);
  assert.deepEqual(faults(JSON.parse(JSON.stringify(value)), shape), []);
}

/** A cluster in which something is due, owed, left out, misspelt and not there. */
async function busyWorld(): Promise<World> {
  const both = envFrom(["ConfigMap", "settings"], ["Secret", "creds"], ["ConfigMap", "absent"]);
  const world = await startKnownWorld([
    [configMap("settings"), secret("creds")],
    deployment("web", both, { template: { annotations: { "reloader.stakater.com/atuo": "true" } } }),
    deployment("paused", both, { spec: { paused: true } }),
    deployment("silent", both, { annotations: {} }),
    workload("empty"),
  ]);
  world.put(configMap("settings", { a: "2", b: "1" }), deployment("late", both));
  return world;
}

suite("documents of -o json", () => {
  test("plan and run: hand-made reports with something and with nothing of everything", () => {
    for (const report of [
      fullPlan(),
      quietPlan(),
      strategicPlan(),
      gitPlan(),
      fullPlan({ exitCode: 3, keyMissing: true }),
    ]) {
      assertShape("plan", planJson(report));
    }
    const locked = quietRun({ lockedBy: { holder: "x", until: "2026-10-01T05:06:00Z" } });
    for (const report of [fullRun(), quietRun(), loopingRun(), locked]) assertShape("run", runJson(report));
  });

  test("plan: each restart tells its strategy", () => {
    const told = planJson(strategicPlan()).actions.map(({ workload, strategy }) => [workload.name, strategy]);
    assert.deepEqual(told, [
      ["canary", "restart"],
      ["nightly", "trigger"],
      ["web", "rollout"],
    ]);
  });

  test("every command on a real cluster, before the first run and in the middle of things", async () => {
    await using empty = await startWorld([deployment("web", envFrom(["ConfigMap", "settings"]))]);
    await using busy = await busyWorld();
    for (const world of [empty, busy]) {
      assertShape("plan", planJson(await world.plan()));
      await withPorts(world, async (ports, server) => {
        for (const { metadata } of world.cluster.api.list("Deployment")) {
          const ref = { kind: "Deployment", namespace: metadata.namespace ?? "", name: metadata.name };
          assertShape("explain", explainJson(await explain(ports, testPolicy(), stateName, ref)));
        }
        assertShape("doctor", doctorJson(await doctor(ports, testPolicy(), stateName, server)));
      });
      assertShape("run", runJson(await world.run()));
      await withPorts(world, async (ports) => {
        assertShape("status", statusJson(await status(ports, testPolicy(), stateName)));
        const web = { kind: "Deployment", namespace: "shop", name: "web" };
        for (const asked of [undefined, web]) {
          assertShape("history", historyJson(await history(ports, testPolicy(), stateName, asked)));
        }
        world.put(configMap("settings", { a: "3" }));
        assertShape("adopt", adoptJson(await adopt(ports, testPolicy(), stateName)));
        assertShape("retry", retryJson(await retry(ports, testPolicy(), stateName, [], true)));
        await ports.lock.write("somebody", (await ports.lock.read()).version, "run");
        assertShape("adopt", adoptJson(await adopt(ports, testPolicy(), stateName)));
      });
    }
  });

  test("the busy cluster has something of everything, or the test above would prove little", async () => {
    await using world = await busyWorld();
    const plan = planJson(await world.plan());
    for (const field of ["actions", "pending", "skips", "issues", "adopted"] as const) {
      assert.notEqual(plan[field].length, 0, field);
    }
    assert.notEqual(runJson(await world.run()).outcomes.length, 0);
  });

  test("what is due inside a run is no part of the document: guards and the like stay inside", () => {
    const text = JSON.stringify(runJson(fullRun()));
    for (const inner of ["guard", "hasTemplateAnnotations", "restartedAt", "manual"]) {
      assert.ok(!text.includes(`"${inner}"`), inner);
    }
  });
});

suite("docs/json.md", () => {
  const page = readFileSync(new URL("../../docs/json.md", import.meta.url), "utf8");
  const sections = new Map(
    page.split(/^#+ /m).map((text) => [text.slice(0, text.indexOf("\n")).trim(), text] as const),
  );
  const documented = (section: string) =>
    [...(sections.get(section) ?? "").matchAll(/^\| `([^`]+)` \|/gm)].map(([, field]) => field);

  const rows: [string, Shape][] = [...Object.entries(words.types), ...Object.entries(words.shapes)];
  for (const [name, shape] of rows) {
    test(`${name}: exactly the fields that are there`, () => {
      const plan = words.shapes.plan;
      const inherited = name === "run" && plan ? paths(plan).filter((path) => path !== "exitCode") : [];
      assert.deepEqual(
        documented(name).sort(),
        paths(shape)
          .filter((path) => !inherited.includes(path))
          .sort(),
      );
    });
  }

  const vocabulary = {
    change: words.changeKinds,
    pending: words.pendingReasons,
    plan: [...words.skipReasons, ...words.strategyWords],
    run: words.outcomeWords,
    explain: [...words.verdictWords, ...words.ruleNames, ...words.standings, ...words.origins],
  };
  for (const [section, all] of Object.entries(vocabulary)) {
    test(`${section}: every word that may stand there`, () => {
      const text = sections.get(section) ?? "";
      assert.deepEqual(
        all.filter((word) => !text.includes(`\`${word}\``)),
        [],
      );
    });
  }
});
