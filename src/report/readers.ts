import { localName } from "../model/ref.ts";
import type { ReaderReport, ReaderWord } from "../model/report-reader.ts";
import { refJson } from "./json.ts";
import { type Block, blocks } from "./sections.ts";
import type { Cell, Style, Tone } from "./style.ts";
import { section } from "./table.ts";
import { count } from "./words.ts";

const words: Readonly<Record<ReaderWord, { readonly word: string; readonly tone: Tone }>> = {
  due: { word: "", tone: "strong" },
  asked: { word: "asked", tone: "good" },
  held: { word: "not asked", tone: "wait" },
  failed: { word: "failed", tone: "bad" },
};

/** What of Flux takes values from a source that changed, and whether it is asked to reconcile. */
export function readerSection(reconciles: readonly ReaderReport[], style: Style): string[] {
  const all = reconciles.map(({ object, because, outcome, message }): Block => {
    const { word, tone } = words[outcome];
    const name = `${object.kind}/${object.namespace}/${object.name}`;
    const rows = because.map((source, index): Cell[] => [
      { text: index === 0 ? name : "", tone: "strong" },
      localName(source),
      ...(index === 0 && word ? [{ text: word, tone }] : []),
    ]);
    return { rows, notes: message ? [message] : [] };
  });
  const title = `Ask Flux to reconcile what takes values from a changed source: ${count(reconciles.length, "object")}`;
  return section({ text: title, tone: "strong" }, blocks(all, style), style);
}

/** The same, as it stands in every document. */
export function readerJson({ object, because, outcome, message }: ReaderReport): ReaderReport {
  return { object: refJson(object), because: because.map(refJson), outcome, message };
}
