import type { Decision } from "../model/decision.ts";
import { leftAlone } from "../model/left-alone.ts";
import type { Policy } from "../model/policy.ts";
import { localName, parseSourceName, type SourceKind, type SourceRef, sourceKinds } from "../model/ref.ts";
import type { SourceHeader, WatchedKeys } from "../model/source.ts";
import { countingUses, watchedSources } from "../model/watched.ts";
import type { Directives, Outline } from "../model/workload.ts";
import { decide } from "./match.ts";
import { literalName, matches } from "./pattern.ts";

/** A source a workload uses or names, and what the directives say about it. */
export interface Candidacy {
  readonly ref: SourceRef;
  readonly decision: Decision;
  /** Counts as eligible: the decision says yes, or it cannot be made now and the source counted before. */
  readonly eligible: boolean;
  readonly keys: WatchedKeys;
  readonly byPattern: boolean;
  /** Where the template uses it; empty where only a list names it. */
  readonly where: readonly string[];
}

/** The sources of one namespace by `Kind/name`. */
export type HeadersByName = ReadonlyMap<string, SourceHeader>;

/** Whether anything the workload says, or the policy, makes it restart for sources of that kind. */
function asksFor(workload: Pick<Outline, "directives">, kind: SourceKind, policy: Policy): boolean {
  const asked = workload.directives.byKind[kind];
  return asked.auto || asked.search || asked.named.length > 0 || (asked.autoUnset && policy.autoReloadAll);
}

/** Whether it is made to restart for anything. A Job that an earlier run left suspended asks to be resumed. */
export function asks(workload: Pick<Outline, "ref" | "directives" | "batch">, policy: Policy): boolean {
  if (workload.batch?.unresumed !== undefined) return true;
  return !leftAlone(workload, policy) && sourceKinds.some((kind) => asksFor(workload, kind, policy));
}

/** Whether the annotations ask for restarts, whatever the policy says about those that say nothing. */
export function asksItself({ byKind }: Directives): boolean {
  return Object.values(byKind).some(({ auto, search, named }) => auto || search || named.length > 0);
}

/**
 * Every source that concerns a workload, used by its template or named by a list, each with the decision about it. `known` are the sources
 * (`Kind/name`) it has rolled out with before: they stay eligible while what would decide about them cannot be read.
 */
export function candidacies(
  workload: Outline,
  headers: HeadersByName,
  known: ReadonlySet<string>,
  policy: Policy,
): Candidacy[] {
  const used = new Map(
    watchedSources(countingUses(workload, policy), workload.ref.namespace).map((each) => [localName(each.ref), each]),
  );
  const refs = new Map([...used.values()].map(({ ref }) => [localName(ref), ref]));
  for (const ref of namedSources(workload, headers, known, policy)) refs.set(localName(ref), ref);
  return [...refs].map(([name, ref]) => {
    const use = used.get(name);
    const facts = { ref, keys: use?.keys, annotations: headers.get(name)?.annotations };
    const decision = decide(workload, facts, policy);
    const keeps = decision.unsure && known.has(name);
    const keys = decision.eligible ? decision.keys : (use?.keys ?? "*");
    const byPattern = decision.eligible && decision.byPattern;
    return { ref, decision, eligible: decision.eligible || keeps, keys, byPattern, where: use?.where ?? [] };
  });
}

function namedSources(
  workload: Outline,
  headers: HeadersByName,
  known: ReadonlySet<string>,
  policy: Policy,
): SourceRef[] {
  const { namespace } = workload.ref;
  const asking = sourceKinds.filter((kind) => workload.directives.byKind[kind].named.length > 0);
  if (asking.length === 0) return [];
  const present = [...headers.values()].map(({ ref }) => ref);
  const before = [...known].flatMap((name) => parseSourceName(name, namespace) ?? []);
  return asking.flatMap((kind) => {
    const { named } = workload.directives.byKind[kind];
    const written = named.flatMap(({ text }) => literalName(text) ?? []).map((name) => ({ kind, namespace, name }));
    const matching = [...present, ...before].filter(
      (ref) => ref.kind === kind && named.some(({ text }) => matches(text, ref.name, policy.anchoring)),
    );
    return [...written, ...matching];
  });
}
