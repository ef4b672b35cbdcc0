import { sawStamps } from "../diff/base.ts";
import type { Comparison, EligibleSource } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import type { PortError } from "../model/errors.ts";
import type { LoopVerdict } from "../model/loops.ts";
import { type Observation, sees, type View } from "../model/observation.ts";
import type { Policy } from "../model/policy.ts";
import { formatRef, localName } from "../model/ref.ts";
import type { Sight, SourceHeader } from "../model/source.ts";
import { parseStamp } from "../model/stamp.ts";
import { namespaceState, type State, type WorkloadRecord } from "../model/state.ts";
import type { Outline, Workload } from "../model/workload.ts";
import { type Candidacy, candidacies, type HeadersByName } from "../plan/eligible.ts";
import { recordOf } from "../record/fold.ts";
import type { SourceSight } from "../snapshot/bodies.ts";
import { sourceTerms, type Terms } from "./terms.ts";

/** A workload that asks for restarts, with the sources that concern it. */
export interface Subject<Seen extends Outline = Workload> {
  readonly workload: Seen;
  readonly record: WorkloadRecord | undefined;
  readonly candidacies: readonly Candidacy[];
  /** It is not what was listed any more: what it uses may be younger than the list of sources. */
  readonly moved: boolean;
}

/** One workload that asks for restarts, with everything that was found out about it. */
export interface Surveyed extends Omit<Subject, "candidacies" | "moved">, Terms {
  readonly comparison: Comparison;
  readonly loops: LoopVerdict;
  /** Why its pods could not be looked at although their age decides. */
  readonly podsError: PortError | undefined;
}

/** Headers of all sources by namespace. */
export type HeaderIndex = ReadonlyMap<string, readonly SourceHeader[]>;

export function indexHeaders({ headers }: Pick<Observation, "headers">): HeaderIndex {
  return Map.groupBy(headers, ({ ref }) => ref.namespace);
}

export function headersOf(index: HeaderIndex, namespace: string): readonly SourceHeader[] {
  return index.get(namespace) ?? [];
}

/** The headers of one namespace by `Kind/name`. */
export function byLocalName(headers: readonly SourceHeader[]): HeadersByName {
  return new Map(headers.map((each) => [localName(each.ref), each]));
}

/** The sources that concern a workload, decided with what is known of it from record and stamps. `headers` are those of its namespace. */
export function subjectOf<Seen extends Outline>(
  workload: Seen,
  headers: HeadersByName,
  state: State,
  policy: Policy,
  moved = false,
): Subject<Seen> {
  const record = recordOf(state, workload.ref);
  const stamped = stampsOf(workload).flatMap((stamp) => [...(parseStamp(stamp)?.entries.keys() ?? [])]);
  const known = new Set([...Object.keys(record?.rolledOut ?? {}), ...stamped]);
  return { workload, record, candidacies: candidacies(workload, headers, known, policy), moved };
}

/** The eligible ones among a subject's sources, with what was seen of them. */
export function eligibleSources(
  { workload, candidacies: all, moved }: Subject<Outline>,
  sights: ReadonlyMap<string, SourceSight>,
  state: State,
  policy: Policy,
): EligibleSource[] {
  const sources = namespaceState(state, workload.ref.namespace).sources;
  return all
    .filter(({ eligible }) => eligible)
    .map(({ ref, keys, byPattern, decision, where }) => {
      const seen = sights.get(formatRef(ref));
      const hidden = seen?.unlisted && decision.rule !== "named";
      const found: Sight = hidden ? { is: "absent" } : (seen?.sight ?? { is: "unobserved" });
      const sight: Sight = moved && found.is === "absent" ? { is: "unobserved" } : found;
      const previous = sources[localName(ref)];
      const terms = sourceTerms(workload, sight, previous, policy);
      return { ref, keys, byPattern, used: where.length > 0, sight, previous, ...terms };
    });
}

/**
 * The ids of every digest key that something to be compared was recorded with, by `Kind/name`. Where the record speaks for the stamps that
 * are live, theirs do not matter: after a key was rotated no body is read again for a stamp of the retired one.
 */
export function keyIdsOf(
  { workload, record, candidacies: all }: Subject<Outline>,
  digester: Digester,
): [string, string][] {
  const recorded = Object.entries(record?.rolledOut ?? {}).flatMap(([name, entry]): [string, string][] =>
    typeof entry === "string" ? [] : [[name, entry.keyId]],
  );
  if (record && sawStamps(record, workload.stamps, digester)) return recorded;
  const stamped = stampsOf(workload).flatMap((value) => {
    const stamp = parseStamp(value);
    if (!stamp) return [];
    const names = stamp.combined ? all.map(({ ref }) => localName(ref)) : [...stamp.entries.keys()];
    return names.map((name): [string, string] => [name, stamp.keyId]);
  });
  return [...recorded, ...stamped];
}

/** The stamps that this run read. */
function stampsOf({ stamps }: Outline): string[] {
  return stamps === "as-recorded" ? [] : Object.values(stamps).filter((stamp) => stamp !== undefined);
}

/** What can be said of a source whose body nobody read: it is absent only where its kind was seen completely. */
export function sightWithoutBody(view: View, { ref }: Candidacy): Sight {
  return sees(view, ref.kind, ref.namespace) ? { is: "absent" } : { is: "unobserved" };
}

/** Seen for the first time, with pods that could be looked at: adopting it blindly would hide that they may be stale. */
export function isAdopted({ comparison, podsError }: Surveyed): boolean {
  return comparison.origin === "first-sight" && podsError === undefined;
}
