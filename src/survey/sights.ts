import type { Digester } from "../model/digest.ts";
import { sees, type View } from "../model/observation.ts";
import type { Policy } from "../model/policy.ts";
import { formatRef, localName, type SourceKind, type SourceRef } from "../model/ref.ts";
import { equalDigests, type Sight } from "../model/source.ts";
import { namespaceState, type SourceRecord, type State } from "../model/state.ts";
import type { Outline } from "../model/workload.ts";
import type { Candidacy, HeadersByName } from "../plan/eligible.ts";
import type { Cluster } from "../ports.ts";
import { readBodies, type SourceSight, type WantedSource } from "../snapshot/bodies.ts";
import { keyIdsOf, type Subject, sightWithoutBody } from "./subjects.ts";
import { sourceTerms } from "./terms.ts";

/** What seeing takes. */
interface SightInput {
  readonly cluster: Cluster;
  readonly policy: Policy;
  readonly state: State;
  readonly digester: Digester;
}

/** The sights of every source that concerns a subject, each once, those that were seen `already` first. All of one namespace, and `headers` are its sources. */
export async function sightSources(
  { cluster, policy, state, digester }: SightInput,
  view: View,
  headers: HeadersByName,
  subjects: readonly Subject<Outline>[],
  already: readonly SourceSight[] = [],
): Promise<SourceSight[]> {
  const concerned = new Map<string, Candidacy>();
  const current: ReadonlySet<string> = new Set([digester.currentId]);
  const keyIds = new Map<string, ReadonlySet<string>>();
  const missed = new Set<string>();
  for (const subject of subjects) {
    const own = Map.groupBy(keyIdsOf(subject, digester), ([name]) => name);
    for (const candidacy of subject.candidacies) {
      if (candidacy.decision.rule === "ignored-kind") continue;
      const name = localName(candidacy.ref);
      const previous = previousOf(state, candidacy);
      if (sourceTerms(subject.workload, { is: "absent" }, previous, policy).reloadOnDelete) missed.add(name);
      const ids = keyIds.get(name) ?? current;
      const more = (own.get(name) ?? []).map(([, id]) => id).filter((id) => digester.knows(id) && !ids.has(id));
      keyIds.set(name, more.length > 0 ? new Set([...ids, ...more]) : ids);
      const before = concerned.get(name);
      if (!before || isStronger(candidacy, before)) concerned.set(name, candidacy);
    }
  }
  const enough = already.filter(({ ref, sight }) => {
    const ids = [...(keyIds.get(localName(ref)) ?? current)];
    return sight.is !== "present" || !concerned.has(localName(ref)) || ids.every((id) => sight.source.digests.has(id));
  });
  for (const { ref } of enough) concerned.delete(localName(ref));
  const wanted = new Map(
    [...concerned].flatMap(([name, candidacy]): [string, WantedSource][] => {
      const header = headers.get(name);
      const previous = previousOf(state, candidacy);
      const readable =
        header ?? isWorthAsking(candidacy, view, policy.selector, missed.has(name) ? previous : undefined);
      const ids = keyIds.get(name) ?? current;
      const known = previous && digester.knows(previous.keyId) && !ids.has(previous.keyId);
      const wants = known ? new Set([...ids, previous.keyId]) : ids;
      return readable ? [[name, { ref: candidacy.ref, header, previous, keyIds: wants }]] : [];
    }),
  );
  const listed = (kind: SourceKind) =>
    [...headers.values()].filter(({ ref }) => ref.kind === kind).map(({ ref }) => ref.name);
  const neighbourhood = { listed, selector: policy.selector };
  const read = (await readBodies(cluster, [...wanted.values()], digester, neighbourhood)).map((each): SourceSight => {
    if (wanted.get(localName(each.ref))?.header) return each;
    return policy.selector === "" ? { ...each, unlisted: true } : outOfSelection(each);
  });
  const unread = [...concerned].filter(([name]) => !wanted.has(name)).map(([, candidacy]) => candidacy);
  return [...enough, ...read, ...unread.map((each) => ({ ref: each.ref, sight: sightWithoutBody(view, each) }))];
}

/** Of several workloads that a source concerns, one that names it has the most to say: only then is a source read that lists leave out. */
function isStronger({ decision }: Candidacy, { decision: before }: Candidacy): boolean {
  return before.rule !== "named" && decision.eligible;
}

/**
 * A list names it, so it may be of a type that lists leave out. A label selector leaves out on purpose; but where what is gone is a reason to
 * restart, one that was there has to be told from one that the selector does not take in any more.
 */
function isWorthAsking(
  { decision, ref }: Candidacy,
  view: View,
  selector: string,
  missed: SourceRecord | undefined,
): boolean {
  if (!sees(view, ref.kind, ref.namespace)) return false;
  // Of a class the object alone tells nothing.
  const named = decision.rule === "named" && ref.kind !== "SecretProviderClass";
  return selector === "" ? named : missed !== undefined && !missed.goneSince;
}

/** It is there, and nobody wants to know what is in it. */
function outOfSelection(seen: SourceSight): SourceSight {
  return seen.sight.is === "present" ? { ref: seen.ref, sight: { is: "unobserved" } } : seen;
}

function previousOf(state: State, { ref }: Candidacy): SourceRecord | undefined {
  return namespaceState(state, ref.namespace).sources[localName(ref)];
}

/** Formatted refs of the sources whose content is not what the last snapshot holds. A key that is gone tells nothing. */
export function changedSources(sights: readonly SourceSight[], state: State): Set<string> {
  const changed = sights.filter(({ ref, sight }) => {
    const previous = namespaceState(state, ref.namespace).sources[localName(ref)];
    return previous !== undefined && hasChanged(previous, sight);
  });
  return new Set(changed.map(({ ref }) => formatRef(ref)));
}

function hasChanged(previous: SourceRecord, sight: Sight): boolean {
  if (sight.is === "unobserved") return false;
  if (sight.is === "absent") return previous.goneSince === undefined;
  const now = sight.source.digests.get(previous.keyId);
  return now !== undefined && !equalDigests(previous.digests, now);
}

/**
 * Parts what was taken from the state from what was looked at: of most sources nothing has to be kept but their names. Where questions are to
 * be answered afterwards, everything counts as looked at.
 */
export function splitSights(
  sights: readonly SourceSight[],
  { state, keep }: Pick<SightInput, "state"> & { readonly keep: boolean },
): { readonly sights: readonly SourceSight[]; readonly unmoved: readonly SourceRef[] } {
  const isUnmoved = ({ ref, sight }: SourceSight) => {
    if (keep || sight.is !== "present" || sight.source.rotatedAt !== undefined) return false;
    const previous = namespaceState(state, ref.namespace).sources[localName(ref)];
    // The very object: nobody read the source.
    return previous !== undefined && sight.source.digests.get(previous.keyId) === previous.digests;
  };
  const { unmoved = [], looked = [] } = Object.groupBy(sights, (each) => (isUnmoved(each) ? "unmoved" : "looked"));
  return { sights: looked, unmoved: unmoved.map(({ ref }) => ref) };
}
