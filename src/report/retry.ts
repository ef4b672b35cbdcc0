import { countText, endText } from "../model/loops.ts";
import { blamed, type Quarantined, retryCommand } from "../model/quarantined.ts";
import { formatRef } from "../model/ref.ts";
import type { RetryReport } from "../model/report-retry.ts";
import { quarantineJson } from "./json.ts";
import { type Block, blocks } from "./sections.ts";
import { paint, type Style } from "./style.ts";
import { note, page, section } from "./table.ts";
import { lockedLines } from "./text.ts";
import { count, past, sourceName } from "./words.ts";

/** What `reroll retry` shows: what was let out, what the next run does with it, and what stays. */
export function renderRetry({ released, kept, lockedBy }: RetryReport, style: Style): string {
  if (lockedBy) return page([lockedLines(lockedBy, style)]);
  const summary = [`${released.length} released`, `${kept.length} still in quarantine`, "nothing was restarted"];
  const nothing = released.length + kept.length === 0 ? note("Nothing is in quarantine.", style, 0) : [];
  return page([
    section(
      { text: `Released: ${count(released.length, "quarantine")}`, tone: "strong" },
      blocks(
        released.map((each) => ({ rows: row(each, style), notes: [nextText(each)] })),
        style,
      ),
      style,
    ),
    quarantineSection(kept, style),
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
export function retryJson({ released, kept, lockedBy, exitCode }: RetryReport) {
  return {
    released: released.map(quarantineJson),
    kept: kept.map(quarantineJson),
    lockedBy: lockedBy ? { holder: lockedBy.holder, until: lockedBy.until } : null,
    exitCode,
  };
}
