import type { OutcomeWord } from "../model/outcome.ts";
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

/** The tone an outcome is told in; `adopted` is one only in the history. */
export function outcomeTone(outcome: OutcomeWord | "adopted"): Tone {
  return outcome === "adopted" ? "quiet" : tones[outcome];
}
