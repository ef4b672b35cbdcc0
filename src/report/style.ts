import { printable } from "../model/printable.ts";

/** How a report is written for people. */
export interface Style {
  readonly color: boolean;
  /** Columns of the terminal; absent: lines are as long as they are. */
  readonly width?: number;
  /** ISO 8601; with it, times in the past say how long ago. */
  readonly now?: string;
}

/** What a piece of text is to the reader; the only thing colours are chosen by. */
export type Tone = "strong" | "quiet" | "good" | "wait" | "bad";

/** Text with its tone. All text from outside passes through {@link paint}, which takes control characters away. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

/** SGR parameters of ECMA-48. */
const codes: Readonly<Record<Tone, string>> = { strong: "1", quiet: "2", good: "32", wait: "33", bad: "31" };

/** The text of a cell, cleaned and without its tone. */
export function plain(cell: Cell): string {
  return printable(typeof cell === "string" ? cell : cell.text);
}

/** The text of a cell, cleaned, in the colour of its tone where the style has colours. */
export function paint(cell: Cell, style: Style): string {
  const text = plain(cell);
  return typeof cell === "string" || !style.color || text === "" ? text : `\u001b[${codes[cell.tone]}m${text}\u001b[0m`;
}
