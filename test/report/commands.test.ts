import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { ExplainedSource, ExplainReport } from "../../src/model/report-explain.ts";
import type { CommittedRestart, HistoryReport, PastEvent, StatusReport } from "../../src/model/report-memory.ts";
import type { RetryReport } from "../../src/model/report-retry.ts";
import { renderAdopt } from "../../src/report/adopt.ts";
import { renderDoctor } from "../../src/report/doctor.ts";
import { renderExplain } from "../../src/report/explain.ts";
import { renderHistory } from "../../src/report/history.ts";
import { renderRetry } from "../../src/report/retry.ts";
import { renderStatus } from "../../src/report/status.ts";
import type { Style } from "../../src/report/style.ts";
import { golden } from "./golden.ts";
import { agent, cart, creds, db, fullPlan, pending, quarantines, web, webConfig } from "./reports.ts";

const style: Style = { color: false, now: "2026-10-01T05:05:00Z" };
const because = [{ source: "ConfigMap/web-config", change: "modified" as const, keys: ["LOG_LEVEL"] }];

const source: ExplainedSource = {
  source: webConfig,
  eligible: true,
  rule: "auto",
  reason: undefined,
  message: "the workload restarts for what its pod template uses",
  annotation: { key: "reloader.stakater.com/auto", value: "true", from: "workload" },
  tried: [
    { rule: "other-namespace", says: "pass" },
    { rule: "named", says: "pass" },
    { rule: "auto", says: "yes" },
  ],
  where: ["container app, env LOG_LEVEL", "volume config"],
  watched: ["LOG_LEVEL", "PORT"],
  sight: "present",
  sightError: undefined,
  lastWrite: "2026-10-01T05:00:00Z",
  standing: "due",
  change: { source: webConfig, change: "modified", keys: ["LOG_LEVEL"] },
  rolledOut: { keyId: "a1b2c3d4", digest: "3f2a9b1c0d4e", keys: ["LOG_LEVEL", "PORT"] },
};

const excluded: ExplainedSource = {
  ...source,
  source: creds,
  eligible: false,
  rule: "excluded",
  reason: "excluded",
  message: "the workload excludes creds by name",
  annotation: { key: "secrets.exclude.reloader.stakater.com/reload", value: "creds", from: "template" },
  tried: [{ rule: "excluded", says: "no" }],
  where: [],
  sight: "unobserved",
  sightError: "list secrets in namespace shop: refused (403)",
  lastWrite: undefined,
  standing: undefined,
  change: undefined,
  rolledOut: undefined,
};

function explained(changes: Partial<ExplainReport> = {}): ExplainReport {
  return {
    workload: web,
    verdict: "restart",
    message: "a run would restart it now, because of ConfigMap/web-config (modified: LOG_LEVEL)",
    sources: [source, excluded],
    annotations: [
      { name: "auto", key: "reloader.stakater.com/auto", value: "true", from: "workload" },
      { name: "secretExclude", key: "secrets.exclude.reloader.stakater.com/reload", value: "creds", from: "template" },
    ],
    mode: { word: "direct", known: true, level: "configuration", object: undefined, annotation: undefined },
    committed: undefined,
    strategy: { word: "rollout", known: true, level: "kind", object: undefined, annotation: undefined },
    settings: [
      {
        name: "auto",
        value: false,
        level: "configuration",
        object: undefined,
        annotation: undefined,
        source: undefined,
      },
      {
        name: "reloadOnDelete",
        value: true,
        level: "namespace",
        object: "Namespace/shop",
        annotation: { key: "reroll.dev/reload-on-delete", value: "true" },
        source: undefined,
      },
      {
        name: "paused",
        value: true,
        level: "source",
        object: "ConfigMap/shop/web-config",
        annotation: { key: "reroll.dev/paused", value: "soon" },
        source: webConfig,
      },
    ],
    knowledge: {
      origin: "record",
      stamps: { direct: "a1b2c3d4 ConfigMap/web-config=3f2a9b1c0d4e.9c21", git: undefined },
      recordedAt: "2026-09-30T05:05:00Z",
    },
    pending: undefined,
    quarantines: [],
    unverified: undefined,
    stripped: undefined,
    issues: [],
    exitCode: 0,
    ...changes,
  };
}

const unfinished = explained({
  verdict: "pending",
  message: "a restart is owed, and not done now (paused): the Deployment is paused",
  sources: [
    { ...source, standing: "kept-absent", sight: "absent", watched: "*", change: undefined, rolledOut: "absent" },
    { ...source, source: creds, standing: "key-lost", change: undefined, rolledOut: "unknown", watched: [] },
  ],
  pending: { ...pending[0], workload: web } as (typeof pending)[number],
  unverified: { stamp: "a1b2c3d4", startedAt: "2026-10-01T05:00:00Z", because },
  stripped: { since: "2026-09-29T05:05:00Z", managers: ["helm", "operator"] },
  knowledge: { origin: "stripped", stamps: { direct: undefined, git: undefined }, recordedAt: "2026-09-30T05:05:00Z" },
  issues: fullPlan().issues,
  exitCode: 3,
});

const events: PastEvent[] = [
  {
    at: "2026-10-01T04:00:00Z",
    namespace: "shop",
    workload: web,
    outcome: "restarted",
    reason: "3 pods updated and available",
    durationMs: 72_000,
    because,
  },
  {
    at: "2026-10-01T03:30:00Z",
    namespace: "monitoring",
    workload: agent,
    outcome: "failed",
    reason: "container agent ends again and again",
    durationMs: 185_400,
    because: [{ source: "Secret/creds", change: "removed", keys: [] }],
  },
  {
    at: "2026-09-30T05:05:00Z",
    namespace: "shop",
    workload: undefined,
    outcome: "adopted",
    reason: "4 workloads seen for the first time",
    durationMs: 0,
    because: [],
  },
];

const past = (changes: Partial<HistoryReport> = {}): HistoryReport => ({
  workload: undefined,
  known: true,
  entries: events,
  exitCode: 0,
  ...changes,
});

function state(changes: Partial<StatusReport> = {}): StatusReport {
  return {
    state: { namespace: "reroll-system", name: "reroll-state", known: true, bytes: 5615, shards: 0 },
    lastRun: { at: "2026-10-01T05:00:00Z", holder: undefined },
    remembered: { namespaces: 2, sources: 9, workloads: 5 },
    pending: [],
    quarantines: [],
    unverified: [],
    committed: [],
    stripped: [],
    gone: [],
    recent: [],
    issues: [],
    exitCode: 0,
    ...changes,
  };
}

const committed: CommittedRestart = {
  workload: web,
  stamp: "a1b2c3d4 ConfigMap/web-config=3f2a9b1c0d4e.9c21",
  repository: "https://git.example.org/fleet",
  branch: "main",
  commit: "0123456789abcdef0123456789abcdef01234567",
  at: "2026-10-01T04:05:00Z",
};
const takenBack: CommittedRestart = { ...committed, workload: cart, reverted: true };

const inGitMode = explained({
  verdict: "pending",
  message: "a restart is asked for by commit 0123456789ab on main of https://git.example.org/fleet",
  mode: {
    word: "git",
    known: true,
    level: "namespace",
    object: "Namespace/shop",
    annotation: { key: "reroll.dev/mode", value: "git" },
  },
  knowledge: {
    origin: "stamp",
    stamps: { direct: "a1b2c3d4 Secret/creds=77aa01bc9e2f.*", git: "a1b2c3d4 Secret/creds=11aa01bc9e2f.*" },
    recordedAt: "2026-09-30T05:05:00Z",
  },
  committed,
});

const busy = state({
  state: { namespace: "reroll-system", name: "reroll-state", known: true, bytes: 912, shards: 4 },
  lastRun: { at: "2026-10-01T05:04:30Z", holder: "reroll-28-x" },
  pending: [{ workload: cart, since: "2026-10-01T03:00:00Z", reason: "paused", because }],
  quarantines,
  unverified: [{ workload: db, stamp: "a1b2c3d4", startedAt: "2026-10-01T05:00:00Z", because }],
  committed: [committed, takenBack],
  stripped: [{ workload: web, since: "2026-09-29T05:05:00Z", managers: [] }],
  gone: [{ source: creds, since: "2026-09-30T05:05:00Z" }],
  recent: events,
});

const refused = { code: "not-observed", path: "Lease reroll", message: "get leases: refused (403)" };
const nothingKnown = state({
  state: { namespace: "reroll-system", name: "reroll-state", known: false, bytes: 0, shards: 0 },
  lastRun: undefined,
});

const retried: RetryReport = {
  released: quarantines.slice(0, 1),
  kept: quarantines.slice(1),
  releasedCommits: [],
  keptCommits: [],
  lockedBy: undefined,
  exitCode: 0,
};

const adoption = {
  cancelled: fullPlan().actions.map(({ workload, because: changes }) => ({ workload, because: changes })),
  adopted: [agent],
  coverage: fullPlan().coverage,
  issues: fullPlan().issues,
  lockedBy: undefined,
  exitCode: 0,
} as const;

const check = { advice: undefined, details: [] } as const;
const examined = {
  checks: [
    {
      ...check,
      name: "API server",
      outcome: "ok",
      message: "https://example:6443 is Kubernetes v1.36.3 and answers in 12 ms",
    },
    {
      name: "rights",
      outcome: "problem",
      message: "1 of 27 that a run uses is missing",
      advice: "Grant them to this identity.",
      details: ['ClusterRole: {apiGroups: ["apps"], resources: ["deployments"], verbs: ["patch"]}'],
    },
    { ...check, name: "clock", outcome: "warning", message: "45 s ahead", advice: "Set one of the two clocks right." },
  ],
  exitCode: 3,
} as const;
const unreachable = {
  checks: [
    {
      ...check,
      name: "API server",
      outcome: "problem",
      message: "cannot reach example:6443",
      advice: "Check the address.",
    },
  ],
  exitCode: 75,
} as const;

const rows: Readonly<Record<string, (style: Style) => string>> = {
  "explain-a-restart-that-is-due": (style) => renderExplain(explained(), style),
  "explain-what-is-owed-unfinished-and-not-known": (style) => renderExplain(unfinished, style),
  "explain-what-is-committed-and-waits-for-flux": (style) => renderExplain(inGitMode, style),
  "explain-a-workload-that-says-nothing-and-uses-nothing": (style) =>
    renderExplain(
      explained({
        verdict: "not-asked",
        message: "a run leaves it alone",
        sources: [],
        annotations: [],
        settings: [],
        strategy: {
          word: "recraete",
          known: false,
          level: "workload",
          object: "Deployment/shop/web",
          annotation: { key: "reroll.dev/strategy", value: "recraete" },
        },
        knowledge: undefined,
      }),
      style,
    ),
  "history-newest-first": (style) => renderHistory(past(), style),
  "history-of-a-workload-nothing-was-done-to": (style) => renderHistory(past({ workload: web, entries: [] }), style),
  "history-that-is-empty": (style) => renderHistory(past({ entries: [] }), style),
  "status-with-something-of-everything": (style) => renderStatus(busy, style),
  "status-when-all-is-quiet": (style) => renderStatus(state(), style),
  "status-without-a-state-and-without-the-lease": (style) =>
    renderStatus({ ...nothingKnown, issues: [refused], exitCode: 3 }, style),
  "retry-that-releases-one-and-leaves-one": (style) => renderRetry(retried, style),
  "retry-that-lets-a-commit-be-made-again": (style) =>
    renderRetry({ ...retried, releasedCommits: [takenBack], keptCommits: [{ ...takenBack, workload: db }] }, style),
  "retry-where-nothing-is-in-quarantine": (style) => renderRetry({ ...retried, released: [], kept: [] }, style),
  "adopt-with-something-of-everything": (style) => renderAdopt(adoption, style),
  "doctor-with-a-warning-and-a-problem": (style) => renderDoctor(examined, style),
  "doctor-that-cannot-reach-anything": (style) => renderDoctor(unreachable, style),
};

golden(
  "the other commands, as people read them",
  Object.fromEntries(Object.entries(rows).map(([claim, render]) => [claim, () => render(style)])),
);

suite("the other commands", () => {
  test("colours add nothing but colours", () => {
    for (const render of Object.values(rows)) {
      assert.ok(!render(style).includes("\u001b"));
      assert.equal(stripVTControlCharacters(render({ ...style, color: true })), render(style));
    }
  });

  test("nothing of the cluster reaches the terminal as a command", () => {
    const evil = "\u001b]0;owned\u0007\u009b31m\u202e\r\nfake line";
    const poisoned = <Report>(report: Report): Report =>
      JSON.parse(JSON.stringify(report), (_key, value) =>
        typeof value === "string" && !keeps.has(value) ? `${value}${evil}` : value,
      );
    // Words by which renderers choose: they come from our own code only.
    const keeps = new Set([
      ...[
        "due",
        "kept-absent",
        "key-lost",
        "restart",
        "pending",
        "record",
        "stripped",
        "workload",
        "template",
        "source",
      ],
      ...[
        "present",
        "absent",
        "unobserved",
        "unknown",
        "restarted",
        "failed",
        "adopted",
        "ok",
        "warning",
        "problem",
        "*",
      ],
      ...["modified", "removed", "added", "paused", "returns", "restarts"],
    ]);
    for (const text of [
      renderExplain(poisoned(explained()), style),
      renderExplain(poisoned(unfinished), style),
      renderHistory(poisoned(past()), style),
      renderStatus(poisoned(busy), style),
      renderAdopt(poisoned(adoption), style),
      renderRetry(poisoned(retried), style),
      renderDoctor(poisoned(examined), style),
    ]) {
      assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
      assert.doesNotMatch(text, /^\s*fake line/m);
    }
  });
});
