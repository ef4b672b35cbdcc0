import type { AdoptReport } from "../model/report-adopt.ts";
import { changeJson, issueJson, refJson } from "./json.ts";
import { adoptedSection, blocks, changeRows, issueSection } from "./sections.ts";
import { paint, type Style } from "./style.ts";
import { page, section } from "./table.ts";
import { exitLine, lockedLines } from "./text.ts";
import { count } from "./words.ts";

/** What `reroll adopt` shows: what is not owed any more, and what is known from now on. */
export function renderAdopt(report: AdoptReport, style: Style): string {
  const { cancelled, adopted, coverage, issues, lockedBy, exitCode } = report;
  if (lockedBy) return page([lockedLines(lockedBy, style)]);
  const given = cancelled.map(({ workload, because }) => ({
    rows: changeRows(workload, because, "strong"),
    notes: [],
  }));
  const title = `Not restarted, and not owed any more: ${count(cancelled.length, "workload")}`;
  const summary = [
    `${count(coverage.workloads, "workload")} and ${count(coverage.sources, "source")} as they are today are the baseline now`,
    `${count(cancelled.length, "restart")} given up`,
    "nothing was restarted",
  ];
  return page([
    section({ text: title, tone: "strong" }, blocks(given, style), style),
    adoptedSection(adopted, "today's content is their baseline now", style),
    issueSection(issues, style),
    [paint({ text: summary.join(" · "), tone: "strong" }, style), ...exitLine(exitCode, style)],
  ]);
}

/** The document of `adopt -o json`. */
export function adoptJson({ cancelled, adopted, coverage, issues, lockedBy, exitCode }: AdoptReport) {
  return {
    cancelled: cancelled.map(({ workload, because }) => ({
      workload: refJson(workload),
      because: because.map(changeJson),
    })),
    adopted: adopted.map(refJson),
    coverage,
    issues: issues.map(issueJson),
    lockedBy: lockedBy ?? null,
    exitCode,
  };
}
