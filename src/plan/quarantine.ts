import { type Comparison, pressing } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import {
  heldBy,
  type LoopBreaker,
  type LoopMemory,
  type LoopVerdict,
  lastChange,
  type Quarantine,
  type Trail,
  withEnd,
} from "../model/loops.ts";
import { localName } from "../model/ref.ts";
import type { WorkloadRecord } from "../model/state.ts";
import { contentOf, extendTrail, forgetOld, mostReturns } from "./trail.ts";

const hour = 3_600_000;
/** Field managers remembered of a source that does not come to rest. */
const mostWriters = 5;

/** What the loop breaker goes by besides the workload itself. */
export interface LoopRules extends LoopBreaker {
  readonly digester: Digester;
  /** ISO 8601, the API server's clock where it is known. */
  readonly now: string;
}

type Trails = ReadonlyMap<string, Trail>;

/**
 * Whether restarts of a workload are a loop. A content that came back `returns` times holds back what is due for its source; `restarts`
 * restarts within an hour hold back everything. Either ends when the content has not changed for `settle`. Pure; what it needs to know of
 * the past is in the record, so where that was lost it begins anew and holds nothing back.
 */
export function watchLoops(comparison: Comparison, record: WorkloadRecord | undefined, rules: LoopRules): LoopVerdict {
  const trails = record && rules.returns + rules.restarts > 0 ? trailsOf(comparison, record, rules) : new Map();
  const before = lastInForce(comparison, record, rules);
  const unseen = new Set(
    comparison.sources.filter(({ standing }) => standing === "kept-unobserved").map(({ ref }) => localName(ref)),
  );
  const released = before.filter(({ source }) =>
    (source === undefined ? [...trails.keys()] : [source]).every(
      (each) => !unseen.has(each) && stands(trails.get(each), rules),
    ),
  );
  const kept = before.filter((each) => !released.includes(each));
  const over = new Set(released.map(({ source }) => source));
  // What went on before a quarantine ended must not count against what comes after it.
  const recent = new Map([...trails].filter(([source]) => !over.has(source)));
  const restarts = rules.restarts === 0 || over.has(undefined) ? [] : restartsOf(comparison, record, rules);
  const tripped = trips(comparison, recent, restarts, kept, rules);
  const quarantines = [...kept, ...tripped];
  return {
    memory: toMemory(recent, restarts, quarantines, rules),
    afterRestart: toMemory(recent, oneMore(restarts, rules), quarantines, rules),
    quarantines: quarantines.map((each) => withEnd(each, Object.fromEntries(recent), rules.settle)),
    tripped,
    released,
  };
}

/** When it was restarted. A stamp that no record knows is the restart of a run that was killed before it could write that down. */
function restartsOf({ origin }: Comparison, record: WorkloadRecord | undefined, rules: LoopRules): readonly string[] {
  const known = record?.loops?.restarts ?? [];
  return origin === "stamp" && record && rules.restarts > 0 ? oneMore(known, rules) : known;
}

/** At most as many are kept as the rule counts. */
function oneMore(restarts: readonly string[], { restarts: most, now }: LoopRules): readonly string[] {
  if (most === 0) return [];
  const since = Date.parse(now) - hour;
  return [...restarts.filter((at) => Date.parse(at) > since), now].slice(-most);
}

function trailsOf(comparison: Comparison, record: WorkloadRecord, rules: LoopRules): Trails {
  return new Map(
    comparison.sources.flatMap((source): [string, Trail][] => {
      const name = localName(source.ref);
      const content = contentOf(source, rules.digester);
      const known = { rolledOut: record.rolledOut[name], at: record.recordedAt };
      const before = record.loops?.trails?.[name];
      const trail = extendTrail(before, content, known, rules.digester, rules.now);
      return trail ? [[name, trail === before ? trail : forgetOld(trail, Date.parse(rules.now) - rules.within)]] : [];
    }),
  );
}

/** Those of the last run that still mean something: the rule is on, and the source still counts. */
function lastInForce({ sources }: Comparison, record: WorkloadRecord | undefined, rules: LoopRules): Quarantine[] {
  const watched = new Set(sources.map(({ ref }) => localName(ref)));
  return (record?.loops?.quarantines ?? []).filter(
    ({ rule, source }) => rules[rule] > 0 && (source === undefined || watched.has(source)),
  );
}

/** The content has not changed for as long as it takes to be taken for settled. */
function stands(trail: Trail | undefined, { now, settle }: LoopRules): boolean {
  return trail === undefined || Date.parse(now) - lastChange(trail) >= settle;
}

function trips(
  comparison: Comparison,
  trails: Trails,
  restarts: readonly string[],
  kept: readonly Quarantine[],
  rules: LoopRules,
): Quarantine[] {
  const moving = pressing(comparison)
    .map(({ ref }) => localName(ref))
    .filter((source) => trails.has(source) && !stands(trails.get(source), rules));
  const { now: since } = rules;
  const bySource = moving.flatMap((source): Quarantine[] => {
    const count = mostReturns(trails.get(source) as Trail, Date.parse(since) - rules.within);
    const held = kept.some((each) => each.source === source);
    return rules.returns === 0 || held || count < rules.returns ? [] : [{ rule: "returns", source, since, count }];
  });
  const count = restarts.filter((at) => Date.parse(at) > Date.parse(since) - hour).length;
  const held = kept.some(({ rule }) => rule === "restarts");
  const tooOften = rules.restarts > 0 && count >= rules.restarts && moving.length > 0 && !held;
  return tooOften ? [...bySource, { rule: "restarts", since, count }] : bySource;
}

/** A trail is forgotten once nothing in it can count any more. */
function toMemory(
  trails: Trails,
  restarts: readonly string[],
  quarantines: readonly Quarantine[],
  { now, within, settle }: LoopRules,
): LoopMemory | undefined {
  const since = Date.parse(now) - Math.max(within, settle);
  const kept = [...trails].filter(([source, trail]) => lastChange(trail) > since || heldBy(quarantines, source));
  if (kept.length === 0 && quarantines.length === 0 && restarts.every((at) => Date.parse(at) <= since))
    return undefined;
  return {
    ...(kept.length > 0 ? { trails: Object.fromEntries(kept) } : {}),
    ...(restarts.length > 0 ? { restarts } : {}),
    ...(quarantines.length > 0 ? { quarantines } : {}),
  };
}

/** The same, with the field managers found on the sources just now, by `Kind/name`, added to those found before. */
export function withWriters(verdict: LoopVerdict, found: ReadonlyMap<string, readonly string[]>): LoopVerdict {
  const named = <Each extends Quarantine>(quarantine: Each): Each => {
    const now = quarantine.source === undefined ? undefined : found.get(quarantine.source);
    const writers = [...new Set([...(now ?? []), ...(quarantine.writers ?? [])])].slice(0, mostWriters);
    const same = writers.every((each) => quarantine.writers?.includes(each));
    return same ? quarantine : { ...quarantine, writers };
  };
  const remembered = (memory: LoopMemory | undefined): LoopMemory | undefined =>
    memory?.quarantines ? { ...memory, quarantines: memory.quarantines.map(named) } : memory;
  return {
    ...verdict,
    memory: remembered(verdict.memory),
    afterRestart: remembered(verdict.afterRestart),
    quarantines: verdict.quarantines.map(named),
  };
}
