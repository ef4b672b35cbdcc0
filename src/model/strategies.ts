import type { AnnotationName } from "./annotations.ts";
import { kindOf, podTemplate, type WorkloadKind } from "./kinds.ts";
import { dig, type KubeObject, text } from "./object.ts";
import type { Policy } from "./policy.ts";
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

/** How one workload is restarted; `unknown`: a word its kind does not have, so that it is left alone. */
export type Strategy =
  | { readonly is: "known"; readonly name: StrategyName; readonly usual: boolean }
  | { readonly is: "unknown"; readonly word: string; readonly known: readonly StrategyName[] };

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
 * How a workload is restarted: what its annotation says, else what the policy says for its kind, else the kind's own default. `usual`
 * tells whether that is the default. A word that the kind does not have is never replaced by another way.
 */
export function strategyOf({ ref, directives }: Pick<Outline, "ref" | "directives">, policy: Policy): Strategy {
  const kind = kindOf(ref, policy.kinds);
  const [usual] = kind.strategies;
  const said = (name: AnnotationName | undefined) =>
    directives.read.find((read) => read.name === name)?.value.trim() || undefined;
  const configured = Object.hasOwn(policy.strategies, kind.name) ? policy.strategies[kind.name] : undefined;
  const word = said("strategy") ?? said(kind.strategyAnnotation) ?? configured ?? usual;
  const name = kind.strategies.find((known) => known === word);
  if (name === undefined) return { is: "unknown", word, known: kind.strategies };
  return { is: "known", name, usual: name === usual };
}
