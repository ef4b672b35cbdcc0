import { type Comparison, dueChanges, owedUnseen, pressing } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import type { LoopVerdict } from "../model/loops.ts";
import { type ModeChoice, modes } from "../model/mode.ts";
import type { Action, Change, Hold, Pending } from "../model/plan.ts";
import { quote } from "../model/printable.ts";
import { type Quarantined, toQuarantined } from "../model/quarantined.ts";
import { compareRefs, localName } from "../model/ref.ts";
import type { WorkloadRecord } from "../model/state.ts";
import { type Strategy, type StrategyName, strategyRow } from "../model/strategies.ts";
import type { Workload } from "../model/workload.ts";
import { quarantineHold } from "./held.ts";
import { composeStamp } from "./stamp.ts";

/** A comparison with what the state says about its workload. */
export interface Candidate {
  readonly comparison: Comparison;
  readonly record: WorkloadRecord | undefined;
  readonly strategy: Strategy;
  readonly mode: ModeChoice;
  /** Something that has to be known before a restart could not be observed; says what. */
  readonly unobserved: string | undefined;
  /** What annotations of the workload or of its namespace keep from being done now. */
  readonly hold: Hold | undefined;
  /** Also write kubectl.kubernetes.io/restartedAt. */
  readonly restartedAt: boolean;
  readonly loops: LoopVerdict;
}

interface Assembled {
  readonly actions: readonly Action[];
  readonly pending: readonly Pending[];
  readonly quarantines: readonly Quarantined[];
}

/** One action or one pending restart per workload with due changes, whatever their number. Pure, and blind to the order of its input. */
export function assemble(candidates: readonly Candidate[], digester: Digester, now: string): Assembled {
  const owed = candidates
    .map((candidate) => ({ candidate, because: dueChanges(candidate.comparison), hold: holdBack(candidate) }))
    .sort((a, b) => compareRefs(a.candidate.comparison.workload.ref, b.candidate.comparison.workload.ref));
  const actions: Action[] = [];
  const pending: Pending[] = [];
  for (const { candidate, because, hold } of owed) {
    const unseen = owedUnseen(candidate.comparison, candidate.record);
    const { strategy, comparison } = candidate;
    const resumes = comparison.workload.batch?.unresumed !== undefined;
    if (resumes) actions.push(toAction(candidate, because, "recreate", digester));
    else if (because.length > 0 && !hold && strategy.is === "known") {
      actions.push(toAction(candidate, because, usedStrategy(candidate, strategy.name), digester));
    } else if (because.length > 0 && hold) pending.push(toPending(candidate, [...because, ...unseen], hold, now));
    else if (unseen.length > 0) pending.push(toPending(candidate, unseen, unseenHold, now));
  }
  const quarantines = owed.flatMap(({ candidate: { comparison, loops }, because, hold }) => {
    const held = hold?.reason === "quarantined" ? because.map(({ source }) => localName(source)) : [];
    return loops.quarantines.map((each) => toQuarantined(comparison.workload.ref, each, held));
  });
  return { actions, pending, quarantines };
}

/** A workload without a template of its own has nothing that a new template could be written to. */
function usedStrategy({ comparison }: Pick<Candidate, "comparison">, name: StrategyName): StrategyName {
  return comparison.workload.borrows && strategyRow(name).stamp === "template" ? "restart" : name;
}

/** The word is quoted: it may be a misspelt one. */
function blocked({ word, known }: Extract<Strategy, { is: "unknown" }>): Hold {
  const message = `it cannot be restarted by strategy ${quote(word)}: its kind knows ${known.join(", ")}; put the annotation or the option strategies right`;
  return { reason: "blocked", message };
}

function blockedMode(word: string): Hold {
  const message = `it cannot be restarted in mode ${quote(word)}: modes are ${modes.join(" and ")}; put the annotation right`;
  return { reason: "blocked", message };
}

const unseenHold: Hold = {
  reason: "unobserved",
  message: "the changed source is gone or could not be read in this run; it is decided when it can be",
};

const suspended: Hold = {
  reason: "suspended",
  message:
    "it is suspended (spec.suspend); it is restarted once it is resumed, unless that alone brings the new content",
};

const jobRunning: Hold = {
  reason: "job-running",
  message: "a Job of it still runs and its concurrencyPolicy is Forbid; the next Job is made once that one has ended",
};

/** What a Job or CronJob says against being restarted now. A new job template disturbs nobody. */
function holdBatch({ batch }: Workload, strategy: StrategyName): Hold | undefined {
  if (strategy === "patch") return undefined;
  if (batch?.suspended) return suspended;
  return batch?.busy ? jobRunning : undefined;
}

function holdBack({ comparison, strategy, mode, unobserved, hold, loops }: Candidate): Hold | undefined {
  const { workload, underWay } = comparison;
  if (strategy.is === "unknown") return blocked(strategy);
  if (mode.is === "unknown") return blockedMode(mode.word);
  if (unobserved) return { reason: "unobserved", message: unobserved };
  if (hold) return hold;
  if (workload.paused) {
    const message = `the ${workload.ref.kind} is paused (spec.paused); it is restarted once it is resumed`;
    return { reason: "paused", message };
  }
  const held = workload.holds?.[usedStrategy({ comparison }, strategy.name)];
  if (held) return held;
  if (workload.observedGeneration < (workload.generation ?? 0)) {
    return {
      reason: "rollout-not-observed",
      message:
        "its controller has not yet acted on the newest template; pods that start now read the new content anyway",
    };
  }
  if (pressing(comparison).length === 0) return pausedSources(comparison);
  if (underWay) {
    return {
      reason: "verifying",
      message: "a rollout is under way whose pods read the new content; once the old ones are gone, nothing is owed",
    };
  }
  return holdBatch(workload, strategy.name) ?? quarantineHold(comparison, loops);
}

function pausedSources({ sources }: Comparison): Hold | undefined {
  const all = sources.filter(({ standing, paused }) => standing === "due" && paused);
  const names = all.map(({ ref, paused }) => `${localName(ref)} (${paused?.key}: ${quote(paused?.value)})`);
  if (names.length === 0) return undefined;
  const message = `paused: ${names.join(" and ")}; the first run after that is taken away does it, or a restart for another source before`;
  return { reason: "paused-by-annotation", message };
}

function toAction(
  { comparison, restartedAt, mode: chosen }: Candidate,
  because: readonly Change[],
  strategy: StrategyName,
  digester: Digester,
): Action {
  const { workload } = comparison;
  const mode = chosen.is === "known" ? chosen.name : "direct";
  const compose = (live: string | undefined) => composeStamp(comparison, live, digester, strategyRow(strategy).raises);
  return {
    workload: workload.ref,
    because,
    wave: 0,
    mode,
    strategy,
    stamp: compose(workload.stamps[mode]),
    directStamp: compose(workload.stamps.direct),
    guard: {
      uid: workload.uid,
      generation: workload.generation,
      stamps: workload.stamps,
      hasTemplateAnnotations: workload.hasTemplateAnnotations,
      ...(workload.metadata ? { metadata: workload.metadata } : {}),
    },
    restartedAt,
    manual: workload.manual,
  };
}

function toPending(candidate: Candidate, because: readonly Change[], hold: Hold, now: string): Pending {
  const since = candidate.record?.pending?.since ?? now;
  const sorted = [...because].sort((a, b) => compareRefs(a.source, b.source));
  return { workload: candidate.comparison.workload.ref, because: sorted, ...hold, since };
}
