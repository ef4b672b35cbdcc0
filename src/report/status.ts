import { formatRef } from "../model/ref.ts";
import type { StatusReport } from "../model/report-memory.ts";
import { commitJson, committedSections } from "./committed.ts";
import { causesJson, causeText, eventBlock, eventJson, noState } from "./history.ts";
import { quarantineJson } from "./json.ts";
import { quarantineSection } from "./retry.ts";
import { blocks, issueSection } from "./sections.ts";
import { paint, type Style } from "./style.ts";
import { note, page, section, table } from "./table.ts";
import { bytes, count, past } from "./words.ts";

/** What `reroll status` shows: what is owed, unfinished and remembered. */
export function renderStatus(report: StatusReport, style: Style): string {
  const { state, remembered, pending, quarantines, unverified, stripped, gone, recent, issues } = report;
  if (!state.known) return page([note(noState, style, 0), lastRunLines(report, style), issueSection(issues, style)]);
  const title = (text: string, number: number) =>
    ({ text: `${text}: ${count(number, "workload")}`, tone: "strong" }) as const;
  return page([
    lastRunLines(report, style),
    section(
      title("Owed", pending.length),
      blocks(
        pending.map(({ workload, since, reason, because }) => ({
          rows: [[{ text: formatRef(workload), tone: "wait" }, reason, `since ${past(since, style)}`]],
          notes: because.map((cause) => `because of ${causeText(cause)}`),
        })),
        style,
      ),
      style,
    ),
    ...committedSections(report.committed, style),
    quarantineSection(quarantines, style),
    section(
      title("Restarted, without a verdict yet (the next run looks again)", unverified.length),
      blocks(
        unverified.map(({ workload, startedAt, because }) => ({
          rows: [[{ text: formatRef(workload), tone: "wait" }, `since ${past(startedAt, style)}`]],
          notes: because.map((cause) => `because of ${causeText(cause)}`),
        })),
        style,
      ),
      style,
    ),
    section(
      title("Somebody takes our stamp away", stripped.length),
      blocks(
        stripped.map(({ workload, since, managers }) => ({
          rows: [[{ text: formatRef(workload), tone: "wait" }, `since ${past(since, style)}`]],
          notes: [
            `who else manages the template: ${managers.join(", ") || "nobody that still shows"}. Nothing is forgotten; reroll.dev/restarted-at: "true" on the workload may help`,
          ],
        })),
        style,
      ),
      style,
    ),
    section(
      { text: `Gone, and remembered for what uses them: ${count(gone.length, "source")}`, tone: "strong" },
      table(
        gone.map(({ source, since }) => [formatRef(source), `since ${past(since, style)}`]),
        style,
      ),
      style,
    ),
    section({ text: "Done lately", tone: "strong" }, blocks(recent.map(eventBlock), style), style),
    issueSection(issues, style),
    [
      paint(
        {
          text: [
            `${pending.length} pending, ${unverified.length} unverified`,
            `${count(remembered.workloads, "workload")} and ${count(remembered.sources, "source")} remembered in ${count(remembered.namespaces, "namespace")}`,
            `state ${state.namespace}/${state.name}, ${bytes(state.bytes)}${state.shards > 0 ? ` in ${count(state.shards, "shard")}` : ""}`,
          ].join(" · "),
          tone: "strong",
        },
        style,
      ),
    ],
  ]);
}

function lastRunLines({ lastRun, issues }: StatusReport, style: Style): string[] {
  if (!lastRun) return issues.length > 0 ? [] : note("No run has taken the lock yet (Lease reroll).", style, 0);
  const { at, holder } = lastRun;
  const text = holder
    ? `A run is at work: ${holder}, last heard of ${past(at, style)}.`
    : `Last run: ${past(at, style)}.`;
  return note(holder ? { text, tone: "good" } : text, style, 0);
}

/** The document of `status -o json`. */
export function statusJson({ state, lastRun, recent, ...report }: StatusReport) {
  return {
    state,
    lastRun: lastRun ? { at: lastRun.at, holder: lastRun.holder ?? null } : null,
    remembered: report.remembered,
    pending: report.pending.map(({ workload, since, reason, because }) => ({
      workload,
      since,
      reason,
      because: causesJson(workload.namespace, because),
    })),
    quarantines: report.quarantines.map(quarantineJson),
    unverified: report.unverified.map(({ workload, stamp, startedAt, because }) => ({
      workload,
      stamp,
      startedAt,
      because: causesJson(workload.namespace, because),
    })),
    committed: report.committed.map(commitJson),
    stripped: report.stripped.map(({ workload, since, managers }) => ({ workload, since, managers })),
    gone: report.gone,
    recent: recent.map(eventJson),
    issues: report.issues,
    exitCode: report.exitCode,
  };
}
