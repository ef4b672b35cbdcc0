import type { PlacementWay } from "../model/git.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Action, Change, Issue, Pending, Skip } from "../model/plan.ts";
import type { Quarantined } from "../model/quarantined.ts";
import type { PlanReport, RepositoryReport, RunReport } from "../model/report.ts";
import { unifiedDiff } from "./git.ts";
import { readerJson } from "./readers.ts";

/** A restart that is due, without what only reroll itself needs to send it. */
export type ActionJson = Pick<Action, "workload" | "because" | "wave" | "mode" | "strategy" | "stamp">;

/** What a commit changes in one repository; `base` and `commit` are null where there is none. */
interface RepositoryJson {
  readonly repository: string;
  readonly branch: string;
  readonly base: string | null;
  readonly commit: string | null;
  readonly files: readonly {
    readonly path: string;
    readonly placement: PlacementWay;
    readonly workload: Ref<string>;
    readonly object: Ref<string>;
    readonly reason: string;
    /** The file says so already. */
    readonly already: boolean;
  }[];
  /** As `git diff` shows it; empty where nothing changes. */
  readonly diff: string;
}

interface RefusalJson {
  readonly workload: Ref<string>;
  readonly code: string;
  readonly message: string;
}

/** A quarantine, as it stands in every document. `source` is null where the workload is held back as a whole. */
interface QuarantineJson extends Omit<Quarantined, "source" | "writers"> {
  readonly source: Quarantined["source"] | null;
  readonly writers: readonly string[];
}

/** `plan -o json`. The fields are documented in docs/json.md and are an interface: none is renamed or taken away. */
export interface PlanJson extends Omit<PlanReport, "actions" | "quarantines" | "git" | "refusals"> {
  readonly actions: readonly ActionJson[];
  readonly git: readonly RepositoryJson[];
  readonly refusals: readonly RefusalJson[];
  readonly quarantines: readonly QuarantineJson[];
}

/** `run -o json`: the plan that was carried out, and what became of it. `lockedBy` is null where this run held the lock. */
export interface RunJson extends PlanJson {
  readonly outcomes: readonly Outcome[];
  readonly lockedBy: { readonly holder: string; readonly until: string } | null;
}

/** The document of `plan -o json`; every field is there, whatever its value. */
export function planJson(report: PlanReport): PlanJson {
  const { coverage } = report;
  return {
    actions: report.actions.map(({ workload, because, wave, mode, strategy, stamp }) => ({
      workload: refJson(workload),
      because: because.map(changeJson),
      wave,
      mode,
      strategy,
      stamp,
    })),
    git: report.git.map(repositoryJson),
    refusals: report.refusals.map(({ workload, code, message }) => ({ workload: refJson(workload), code, message })),
    reconciles: report.reconciles.map(readerJson),
    pending: report.pending.map(pendingJson),
    quarantines: report.quarantines.map(quarantineJson),
    skips: report.skips.map(skipJson),
    issues: report.issues.map(issueJson),
    coverage: {
      workloads: coverage.workloads,
      workloadsSeen: coverage.workloadsSeen,
      sources: coverage.sources,
      sourcesSeen: coverage.sourcesSeen,
    },
    adopted: report.adopted.map(refJson),
    firstRun: report.firstRun,
    keyMissing: report.keyMissing,
    exitCode: report.exitCode,
  };
}

/** The document of `run -o json`; every field is there, whatever its value. */
export function runJson(report: RunReport): RunJson {
  const { exitCode, ...plan } = planJson(report);
  return {
    ...plan,
    outcomes: report.outcomes.map(({ workload, outcome, reason, message, durationMs }) => ({
      workload: refJson(workload),
      outcome,
      reason,
      message,
      durationMs,
    })),
    lockedBy: report.lockedBy ? { holder: report.lockedBy.holder, until: report.lockedBy.until } : null,
    exitCode,
  };
}

function repositoryJson({ repository, branch, base, commit, placements, changes }: RepositoryReport): RepositoryJson {
  return {
    repository,
    branch,
    base: base ?? null,
    commit: commit ?? null,
    files: placements.map(({ workload, object, way, path, reason, already }) => ({
      path,
      placement: way,
      workload: refJson(workload),
      object: refJson(object),
      reason,
      already,
    })),
    diff: unifiedDiff(changes),
  };
}

interface Ref<Kind extends string> {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** Only what is documented: a field that is added inside must not become part of the interface by accident. */
export function refJson<Kind extends string>({ kind, namespace, name }: Ref<Kind>): Ref<Kind> {
  return { kind, namespace, name };
}

/** A change, as it stands in `because`. */
export function changeJson({ source, change, keys }: Change): Change {
  return { source: refJson(source), change, keys: [...keys] };
}

/** A restart that is owed, as it stands in every document. */
export function pendingJson({ workload, because, reason, message, since }: Pending): Pending {
  return { workload: refJson(workload), because: because.map(changeJson), reason, message, since };
}

/** What is held back because it looks like a loop, as it stands in every document. */
export function quarantineJson(quarantine: Quarantined): QuarantineJson {
  const { workload, source, rule, count, since, changedAt, until, writers, holds } = quarantine;
  return {
    workload: refJson(workload),
    source: source ? refJson(source) : null,
    rule,
    count,
    since,
    changedAt,
    until,
    writers: [...(writers ?? [])],
    holds,
  };
}

function skipJson({ workload, source, reason, message }: Skip): Skip {
  return { workload: refJson(workload), source: refJson(source), reason, message };
}

/** An issue, as it stands in every document that has them. */
export function issueJson({ code, path, message }: Issue): Issue {
  return { code, path, message };
}
