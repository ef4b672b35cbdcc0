import { countText, endText } from "../model/loops.ts";
import { blamed, type Quarantined, retryCommand } from "../model/quarantined.ts";
import { formatRef } from "../model/ref.ts";
import type { RetryReport } from "../model/report-retry.ts";
import { commitBlock, commitJson, committedSections } from "./committed.ts";
import { quarantineJson } from "./json.ts";
import { type Block, blocks } from "./sections.ts";
import { paint, type Style } from "./style.ts";
import { note, page, section } from "./table.ts";
import { lockedLines } from "./text.ts";
import { count, past, sourceName } from "./words.ts";

/** What `reroll retry` shows: what was let out, what the next run does with it, and what stays. */
export function renderRetry(report: RetryReport, style: Style): string {
  const { released, kept, releasedCommits, keptCommits, lockedBy } = report;
  if (lockedBy) return page([lockedLines(lockedBy, style)]);
  const commits = releasedCommits.length + keptCommits.length;
  const summary = [
    `${released.length + releasedCommits.length} released`,
    `${kept.length} still in quarantine`,
    ...(commits > 0 ? [`${keptCommits.length} still taken back`] : []),
    "nothing was restarted",
  ];
  const nothing = released.length + kept.length + commits === 0 ? note("Nothing is in quarantine.", style, 0) : [];
  return page([
    section(
      { text: `Released: ${count(released.length, "quarantine")}`, tone: "strong" },
      blocks(
        released.map((each) => ({ rows: row(each, style), notes: [nextText(each)] })),
        style,
      ),
      style,
    ),
    section(
      { text: `To be committed again: ${count(releasedCommits.length, "workload")}`, tone: "strong" },
      blocks(
        releasedCommits.map((each) =>
          commitBlock(each, style, ["the next run commits it again, where it is still due"]),
        ),
        style,
      ),
      style,
    ),
    quarantineSection(kept, style),
    ...committedSections(keptCommits, style),
    nothing,
    [paint({ text: summary.join(" · "), tone: "strong" }, style)],
  ]);
}

/** What is in quarantine, with how it ends. */
export function quarantineSection(quarantines: readonly Quarantined[], style: Style): string[] {
  const all = quarantines.map(
    (each): Block => ({
      rows: row(each, style),
      notes: [
        `${countText(each)}${each.holds ? "" : "; no restart is held back for it just now"}`,
        ...(each.writers && each.writers.length > 0 ? [`seen writing it: ${each.writers.join(", ")}`] : []),
        endText(each, retryCommand(blamed(each))),
      ],
    }),
  );
  return section(
    {
      text: `In quarantine: ${count(new Set(quarantines.map(({ workload }) => formatRef(workload))).size, "workload")}`,
      tone: "strong",
    },
    blocks(all, style),
    style,
  );
}

function row({ workload, source, since }: Quarantined, style: Style): Block["rows"] {
  const what = source ? sourceName(source, workload) : "all of its sources";
  return [[{ text: formatRef(workload), tone: "wait" }, what, `since ${past(since, style)}`]];
}

function nextText({ holds }: Quarantined): string {
  return holds
    ? "the next run restarts it, unless the source is back to what the pods run with by then"
    : "it held no restart back; from now on changes of the source count again";
}

/** The document of `retry -o json`. */
export function retryJson({ released, kept, releasedCommits, keptCommits, lockedBy, exitCode }: RetryReport) {
  return {
    released: released.map(quarantineJson),
    kept: kept.map(quarantineJson),
    releasedCommits: releasedCommits.map(commitJson),
    keptCommits: keptCommits.map(commitJson),
    lockedBy: lockedBy ? { holder: lockedBy.holder, until: lockedBy.until } : null,
    exitCode,
  };
}
