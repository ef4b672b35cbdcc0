import type { Origin, Standing } from "../model/comparison.ts";
import { compareText, formatRef, localName } from "../model/ref.ts";
import type { ExplainedSource, ExplainReport, VerdictWord } from "../model/report-explain.ts";
import type { WatchedKeys } from "../model/source.ts";
import type { RolledOut } from "../model/state.ts";
import { committedSections } from "./committed.ts";
import { causeText } from "./history.ts";
import { quarantineSection } from "./retry.ts";
import { type Block, blocks, issueSection, pendingSection } from "./sections.ts";
import type { Cell, Style, Tone } from "./style.ts";
import { note, page, section, table } from "./table.ts";
import { exitLine } from "./text.ts";
import { count, keyNames, listed, past } from "./words.ts";

/** What `reroll explain` shows: the verdict first, then everything it stands on. */
export function renderExplain(report: ExplainReport, style: Style): string {
  const { workload, sources, pending, issues, exitCode } = report;
  return page([
    [
      ...note({ text: formatRef(workload), tone: "strong" }, style, 0),
      ...note({ text: sentence(report.message), tone: verdictTones[report.verdict] }, style, 2),
      ...knowledge(report, style),
    ],
    section(
      { text: `Uses or names: ${count(sources.length, "source")}`, tone: "strong" },
      blocks(
        sources.map((source) => sourceBlock(source, report, style)),
        style,
      ),
      style,
    ),
    annotationSection(report, style),
    settingSection(report, style),
    pending ? pendingSection([pending], style) : [],
    ...committedSections(report.committed ? [{ ...report.committed, workload }] : [], style),
    quarantineSection(report.quarantines, style),
    unfinished(report, style),
    // What is in quarantine stands right above.
    issueSection(
      issues.filter(({ code }) => code !== "quarantined"),
      style,
    ),
    exitLine(exitCode, style),
  ]);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const verdictTones: Readonly<Record<VerdictWord, Tone>> = {
  restart: "strong",
  pending: "wait",
  unchanged: "good",
  adopt: "good",
  "nothing-counts": "wait",
  "not-asked": "wait",
  "left-alone": "wait",
  "out-of-scope": "wait",
  "not-observed": "bad",
};

const origins: Readonly<Record<Origin, string>> = {
  record: "the state remembers what it last rolled out with",
  stamp: "the stamp on its pod template says what it last rolled out with",
  "other-stamp": "the stamp of the other mode on its pod template says what it last rolled out with",
  stripped: "the state remembers what it last rolled out with; the stamp on its pod template is gone",
  "first-sight": "nothing is known of it yet",
};

function knowledge({ knowledge: known }: ExplainReport, style: Style): string[] {
  if (!known) return [];
  const when = known.recordedAt && known.origin !== "first-sight" ? `, as of ${past(known.recordedAt, style)}` : "";
  const { direct, git } = known.stamps;
  const stamps = [
    ...(direct === undefined ? [] : [`stamp: ${direct}`]),
    ...(git === undefined ? [] : [`stamp of git mode: ${git}`]),
  ];
  return [
    ...note(sentence(`${origins[known.origin]}${when}`), style, 2),
    ...stamps.flatMap((text) => note({ text, tone: "quiet" }, style, 2)),
  ];
}

const standings: Readonly<Record<Standing, { readonly text: string; readonly tone: Tone }>> = {
  due: { text: "changed, so a restart is due", tone: "strong" },
  unchanged: { text: "as it was rolled out", tone: "good" },
  fresh: { text: "changed, and every pod started after that", tone: "good" },
  adopted: { text: "new here: today's content becomes the baseline", tone: "good" },
  reverted: { text: "changed, and changed back", tone: "good" },
  "kept-absent": { text: "gone; what it rolled out with is kept in mind", tone: "wait" },
  "kept-unobserved": { text: "could not be looked at; what is known stays", tone: "bad" },
  "key-lost": { text: "cannot be compared: the digest key is gone", tone: "wait" },
};

function sourceBlock(source: ExplainedSource, report: ExplainReport, style: Style): Block {
  const { eligible, rule, standing } = source;
  const counts: Cell = eligible ? { text: "counts", tone: "good" } : { text: "left out", tone: "quiet" };
  // There was nothing to keep of one that never was.
  const never = standing === "kept-absent" && typeof source.rolledOut !== "object";
  const stands: Cell = standing && !never ? standings[standing] : (sights[source.sight] ?? "");
  return {
    rows: [[{ text: localName(source.source), tone: "strong" }, counts, rule, stands]],
    notes: [
      source.message + annotationText(source, report),
      `used by: ${source.where.length > 0 ? source.where.join("; ") : "nothing in the pod template"}`,
      ...(eligible ? [`watched: ${keysText(source.watched)}`] : []),
      ...(source.change ? [changeNote(source.change)] : []),
      ...(eligible && source.rolledOut !== undefined ? [`rolled out with: ${contentText(source.rolledOut)}`] : []),
      ...(source.lastWrite ? [`last written: ${past(source.lastWrite, style)}`] : []),
      ...(source.sightError ? [source.sightError] : []),
      `rules asked: ${source.tried.map(({ rule: asked, says }) => (says === "pass" ? asked : `${asked} (${says})`)).join(", ")}`,
    ],
  };
}

const sights: Readonly<Record<ExplainedSource["sight"], string | undefined>> = {
  present: undefined,
  absent: "not there",
  unobserved: "not looked at",
};

const carriers = {
  workload: "the workload",
  template: "the pod template",
  source: "the source",
  namespace: "the Namespace",
} as const;

function annotationText({ annotation }: ExplainedSource, { workload }: ExplainReport): string {
  if (!annotation) return "";
  const { key, value, from } = annotation;
  const where = from === "workload" ? `the ${workload.kind}` : carriers[from];
  return ` (${key}: ${JSON.stringify(value)} on ${where})`;
}

function keysText(keys: WatchedKeys): string {
  return keys === "*" ? "every key" : keys.length === 0 ? "no key" : listed(keys, 12);
}

function changeNote({ change, keys }: NonNullable<ExplainedSource["change"]>): string {
  const names = keyNames(keys, change);
  return `difference: ${change}${names && ` ${names}`}`;
}

function contentText(rolledOut: RolledOut): string {
  if (rolledOut === "absent") return "nothing: it was not there";
  if (rolledOut === "unknown") return "not known";
  return `digest ${rolledOut.digest} over ${keysText(rolledOut.keys)}, made with key ${rolledOut.keyId}`;
}

function annotationSection({ annotations, workload }: ExplainReport, style: Style): string[] {
  const rows = annotations.map(({ key, value, from }): Cell[] => [
    key,
    JSON.stringify(value),
    { text: from === "workload" ? `on the ${workload.kind}` : "on its pod template", tone: "quiet" },
  ]);
  return section(
    { text: `Says: ${count(annotations.length, "annotation")}`, tone: "strong" },
    table(rows, style),
    style,
  );
}

/** Who said how it is restarted. */
function strategyRow({ strategy }: ExplainReport): Cell[] {
  const { word, known, level, annotation, object } = strategy;
  const where = annotation
    ? `${annotation.key}: ${JSON.stringify(annotation.value)} on ${object}`
    : level === "configuration"
      ? "configuration (strategies)"
      : "usual for its kind";
  const value = known ? word : JSON.stringify(word);
  return ["strategy", value, { text: known ? where : `${where}; its kind has no such strategy`, tone: "quiet" }];
}

/** Who said how its restarts are asked for. */
function modeRow({ mode }: ExplainReport): Cell[] {
  const { word, known, annotation, object } = mode;
  const where = annotation ? `${annotation.key}: ${JSON.stringify(annotation.value)} on ${object}` : "configuration";
  const value = known ? word : JSON.stringify(word);
  return ["mode", value, { text: known ? where : `${where}; there is no such mode`, tone: "quiet" }];
}

function settingSection(report: ExplainReport, style: Style): string[] {
  const { settings: all } = report;
  const rows = all.map(({ name, value, annotation, object, source }): Cell[] => {
    const where = annotation ? `${annotation.key}: ${JSON.stringify(annotation.value)} on ${object}` : "configuration";
    const scope = source ? `, for ${localName(source)} only` : "";
    return [name, String(value), { text: `${where}${scope}`, tone: "quiet" }];
  });
  return section(
    { text: "Holds", tone: "strong" },
    table([strategyRow(report), modeRow(report), ...rows], style),
    style,
  );
}

function unfinished({ unverified, stripped }: ExplainReport, style: Style): string[] {
  const causes = unverified?.because.map(causeText).sort(compareText).join(" and ");
  const managers = stripped?.managers.join(", ") || "nobody that still shows";
  return [
    ...(unverified
      ? note(
          {
            text: `Restarted ${past(unverified.startedAt, style)}${causes && `, because of ${causes}`}; no verdict yet, the next run looks again.`,
            tone: "wait",
          },
          style,
          0,
        )
      : []),
    ...(stripped
      ? note(
          {
            text: `Our stamp is gone since ${past(stripped.since, style)}; who else manages the template: ${managers}.`,
            tone: "wait",
          },
          style,
          0,
        )
      : []),
  ];
}
