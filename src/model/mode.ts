import type { Policy } from "./policy.ts";
import type { Outline } from "./workload.ts";

/** How a restart is asked for: by a patch of the workload, or by a commit to the repository that Flux reconciles. */
export const modes = ["direct", "git"] as const;

export type Mode = (typeof modes)[number];

/** How restarts of one workload are asked for; `unknown`: a word that is no mode, so that it is left alone. */
export type ModeChoice =
  | { readonly is: "known"; readonly name: Mode }
  | { readonly is: "unknown"; readonly word: string };

/** What the annotation of the workload says, else what the policy of its namespace says. A word that is no mode is never replaced by another. */
export function modeOf({ directives }: Pick<Outline, "directives">, policy: Pick<Policy, "mode">): ModeChoice {
  const word = directives.read.find(({ name }) => name === "mode")?.value.trim();
  if (!word) return { is: "known", name: policy.mode };
  const name = modes.find((known) => known === word);
  return name ? { is: "known", name } : { is: "unknown", word };
}
