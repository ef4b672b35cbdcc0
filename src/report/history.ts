import { instant } from "../model/instant.ts";
import { formatRef } from "../model/ref.ts";
import type { HistoryReport, PastEvent } from "../model/report-memory.ts";
import type { LedgerCause } from "../model/state.ts";
import { outcomeTone } from "./outcome.ts";
import { type Block, blocks } from "./sections.ts";
import type { Style } from "./style.ts";
import { note, page } from "./table.ts";
import { duration, keyNames } from "./words.ts";

/** What `reroll history` shows: one line per event, newest first, and below it what it was done for. */
export function renderHistory({ workload, known, entries }: HistoryReport, style: Style): string {
  if (!known) return page([note(noState, style, 0)]);
  if (entries.length === 0) {
    const text = workload
      ? `reroll has not done anything to ${formatRef(workload)}. reroll explain ${formatRef(workload)} says why.`
      : "reroll has not done anything yet.";
    return page([note(text, style, 0)]);
  }
  return page([blocks(entries.map(eventBlock), style, 0)]);
}

/** Where nothing is remembered at all. */
export const noState =
  "There is no state yet: reroll has never run here, or keeps its state elsewhere (state.namespace, state.name). The first run takes today as the baseline and restarts nothing.";

/** One event with what it was done for. */
export function eventBlock({ at, outcome, namespace, workload, reason, durationMs, because }: PastEvent): Block {
  const what = workload ? formatRef(workload) : `namespace ${namespace}`;
  return {
    rows: [
      [instant(at), { text: outcome, tone: outcomeTone(outcome) }, what, durationMs > 0 ? duration(durationMs) : ""],
    ],
    notes: [reason, ...because.map((cause) => `because of ${causeText(cause)}`)].filter((text) => text !== ""),
  };
}

/** `ConfigMap/web (modified: PORT)`. */
export function causeText({ source, change, keys }: LedgerCause): string {
  return `${source} (${change}${keys.length > 0 ? `: ${keyNames(keys, change)}` : ""})`;
}

/** The document of `history -o json`. */
export function historyJson({ workload, known, entries, exitCode }: HistoryReport) {
  return { workload: workload ?? null, known, entries: entries.map(eventJson), exitCode };
}

/** A line of history in JSON; `workload` is null where it is about the whole namespace. */
export function eventJson({ at, namespace, workload, outcome, reason, durationMs, because }: PastEvent) {
  return {
    at,
    namespace,
    workload: workload ?? null,
    outcome,
    reason,
    durationMs,
    because: causesJson(namespace, because),
  };
}

/** What the state holds as `Kind/name`, in the form every document names a source in. */
export function causesJson(namespace: string, causes: readonly LedgerCause[]) {
  return causes.map(({ source, change, keys }) => {
    const slash = source.indexOf("/");
    return { source: { kind: source.slice(0, slash), namespace, name: source.slice(slash + 1) }, change, keys };
  });
}
