import { type ExitCode, exitTable } from "../model/exit.ts";
import { instant } from "../model/instant.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Action, Change } from "../model/plan.ts";
import { compareRefs, formatRef, type WorkloadRef } from "../model/ref.ts";
import type { PlanReport, RunReport } from "../model/report.ts";
import { strategies } from "../model/strategies.ts";
import { gitSections, refusalSection } from "./git.ts";
import { outcomeOrder, outcomeTone } from "./outcome.ts";
import { readerSection } from "./readers.ts";
import {
  adoptedSection,
  blocks,
  changeRows,
  issueSection,
  leftAlone,
  otherSources,
  pendingSection,
  skipSection,
} from "./sections.ts";
import { type Cell, paint, type Style } from "./style.ts";
import { note, page, section, table } from "./table.ts";
import { count, duration, keyNames, sourceName } from "./words.ts";

/** What `reroll plan` shows: what a run would do now, what is owed, what is left alone and why, and what to look at. */
export function renderPlan(report: PlanReport, style: Style): string {
  return page([
    knowledge(report, "is", style),
    actionSection(report, style),
    ...gitSections(report.git, "is", style),
    refusalSection(report.refusals, style),
    readerSection(report.reconciles, style),
    pendingSection(report.pending, style),
    skipSection(leftAlone(report), style),
    report.firstRun ? [] : adoptedSection(report.adopted, "today's content becomes their baseline", style),
    issueSection(report.issues, style),
    closing(report, planSummary(report), isIdle(report, report.actions), style),
  ]);
}

/** What `reroll run` shows: what became of every workload, then as in the plan. */
export function renderRun(report: RunReport, style: Style): string {
  if (report.lockedBy) return page([lockedLines(report.lockedBy, style)]);
  const idle = isIdle(report, report.outcomes);
  return page([
    knowledge(report, "was", style),
    outcomeSection(report, style),
    ...gitSections(report.git, "was", style),
    refusalSection(report.refusals, style),
    readerSection(report.reconciles, style),
    pendingSection(report.pending, style),
    skipSection(leftAlone(report), style),
    adoptedSection(report.adopted, "today's content is their baseline now", style),
    issueSection(report.issues, style),
    closing(report, runSummary(report), idle, style),
  ]);
}

function isIdle({ pending, reconciles }: PlanReport, done: readonly unknown[]): boolean {
  return [done, pending, reconciles].every(({ length }) => length === 0);
}

/** What is said before anything else, because it changes what the rest means. */
function knowledge(report: PlanReport, tense: "is" | "was", style: Style): string[] {
  const { firstRun, keyMissing, actions, adopted } = report;
  const first = tense === "is" ? "the first run takes" : "this first run took";
  const nothing = tense === "is" ? "restarts nothing" : "restarted nothing";
  const lines: string[] = [];
  if (firstRun && actions.length === 0) {
    const yet = tense === "is" ? "Nothing is known yet" : "Nothing was known yet";
    lines.push(`${yet}: ${first} today as the baseline and ${nothing}.`);
  }
  if (firstRun && actions.length > 0) {
    lines.push(
      `There ${tense} no state: what is due is told by the stamps on the workloads, or asked for by --catch-up.`,
    );
  }
  if (firstRun && adopted.length > 0 && tense === "is") {
    lines.push(`It will watch ${count(adopted.length, "workload")} from then on.`);
  }
  const warning = `The digest key (Secret reroll-key) ${tense} gone: nothing recorded before can be compared, so today's content becomes the baseline and changes since the last run go unseen. Restore the Secret to prevent that.`;
  return [
    ...lines.flatMap((text) => note(text, style, 0)),
    ...(keyMissing ? note({ text: warning, tone: "wait" }, style, 0) : []),
  ];
}

function actionSection({ actions, skips }: PlanReport, style: Style): string[] {
  const all = actions.map((action) => ({
    rows: changeRows(action.workload, action.because, "strong"),
    notes: [
      ...strategyNote(action),
      ...manualNote(action),
      ...resumeNote(action),
      ...otherSources(action.workload, skips),
    ],
  }));
  return section(
    { text: `Restart now: ${count(actions.length, "workload")}`, tone: "strong" },
    blocks(all, style),
    style,
  );
}

const manualNotes: Readonly<Record<NonNullable<Action["manual"]>, string>> = {
  OnDelete: "its update strategy is OnDelete: each pod takes the new content when you delete it",
  Partition: "its partition covers every replica: lower it to let the pods restart",
  NoTrigger: "it has no ConfigChange trigger: its pods restart when you start a rollout (oc rollout latest)",
};

/** Named where it is not what everybody expects. */
function strategyNote({ strategy }: Action): string[] {
  return strategy === "rollout" ? [] : [`strategy ${strategy}: ${strategies[strategy].doc}`];
}

function manualNote({ manual }: Action): string[] {
  return manual ? [manualNotes[manual]] : [];
}

/** Nothing changed, and still there is something to do: only a Job that was left suspended asks for that. */
function resumeNote({ because }: Action): string[] {
  return because.length > 0 ? [] : ["an earlier run suspended it to make its pods anew; it is resumed"];
}

function outcomeSection({ outcomes, actions, skips }: RunReport, style: Style): string[] {
  const becauseOf = new Map(actions.map(({ workload, because }) => [formatRef(workload), because]));
  const sorted = [...outcomes].sort(
    (a, b) => outcomeOrder.indexOf(a.outcome) - outcomeOrder.indexOf(b.outcome) || compareRefs(a.workload, b.workload),
  );
  const all = sorted.map((outcome) => ({
    rows: [outcomeRow(outcome)],
    notes: [outcome.message, ...because(outcome.workload, becauseOf), ...otherSources(outcome.workload, skips)],
  }));
  return section({ text: `Done: ${count(outcomes.length, "workload")}`, tone: "strong" }, blocks(all, style), style);
}

function outcomeRow({ outcome, workload, reason, durationMs }: Outcome): Cell[] {
  const took = durationMs > 0 ? duration(durationMs) : "-";
  const code = outcome === "restarted" ? "" : reason;
  return [{ text: outcome, tone: outcomeTone(outcome) }, formatRef(workload), took, code];
}

function because(workload: WorkloadRef, becauseOf: ReadonlyMap<string, readonly Change[]>): string[] {
  const changes = becauseOf.get(formatRef(workload)) ?? [];
  return changes.map(({ source, change, keys }) => {
    const names = keys.length === 0 ? "" : `: ${keyNames(keys, change)}`;
    return `because of ${sourceName(source, workload)} (${change}${names})`;
  });
}

/** Who is at work instead, and until when. */
export function lockedLines({ holder, until }: NonNullable<RunReport["lockedBy"]>, style: Style): string[] {
  const text = `Another run is at work: ${holder} holds the lock (Lease reroll) until ${instant(until)}, and longer if it renews it. Nothing was done here; what is due is not forgotten.`;
  return note({ text, tone: "wait" }, style, 0);
}

function planSummary(report: PlanReport): string[] {
  const alone = new Set(leftAlone(report).map(({ workload }) => formatRef(workload))).size;
  return [
    `${count(report.actions.length, "restart")} due, ${report.pending.length} pending, ${alone} left alone`,
    ...quarantined(report),
    ...coverage(report),
  ];
}

function runSummary(report: RunReport): string[] {
  const counted = outcomeOrder.flatMap((word) => {
    const number = report.outcomes.filter(({ outcome }) => outcome === word).length;
    return number > 0 ? [`${number} ${word}`] : [];
  });
  const alone = new Set(leftAlone(report).map(({ workload }) => formatRef(workload))).size;
  const done = counted.length > 0 ? counted : ["0 restarted"];
  return [
    `${done.join(", ")}, ${report.pending.length} pending, ${alone} left alone`,
    ...quarantined(report),
    ...coverage(report),
  ];
}

function quarantined({ quarantines }: PlanReport): string[] {
  const workloads = new Set(quarantines.map(({ workload }) => formatRef(workload))).size;
  return workloads > 0 ? [`${workloads} in quarantine`] : [];
}

function coverage({ coverage: seen, issues }: PlanReport): string[] {
  return [
    `${seen.workloads} of ${count(seen.workloadsSeen, "workload")} ${[seen.workloads, seen.workloadsSeen].includes(1) ? "asks" : "ask"} for restarts`,
    `${seen.sources} of ${count(seen.sourcesSeen, "source")} compared`,
    ...(issues.length > 0 ? [count(issues.length, "issue")] : []),
  ];
}

function closing(report: PlanReport, summary: readonly string[], idle: boolean, style: Style): string[] {
  return [
    ...(idle && (!report.firstRun || nobodyAsks(report)) ? note(calm(report), style, 0) : []),
    paint({ text: summary.join(" · "), tone: "strong" }, style),
    ...exitLine(report.exitCode, style),
  ];
}

function nobodyAsks({ coverage: seen, exitCode }: PlanReport): boolean {
  return seen.workloads === 0 && exitCode === 0;
}

function calm(report: PlanReport): string {
  if (nobodyAsks(report)) {
    return 'No workload asks for restarts. Annotate one with reroll.dev/auto: "true" to begin.';
  }
  return [0, 130, 143].includes(report.exitCode)
    ? "Nothing to do: no workload waits for a changed source."
    : "Nothing to do for what could be seen; see the issues for what could not.";
}

/** Why the exit code is not 0, in the words of the table of exit codes. */
export function exitLine(exitCode: ExitCode, style: Style): string[] {
  const row = exitTable.find(({ code }) => code === exitCode);
  return exitCode === 0 || !row
    ? []
    : table([[{ text: `Exit code ${exitCode}: ${row.meaning}.`, tone: "bad" }]], style, 0);
}
