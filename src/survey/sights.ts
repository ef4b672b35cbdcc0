import type { Digester } from "../model/digest.ts";
import { type Observation, sees } from "../model/observation.ts";
import type { Policy } from "../model/policy.ts";
import { formatRef, localName } from "../model/ref.ts";
import { equalDigests, type Sight } from "../model/source.ts";
import { namespaceState, type SourceRecord, type State } from "../model/state.ts";
import type { Candidacy } from "../plan/eligible.ts";
import type { Cluster } from "../ports.ts";
import { readBodies, type SourceSight, type WantedSource } from "../snapshot/bodies.ts";
import { type HeaderIndex, headersOf, keyIdsOf, type Subject, sightWithoutBody } from "./subjects.ts";

/** The sights of every source that concerns a subject, each once. */
export async function sightSources(
  cluster: Cluster,
  policy: Policy,
  state: State,
  digester: Digester,
  observation: Observation,
  index: HeaderIndex,
  subjects: readonly Subject[],
): Promise<SourceSight[]> {
  const concerned = new Map<string, Candidacy>();
  const keyIds = new Map<string, Set<string>>();
  for (const subject of subjects) {
    const { namespace } = subject.workload.ref;
    const own = Map.groupBy(keyIdsOf(subject, digester), ([name]) => name);
    for (const candidacy of subject.candidacies) {
      if (candidacy.decision.rule === "ignored-kind") continue;
      const ref = formatRef(candidacy.ref);
      const ids = keyIds.get(ref) ?? new Set([digester.currentId]);
      for (const [, id] of own.get(localName(candidacy.ref)) ?? []) if (digester.knows(id)) ids.add(id);
      keyIds.set(ref, ids);
      const before = concerned.get(ref);
      if (candidacy.ref.namespace === namespace && (!before || isStronger(candidacy, before))) {
        concerned.set(ref, candidacy);
      }
    }
  }
  const wanted = new Map(
    [...concerned].flatMap(([ref, candidacy]): [string, WantedSource][] => {
      const header = headersOf(index, candidacy.ref.namespace).get(localName(candidacy.ref));
      const readable = header ?? isWorthAsking(candidacy, observation, policy);
      const ids = keyIds.get(ref) ?? new Set<string>();
      const previous = previousOf(state, candidacy);
      return readable ? [[ref, { ref: candidacy.ref, header, previous, keyIds: ids }]] : [];
    }),
  );
  const read = (await readBodies(cluster, [...wanted.values()], digester)).map((each): SourceSight => {
    return wanted.get(formatRef(each.ref))?.header ? each : { ...each, unlisted: true };
  });
  const unread = [...concerned].filter(([ref]) => !wanted.has(ref)).map(([, candidacy]) => candidacy);
  return [...read, ...unread.map((each) => ({ ref: each.ref, sight: sightWithoutBody(observation, each) }))];
}

/** Of several workloads that a source concerns, one that names it has the most to say: only then is a source read that lists leave out. */
function isStronger({ decision }: Candidacy, { decision: before }: Candidacy): boolean {
  return before.rule !== "named" && decision.eligible;
}

/** A list names it, so it may be of a type that lists leave out. A label selector leaves out on purpose. */
function isWorthAsking({ decision, ref }: Candidacy, observation: Observation, policy: Policy): boolean {
  return decision.rule === "named" && policy.selector === "" && sees(observation, ref.kind, ref.namespace);
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
