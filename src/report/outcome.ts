import type { OutcomeWord } from "../model/outcome.ts";
import type { LedgerWord } from "../model/state.ts";
import type { Tone } from "./style.ts";

/** In the order in which people need to know; the tone is the colour. */
const tones: Readonly<Record<OutcomeWord, Tone>> = {
  failed: "bad",
  "rolled-back": "bad",
  "needs-manual": "wait",
  verifying: "wait",
  deferred: "wait",
  superseded: "wait",
  committed: "good",
  restarted: "good",
  unchanged: "quiet",
};

/** Every outcome, what a person must know of first. */
export const outcomeOrder = Object.keys(tones) as OutcomeWord[];

/** Words that are told only in the history. */
const pastTones: Readonly<Record<Exclude<LedgerWord, OutcomeWord>, Tone>> = {
  quarantined: "bad",
  released: "good",
  adopted: "quiet",
};

/** The tone an outcome, or another line of the history, is told in. */
export function outcomeTone(word: LedgerWord): Tone {
  return { ...tones, ...pastTones }[word];
}
