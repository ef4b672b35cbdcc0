import type { Change, Issue, Pending, Skip } from "../model/plan.ts";
import { formatRef, type WorkloadRef } from "../model/ref.ts";
import type { PlanReport } from "../model/report.ts";
import type { Cell, Style } from "./style.ts";
import { note, section, table } from "./table.ts";
import { count, keyNames, past, sourceName } from "./words.ts";

/** How many entries of a list without urgency are shown; `-o json` always has all of them. */
const most = { adopted: 10, skips: 30, issues: 40 } as const;

/** One row per change, the workload in the first of them only. */
export function changeRows(workload: WorkloadRef, because: readonly Change[], tone: "strong" | "wait"): Cell[][] {
  if (because.length === 0) return [[{ text: formatRef(workload), tone }]];
  return because.map(({ source, change, keys }, index) => [
    { text: index === 0 ? formatRef(workload) : "", tone },
    sourceName(source, workload),
    change,
    keyNames(keys, change),
  ]);
}

/** Rows that are aligned over the whole section, each with the sentences that stand below it. */
export interface Block {
  readonly rows: readonly (readonly Cell[])[];
  readonly notes: readonly string[];
}

/** Blocks one below the other; the columns of all of them are aligned. */
export function blocks(all: readonly Block[], style: Style, indent = 2): string[] {
  const lines = table(
    all.flatMap(({ rows }) => rows),
    style,
    indent,
  );
  let at = 0;
  return all.flatMap(({ rows, notes }) => {
    const own = lines.slice(at, at + rows.length);
    at += rows.length;
    return [...own, ...notes.flatMap((text) => note({ text, tone: "quiet" }, style, indent + 2))];
  });
}

/** What is owed and not done now, with the reason and since when. */
export function pendingSection(pending: readonly Pending[], style: Style): string[] {
  const all = pending.map(({ workload, because, reason, message, since }) => ({
    rows: changeRows(workload, because, "wait"),
    notes: [`${reason} since ${past(since, style)}: ${message}`],
  }));
  const title = `Owed, but not now: ${count(pending.length, "workload")}`;
  return section({ text: title, tone: "strong" }, blocks(all, style), style);
}

/** Workloads that are left alone as a whole; what is no reason for a workload that restarts anyway stands with its restart. */
export function skipSection(skips: readonly Skip[], style: Style): string[] {
  const workloads = new Set(skips.map(({ workload }) => formatRef(workload)));
  let last = "";
  const rows = skips.map(({ workload, source, message }): Cell[] => {
    const name = formatRef(workload);
    const first = name === last ? "" : name;
    last = name;
    return [first, sourceName(source, workload), message];
  });
  const title = `Left alone: ${count(workloads.size, "workload")}`;
  return section(
    { text: title, tone: "strong" },
    [...table(rows.slice(0, most.skips), style), ...rest(rows.length - most.skips)],
    style,
  );
}

/** The skips of workloads that are neither restarted nor owed a restart. */
export function leftAlone({ actions, pending, skips }: PlanReport): Skip[] {
  const busy = new Set([...actions, ...pending].map(({ workload }) => formatRef(workload)));
  return skips.filter(({ workload }) => !busy.has(formatRef(workload)));
}

/** Sentences about sources that are no reason for a restart that happens anyway. */
export function otherSources(workload: WorkloadRef, skips: readonly Skip[]): string[] {
  const name = formatRef(workload);
  return skips
    .filter((skip) => formatRef(skip.workload) === name)
    .map(({ source, message }) => `not because of ${sourceName(source, workload)}: ${message}`);
}

/** Workloads nobody had seen before. */
export function adoptedSection(adopted: readonly WorkloadRef[], baseline: string, style: Style): string[] {
  const title = `Seen for the first time: ${count(adopted.length, "workload")}; ${baseline}`;
  const lines = table(
    adopted.slice(0, most.adopted).map((ref) => [formatRef(ref)]),
    style,
  );
  return section({ text: title, tone: "strong" }, [...lines, ...rest(adopted.length - most.adopted)], style);
}

/** What a person should look at. */
export function issueSection(issues: readonly Issue[], style: Style): string[] {
  const shown = issues
    .slice(0, most.issues)
    .flatMap(({ path, message }) => [...table([[{ text: path, tone: "wait" }]], style), ...note(message, style)]);
  const title = `To look at: ${count(issues.length, "issue")}`;
  return section({ text: title, tone: "strong" }, [...shown, ...rest(issues.length - most.issues)], style);
}

function rest(hidden: number): string[] {
  return hidden > 0 ? [`  and ${hidden} more; -o json lists all of them`] : [];
}
