import { endText, loopText } from "../../src/model/loops.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import type { Action, Change, Issue, Pending, Skip } from "../../src/model/plan.ts";
import { type Quarantined, retryCommand } from "../../src/model/quarantined.ts";
import type { SourceRef, WorkloadRef } from "../../src/model/ref.ts";
import type { PlanReport, RunReport } from "../../src/model/report.ts";
import { quarantineIssues } from "../../src/survey/quarantines.ts";

export const web: WorkloadRef = { kind: "Deployment", namespace: "shop", name: "web" };
export const db: WorkloadRef = { kind: "StatefulSet", namespace: "shop", name: "db" };
export const cart: WorkloadRef = { kind: "Deployment", namespace: "shop", name: "cart" };
export const api: WorkloadRef = { kind: "Deployment", namespace: "shop", name: "api" };
const agent: WorkloadRef = { kind: "DaemonSet", namespace: "monitoring", name: "agent" };

export const webConfig: SourceRef = { kind: "ConfigMap", namespace: "shop", name: "web-config" };
export const creds: SourceRef = { kind: "Secret", namespace: "shop", name: "creds" };
const feature: SourceRef = { kind: "ConfigMap", namespace: "shop", name: "feature-flags" };

const configChange: Change = { source: webConfig, change: "modified", keys: ["LOG_LEVEL", "PORT"] };
const credsChange: Change = { source: creds, change: "modified", keys: ["password"] };

function action(workload: WorkloadRef, because: Change[], more: Partial<Action> = {}): Action {
  return {
    workload,
    because,
    mode: "direct",
    directStamp: "",
    wave: 0,
    strategy: "rollout",
    stamp: "a1b2c3d4 ConfigMap/web-config=3f2a9b1c0d4e.9c21 Secret/creds=77aa01bc9e2f.*",
    guard: { uid: "u", generation: 3, stamps: { direct: undefined, git: undefined }, hasTemplateAnnotations: true },
    restartedAt: false,
    manual: undefined,
    ...more,
  };
}

const actions: Action[] = [
  action(web, [configChange, credsChange]),
  action(db, [{ source: creds, change: "modified", keys: [] }], { manual: "OnDelete" }),
];

const pending: Pending[] = [
  {
    workload: cart,
    because: [credsChange],
    reason: "paused",
    message: "the Deployment is paused (spec.paused); it is restarted once it is resumed",
    since: "2026-10-01T03:00:00Z",
  },
];

const skips: Skip[] = [
  {
    workload: api,
    source: webConfig,
    reason: "keys-not-used",
    message: "the keys that changed are not among those the pods read",
  },
  { workload: api, source: creds, reason: "excluded", message: "the workload excludes creds by name" },
  {
    workload: web,
    source: feature,
    reason: "source-ignored",
    message: "the ConfigMap says that nothing restarts for it",
  },
];

const issues: Issue[] = [
  {
    code: "annotation-invalid-value",
    path: "Deployment/shop/web reloader.stakater.com/auto",
    message: '"yes" is neither true nor false and counts as false; give "true" or "false"',
  },
];

export const quarantines: Quarantined[] = [
  {
    workload: web,
    source: creds,
    rule: "returns",
    count: 3,
    since: "2026-10-01T03:45:00Z",
    changedAt: "2026-10-01T04:45:00Z",
    until: "2026-10-01T05:45:00Z",
    writers: ["cert-manager-certificates-issuing", "kubectl-edit"],
    holds: true,
  },
  {
    workload: db,
    source: undefined,
    rule: "restarts",
    count: 12,
    since: "2026-10-01T04:15:00Z",
    changedAt: "2026-10-01T04:15:00Z",
    until: "2026-10-01T05:15:00Z",
    holds: false,
  },
];

/** A plan in which nothing is due and nothing is to be said. */
export function quietPlan(changes: Partial<PlanReport> = {}): PlanReport {
  return {
    actions: [],
    git: [],
    refusals: [],
    reconciles: [],
    pending: [],
    quarantines: [],
    skips: [],
    issues: [],
    coverage: { workloads: 6, workloadsSeen: 14, sources: 9, sourcesSeen: 40 },
    adopted: [],
    firstRun: false,
    keyMissing: false,
    exitCode: 0,
    ...changes,
  };
}

/** A plan in which two workloads are restarted by other strategies than `rollout`. */
export function strategicPlan(): PlanReport {
  const canary = { kind: "Rollout", namespace: "shop", name: "canary" };
  const nightly = { kind: "CronJob", namespace: "shop", name: "nightly" };
  return quietPlan({
    actions: [
      action(canary, [configChange], { strategy: "restart" }),
      action(nightly, [credsChange], { strategy: "trigger" }),
      action(web, [configChange]),
    ],
  });
}

/** A plan with something of everything. */
export function fullPlan(changes: Partial<PlanReport> = {}): PlanReport {
  return quietPlan({ actions, pending, skips, issues, adopted: [agent], ...changes });
}

const stampLine = '        reroll.dev/git-stamp: "a1b2c3d4 ConfigMap/web-config=3f2a9b1c0d4e.9c21"\n';
const webFile = "spec:\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      containers: []\n";

/** A plan in git mode: one commit for a workload and a HelmRelease, and one workload that no commit can restart. */
export function gitPlan(changes: Partial<PlanReport> = {}): PlanReport {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const dbObject = { kind: "HelmRelease", namespace: "data", name: "postgres" };
  return quietPlan({
    actions: [
      action(web, [configChange], { mode: "git" }),
      action(db, [{ source: creds, change: "modified", keys: [] }], { mode: "git" }),
    ],
    pending: [
      {
        workload: agent,
        because: [credsChange],
        reason: "unresolvable",
        message: "SHARED_BASE: apps/base/agent.yaml is used by others too",
        since: "2026-10-01T04:00:00Z",
      },
    ],
    git: [
      {
        repository: "https://git.example.org/fleet",
        branch: "main",
        base: "0123456789abcdef0123456789abcdef01234567",
        commit: undefined,
        placements: [
          {
            workload: web,
            object: web,
            way: "in-place",
            path: "apps/web.yaml",
            reason: "it defines it, and nobody else uses it",
            already: false,
          },
          {
            workload: db,
            object: dbObject,
            way: "overlay",
            path: "apps/home/kustomization.yaml",
            reason: "its definition is shared",
            already: true,
          },
        ],
        changes: [
          {
            path: "apps/web.yaml",
            before: bytes(webFile),
            after: bytes(webFile.replace("    metadata:\n", `    metadata:\n      annotations:\n${stampLine}`)),
          },
        ],
      },
    ],
    refusals: [{ workload: agent, code: "SHARED_BASE", message: "apps/base/agent.yaml is used by others too" }],
    ...changes,
  });
}

export const outcomes: Outcome[] = [
  {
    workload: web,
    outcome: "restarted",
    reason: "Current",
    message: "all 3 pods run with the new content",
    durationMs: 72_000,
  },
  {
    workload: db,
    outcome: "needs-manual",
    reason: "OnDelete",
    message: "the update strategy is OnDelete: each pod takes the new content when you delete it",
    durationMs: 0,
  },
  {
    workload: agent,
    outcome: "failed",
    reason: "CrashLoopBackOff",
    message: "container agent of pod agent-x7 ends again and again; read its log with kubectl logs",
    durationMs: 185_400,
  },
];

/** A run that did nothing. */
export function quietRun(changes: Partial<RunReport> = {}): RunReport {
  return { ...quietPlan(), outcomes: [], lockedBy: undefined, ...changes };
}

/** A run that holds back what looks like a loop. */
export function loopingRun(): RunReport {
  const [first] = quarantines as [Quarantined, ...Quarantined[]];
  const loop = { ...first, source: "Secret/creds" };
  const message = `${loopText(loop)}. Held back ${endText(loop, retryCommand(web))}`;
  const owed = { workload: web, because: [credsChange], reason: "quarantined", message, since: first.since } as const;
  return quietRun({ pending: [owed], quarantines, issues: quarantineIssues(quarantines), exitCode: 6 });
}

/** A run with something of everything. */
export function fullRun(changes: Partial<RunReport> = {}): RunReport {
  return { ...fullPlan({ exitCode: 5 }), outcomes, lockedBy: undefined, ...changes };
}

export { agent, pending };
