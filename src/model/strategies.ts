import type { AnnotationName } from "./annotations.ts";
import { kindOf, podTemplate, type WorkloadKind } from "./kinds.ts";
import { dig, type KubeObject, text } from "./object.ts";
import type { Policy } from "./policy.ts";
import type { Statement } from "./settings.ts";
import type { Outline } from "./workload.ts";

/** Where a stamp stands: on the pod template, or on the object's own metadata, where nothing rolls by the stamp itself. */
export type StampPlace = "template" | "object";

/** How a workload is restarted. */
interface StrategyRow {
  /** `undefined`: this strategy never writes one. */
  readonly stamp: StampPlace | undefined;
  /** Nothing rolls that could be watched: the write itself is the end of it. */
  readonly unwatched?: true;
  /** Every restart is a new stamp, also with content that it was restarted with before. */
  readonly raises?: true;
  /** Completes the sentence "the workload is restarted …". */
  readonly doc: string;
}

/** Every way to restart a workload: a new row is a new way. Which of them a kind knows is told by its row in `kinds.ts`. */
export const strategies = {
  rollout: { stamp: "template", doc: "by a new pod template, which its controller rolls out" },
  restart: { stamp: "object", doc: "by spec.restartAt; the pod template stays as it is" },
  skip: { stamp: undefined, unwatched: true, doc: "not at all" },
  patch: { stamp: "template", unwatched: true, doc: "by a new job template, which the next Job is made from" },
  trigger: { stamp: "object", unwatched: true, raises: true, doc: "by one Job that is made from its job template now" },
  recreate: { stamp: "object", doc: "by suspending and resuming it, so that its pods are made anew" },
} as const satisfies Readonly<Record<string, StrategyRow>>;

export type StrategyName = keyof typeof strategies;

/** What is known of a way to restart. */
export function strategyRow(name: StrategyName): StrategyRow {
  return strategies[name];
}

/** Who may say how a workload is restarted, the weakest first; `kind`: what its kind does where nobody says. */
export const strategyLevels = ["kind", "configuration", "namespace", "workload"] as const;

/** Who said how a workload is restarted, and by which annotation. */
export interface StrategyChoice {
  readonly level: (typeof strategyLevels)[number];
  /** Absent where no annotation did. */
  readonly by?: Statement;
}

/** How one workload is restarted; `unknown`: a word its kind does not have, so that it is left alone. */
export type Strategy = { readonly choice: StrategyChoice } & (
  | { readonly is: "known"; readonly name: StrategyName }
  | { readonly is: "unknown"; readonly word: string; readonly known: readonly StrategyName[] }
);

/** The stamp that counts on an object, whole: its own where its kind may have one there and it does, else that of the pod template. */
export function liveStamp(kind: WorkloadKind, object: KubeObject, key: string): string | undefined {
  const own = stampsObject(kind) ? text(dig(object.metadata.annotations, key)) : undefined;
  return own ?? text(dig(podTemplate(object, kind), "metadata", "annotations", key));
}

/** Where the stamp of a workload may stand: on the object too where one of its kind's strategies puts it there. */
export function stampsObject({ strategies: names }: WorkloadKind): boolean {
  return names.some((name) => strategies[name].stamp === "object");
}

/**
 * How a workload is restarted: what its annotation says, else what the policy says for its kind, else the kind's own default. A word that
 * the kind does not have is never replaced by another way.
 */
export function strategyOf(workload: Pick<Outline, "ref" | "directives">, policy: Policy): Strategy {
  const kind = kindOf(workload.ref, policy.kinds);
  const { word, ...choice } = chosen(workload, kind, policy);
  const name = kind.strategies.find((known) => known === word);
  if (name === undefined) return { is: "unknown", word, known: kind.strategies, choice };
  return { is: "known", name, choice };
}

function chosen(
  { directives }: Pick<Outline, "directives">,
  { name, strategyAnnotation, strategies: [usual] }: WorkloadKind,
  { strategies: configured, strategySaid }: Policy,
): StrategyChoice & { readonly word: string } {
  const said = (annotation: AnnotationName | undefined) =>
    directives.read.find((read) => read.name === annotation && read.value.trim() !== "");
  const own = said("strategy") ?? said(strategyAnnotation);
  if (own) return { word: own.value.trim(), level: "workload", by: { key: own.key, value: own.value } };
  const word = Object.hasOwn(configured, name) ? configured[name] : undefined;
  if (word === undefined) return { word: usual, level: "kind" };
  return strategySaid?.kinds.includes(name)
    ? { word, level: "namespace", by: strategySaid.by }
    : { word, level: "configuration" };
}
