import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { renderPlan, renderRun } from "../../src/report/text.ts";
import { golden } from "./golden.ts";
import {
  agent,
  api,
  creds,
  db,
  fullPlan,
  fullRun,
  gitPlan,
  loopingRun,
  quietPlan,
  quietRun,
  strategicPlan,
  web,
} from "./reports.ts";

const style = { color: false, now: "2026-10-01T05:05:00Z" };
const blind = {
  code: "not-observed",
  path: "Secret in shop",
  message: "list secrets in namespace shop: refused (403)",
};

golden("plans and runs, as people read them", {
  "plan-with-something-of-everything": () => renderPlan(fullPlan(), style),
  "plan-in-git-mode-shows-the-commit-it-would-make": () => renderPlan(gitPlan(), { ...style, width: 100 }),
  "plan-names-the-strategy-where-it-is-no-rollout": () => renderPlan(strategicPlan(), style),
  "plan-in-colour": () => renderPlan(fullPlan({ exitCode: 3 }), { ...style, color: true }),
  "plan-in-a-narrow-terminal-breaks-sentences": () => renderPlan(fullPlan(), { ...style, width: 60 }),
  "plan-without-anything-to-do-is-one-calm-line-and-the-count": () => renderPlan(quietPlan(), style),
  "plan-of-a-first-run-says-that-it-restarts-nothing": () =>
    renderPlan(quietPlan({ firstRun: true, adopted: [web, db] }), style),
  "plan-of-a-first-run-that-finds-stamps-says-where-it-knows-from": () =>
    renderPlan(fullPlan({ firstRun: true }), style),
  "plan-where-nothing-asks-for-restarts-says-how-to-begin": () =>
    renderPlan(quietPlan({ coverage: { workloads: 0, workloadsSeen: 1, sources: 0, sourcesSeen: 1 } }), style),
  "plan-of-a-first-run-where-nothing-asks-says-how-to-begin": () =>
    renderPlan(
      quietPlan({ firstRun: true, coverage: { workloads: 0, workloadsSeen: 3, sources: 0, sourcesSeen: 9 } }),
      style,
    ),
  "plan-that-saw-a-part-only-says-so-and-why-the-exit-code-is-not-0": () =>
    renderPlan(quietPlan({ issues: [blind], exitCode: 3 }), style),
  "plan-without-the-digest-key-says-what-that-means": () => renderPlan(quietPlan({ keyMissing: true }), style),
  "run-with-something-of-everything": () => renderRun(fullRun(), style),
  "run-in-colour": () => renderRun(fullRun(), { ...style, color: true }),
  "run-without-anything-to-do": () => renderRun(quietRun(), style),
  "run-that-holds-back-what-looks-like-a-loop": () => renderRun(loopingRun(), style),
  "run-that-was-the-first": () => renderRun(quietRun({ firstRun: true, adopted: [web, db] }), style),
  "run-that-was-ended-by-a-signal": () => renderRun(quietRun({ exitCode: 143 }), style),
  "run-while-another-holds-the-lock-says-who-and-until-when": () =>
    renderRun(quietRun({ lockedBy: { holder: "reroll-28-x", until: "2026-10-01T05:06:00Z" } }), style),
});

suite("text for people", () => {
  test("nothing of the cluster reaches the terminal as a command", () => {
    const evil = "\u001b]0;owned\u0007\u009b31m\u202egnp.\r\nDeployment/shop/fake  restarted";
    const name = { kind: "Deployment", namespace: `shop${evil}`, name: evil };
    const source = { kind: "ConfigMap" as const, namespace: "elsewhere", name: evil };
    const because = [{ source, change: "modified" as const, keys: [evil] }];
    const report = fullRun({
      pending: [{ workload: name, because, reason: "failed", message: evil, since: evil }],
      skips: [{ workload: name, source, reason: "excluded", message: evil }],
      issues: [{ code: evil, path: evil, message: evil }],
      adopted: [name],
      outcomes: [{ workload: name, outcome: "failed", reason: evil, message: evil, durationMs: 1 }],
    });
    for (const text of [
      renderRun(report, style),
      renderPlan(report, style),
      renderRun({ ...report, lockedBy: { holder: evil, until: evil } }, style),
    ]) {
      assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
      assert.doesNotMatch(text, /^\s*Deployment\/shop\/fake/m, "no line of its own");
    }
  });

  test("without colours there is not one escape sequence, with colours the words are the same", () => {
    const without = renderRun(fullRun(), style);
    const withColour = renderRun(fullRun(), { ...style, color: true });
    assert.ok(!without.includes("\u001b"));
    assert.equal(stripVTControlCharacters(withColour), without);
  });

  test("restarts that are due are all shown; long lists without urgency are cut, with a count", () => {
    const many = Array.from({ length: 500 }, (_, index) => ({ ...api, name: `api-${index}` }));
    const [first] = fullPlan().actions;
    assert.ok(first);
    const text = renderPlan(
      quietPlan({
        actions: many.map((workload) => ({ ...first, workload })),
        adopted: many.map((workload) => ({ ...workload, kind: agent.kind })),
        issues: many.map(({ name }) => ({ code: "x", path: name, message: "look" })),
      }),
      style,
    );
    assert.equal(text.match(/Deployment\/shop\/api-/g)?.length, 500);
    assert.equal(text.match(/DaemonSet\/shop\/api-/g)?.length, 10);
    assert.match(text, /and 490 more; -o json lists all of them/);
    assert.match(text, /and 460 more; -o json lists all of them/);
  });

  test("a source of another namespace is told with its namespace", () => {
    const source = { ...creds, namespace: "other" };
    const text = renderPlan(
      quietPlan({ skips: [{ workload: api, source, reason: "other-namespace", message: "not its own namespace" }] }),
      style,
    );
    assert.match(text, /Secret\/other\/creds/);
  });

  test("every golden file is compared with something", () => {
    const here = new URL("./", import.meta.url);
    const tests = readdirSync(here).filter((file) => file.endsWith(".test.ts"));
    const all = tests.map((file) => readFileSync(new URL(file, here), "utf8")).join("\n");
    const files = readdirSync(new URL("../../fixtures/report/", import.meta.url));
    const unused = files.filter((file) => !all.includes(`"${file.slice(0, -".txt".length)}"`));
    assert.deepEqual(unused, []);
  });
});
