import type { Policy } from "./policy.ts";
import type { Statement } from "./settings.ts";
import type { Outline } from "./workload.ts";

/** How a restart is asked for: by a patch of the workload, or by a commit to the repository that Flux reconciles. */
export const modes = ["direct", "git"] as const;

export type Mode = (typeof modes)[number];

/** Who may say it, the weakest first. */
export const modeLevels = ["configuration", "namespace", "workload"] as const;

/** Who said how restarts of one workload are asked for, and by which annotation. */
export interface ModeOrigin {
  readonly level: (typeof modeLevels)[number];
  /** Absent where the configuration did. */
  readonly by?: Statement;
}

/** How restarts of one workload are asked for; `unknown`: a word that is no mode, so that it is left alone. */
export type ModeChoice = { readonly choice: ModeOrigin } & (
  | { readonly is: "known"; readonly name: Mode }
  | { readonly is: "unknown"; readonly word: string }
);

/** What the annotation of the workload says, else what the policy of its namespace says. A word that is no mode is never replaced by another. */
export function modeOf(
  { directives }: Pick<Outline, "directives">,
  { mode, modeSaid }: Pick<Policy, "mode" | "modeSaid">,
): ModeChoice {
  const own = directives.read.find(({ name, value }) => name === "mode" && value.trim() !== "");
  if (!own) {
    const choice: ModeOrigin = modeSaid ? { level: "namespace", by: modeSaid } : { level: "configuration" };
    return { is: "known", name: mode, choice };
  }
  const word = own.value.trim();
  const name = modes.find((known) => known === word);
  const choice: ModeOrigin = { level: "workload", by: { key: own.key, value: own.value } };
  return name ? { is: "known", name, choice } : { is: "unknown", word, choice };
}
