import type { CheckOutcome, DoctorReport } from "../model/report-doctor.ts";
import { blocks } from "./sections.ts";
import { paint, type Style, type Tone } from "./style.ts";
import { page } from "./table.ts";
import { exitLine } from "./text.ts";
import { count } from "./words.ts";

const tones: Readonly<Record<CheckOutcome, Tone>> = { ok: "good", warning: "wait", problem: "bad" };

/** What `reroll doctor` shows: one line per check, and below it what to do where something is to be done. */
export function renderDoctor({ checks, exitCode }: DoctorReport, style: Style): string {
  const lines = blocks(
    checks.map(({ name, outcome, message, advice, details }) => ({
      rows: [[{ text: outcome, tone: tones[outcome] }, { text: name, tone: "strong" }, message]],
      notes: [...details, ...(advice ? [advice] : [])],
    })),
    style,
    0,
  );
  const [warnings, problems] = (["warning", "problem"] as const).map(
    (word) => checks.filter(({ outcome }) => outcome === word).length,
  );
  const summary =
    checks.length === 1 && problems === 1
      ? "1 problem; nothing else could be checked"
      : `${count(checks.length, "check")}, ${count(warnings ?? 0, "warning")}, ${count(problems ?? 0, "problem")}`;
  return page([lines, [paint({ text: summary, tone: "strong" }, style), ...exitLine(exitCode, style)]]);
}

/** The document of `doctor -o json`. */
export function doctorJson({ checks, exitCode }: DoctorReport) {
  return {
    checks: checks.map(({ name, outcome, message, advice, details }) => ({
      name,
      outcome,
      message,
      advice: advice ?? null,
      details,
    })),
    exitCode,
  };
}
