import { ownKey } from "../model/annotations.ts";
import type { EligibleSource } from "../model/comparison.ts";
import { type ModeChoice, modeOf } from "../model/mode.ts";
import type { Hold } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { quote } from "../model/printable.ts";
import { resolve, type SettingsSaid, type Statement, settings } from "../model/settings.ts";
import type { Sight } from "../model/source.ts";
import type { SourceRecord } from "../model/state.ts";
import { type Strategy, strategyOf } from "../model/strategies.ts";
import type { Outline } from "../model/workload.ts";
import { settingsOn } from "../snapshot/settings.ts";

type Asking = Pick<Outline, "ref" | "directives">;

/** What holds for a workload as a whole: what keeps it from restarting now, and how it restarts. */
export interface Terms {
  readonly hold: Hold | undefined;
  readonly restartedAt: boolean;
  readonly strategy: Strategy;
  readonly mode: ModeChoice;
}

/** What annotations of the workload and of its namespace say. `policy` is that of the namespace. */
export function termsOf(workload: Asking, policy: Policy): Terms {
  const { directives } = workload;
  const said = { namespace: policy.namespaceSaid, workload: directives.said };
  const paused = resolve("paused", false, said);
  return {
    hold: paused.value && paused.by ? pausedBy(`the ${paused.level}`, paused.by) : undefined,
    restartedAt: resolve("restartedAt", false, said).value,
    strategy: strategyOf(workload, policy),
    mode: modeOf(workload, policy),
  };
}

function pausedBy(who: string, { key, value }: Statement): Hold {
  return {
    reason: "paused-by-annotation",
    message: `${who} is paused (${key}: ${quote(value)}); the first run after that is taken away does it`,
  };
}

/** What a source said of settings when it could last be read: of one that is gone, what is remembered. */
function saidBy(sight: Sight, previous: SourceRecord | undefined, { annotationKeys }: Policy): SettingsSaid {
  if (sight.is === "present") return settingsOn("source", sight.source.annotations, annotationKeys);
  const value = previous?.reloadOnDelete;
  const key = ownKey(settings.reloadOnDelete.annotation);
  return value === undefined ? {} : { reloadOnDelete: { key, value: String(value) } };
}

/** What holds for one source of a workload. A pause goes with the source that carried it. */
export function sourceTerms(
  { directives }: Asking,
  sight: Sight,
  previous: SourceRecord | undefined,
  policy: Policy,
): Pick<EligibleSource, "reloadOnCreate" | "reloadOnDelete" | "paused"> {
  const source = saidBy(sight, previous, policy);
  const said = { workload: directives.said, source };
  const paused = resolve("paused", false, { source });
  return {
    reloadOnCreate: resolve("reloadOnCreate", policy.reloadOnCreate, said).value,
    reloadOnDelete: resolve("reloadOnDelete", policy.reloadOnDelete, said).value,
    paused: paused.value ? paused.by : undefined,
  };
}
