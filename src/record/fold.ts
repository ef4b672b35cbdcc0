import type { Comparison } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import { equalPlain } from "../model/equal.ts";
import { sees, type View } from "../model/observation.ts";
import { localName, type SourceRef, type WorkloadRef } from "../model/ref.ts";
import type { Sight } from "../model/source.ts";
import {
  type LedgerEntry,
  type NamespaceState,
  namespaceState,
  type SilentRecord,
  type SourceRecord,
  type State,
  type WorkloadRecord,
} from "../model/state.ts";
import { foldSource } from "./sources.ts";
import { staleTemplates } from "./templates.ts";
import { type Done, foldWorkload } from "./workloads.ts";

/** Lines of history kept per namespace. */
const ledgerLimit = 100;
/** How long the history of a namespace is kept that holds nothing else any more. Milliseconds. */
const afterglow = 7 * 24 * 60 * 60 * 1000;

/** One run's knowledge, ready to be remembered. */
export interface RunFacts {
  readonly observation: View;
  /** Every source that was wanted. */
  readonly sights: readonly { readonly ref: SourceRef; readonly sight: Sight }[];
  /** Sources that concern a workload and are as the state says. */
  readonly unmoved?: readonly SourceRef[];
  readonly workloads: readonly { readonly comparison: Comparison; readonly done: Done }[];
  /** Workloads whose records stay as they are: nothing is new of them, or nobody could look. */
  readonly kept?: readonly WorkloadRef[];
  /** Workloads that ask for nothing. */
  readonly silent?: readonly { readonly ref: WorkloadRef; readonly record: SilentRecord }[];
  /** How templates were read. */
  readonly reader?: string;
  readonly ledger: readonly { readonly namespace: string; readonly entry: LedgerEntry }[];
  readonly digester: Digester;
  /** When the run began, ISO 8601, the API server's clock where it is known. */
  readonly now: string;
  /** When it had read everything. */
  readonly readBy: string;
}

/** So many templates may be read again in every run before it is worth writing the state for nothing but them. */
const toleratedReads = 5;

/**
 * state x run -> state. What the run did not cover, or could not see, stays as it was; what it saw to be gone goes, except for sources that
 * are still used: those become tombstones. What did not change is the very object it was, up to the whole state, so that nobody has to
 * compare, let alone encode, what need not be written.
 */
export function foldState(state: State, facts: RunFacts): State {
  const next = foldAll(state, facts);
  return next === state || staleTemplates(state, next) > toleratedReads ? next : state;
}

function foldAll(state: State, facts: RunFacts): State {
  const { observation } = facts;
  const silent = Map.groupBy(facts.silent ?? [], ({ ref }) => ref.namespace);
  const unmoved = Map.groupBy(facts.unmoved ?? [], ({ namespace }) => namespace);
  const kept = Map.groupBy(facts.kept ?? [], ({ namespace }) => namespace);
  const sights = Map.groupBy(facts.sights, ({ ref }) => ref.namespace);
  const workloads = Map.groupBy(facts.workloads, ({ comparison }) => comparison.workload.ref.namespace);
  const ledger = Map.groupBy(facts.ledger, ({ namespace }) => namespace);
  const namespaces: Record<string, NamespaceState> = Object.create(null);
  const found = [...sights.keys(), ...workloads.keys(), ...silent.keys()];
  for (const name of new Set([...Object.keys(state.namespaces), ...found])) {
    const before = namespaceState(state, name);
    const covered = observation.covers(name);
    const after = covered
      ? foldNamespace(name, before, facts, {
          sights: sights.get(name) ?? [],
          workloads: workloads.get(name) ?? [],
          unmoved: unmoved.get(name) ?? [],
          kept: new Set((kept.get(name) ?? []).map(localName)),
          silent: silent.get(name) ?? [],
          ledger: (ledger.get(name) ?? []).map(({ entry }) => entry),
        })
      : before;
    if (!covered || !isOver(after, facts.now)) namespaces[name] = after;
  }
  const after = unlessSame(state.namespaces, namespaces);
  return after === state.namespaces ? state : { namespaces: after };
}

function unlessSame<Entry>(before: Readonly<Record<string, Entry>>, after: Readonly<Record<string, Entry>>) {
  const names = Object.keys(after);
  const same = names.length === Object.keys(before).length && names.every((name) => before[name] === after[name]);
  return same ? before : after;
}

interface NamespaceFacts {
  readonly sights: RunFacts["sights"];
  readonly workloads: RunFacts["workloads"];
  readonly unmoved: readonly SourceRef[];
  /** `Kind/name`. */
  readonly kept: ReadonlySet<string>;
  readonly silent: NonNullable<RunFacts["silent"]>;
  readonly ledger: readonly LedgerEntry[];
}

function foldNamespace(name: string, before: NamespaceState, run: RunFacts, facts: NamespaceFacts): NamespaceState {
  const workloads = unlessSame(before.workloads, foldWorkloads(name, before, run, facts));
  const sources = unlessSame(before.sources, foldSources(before, run, facts, workloads));
  const silent = unlessSame(before.silent ?? noneSilent, foldSilent(name, before, run, facts));
  const same = workloads === before.workloads && sources === before.sources && silent === (before.silent ?? noneSilent);
  const { reader = before.reader } = run;
  if (same && reader === before.reader && facts.ledger.length === 0) return before;
  return {
    sources,
    workloads,
    ledger: [...before.ledger, ...facts.ledger].slice(-ledgerLimit),
    ...(Object.keys(silent).length > 0 ? { silent } : {}),
    ...(reader === undefined ? {} : { reader }),
  };
}

const noneSilent: Readonly<Record<string, SilentRecord>> = Object.freeze({});

/** Whether nobody could look at a workload (`Kind/name`). */
function isUnseen(name: string, namespace: string, { observation }: RunFacts): boolean {
  const [kind = "", own = ""] = name.split("/");
  return (
    !sees(observation, kind, namespace) || observation.issues.some(({ path }) => path === `${kind}/${namespace}/${own}`)
  );
}

/** Workloads that ask for nothing. What was read in another way, and could not be read again, says nothing. */
function foldSilent(
  namespace: string,
  before: NamespaceState,
  run: RunFacts,
  facts: NamespaceFacts,
): Record<string, SilentRecord> {
  const known = before.reader === run.reader ? Object.entries(before.silent ?? {}) : [];
  const unseen = known.filter(([name]) => facts.kept.has(name) || isUnseen(name, namespace, run));
  return Object.fromEntries([
    ...unseen,
    ...facts.silent.map(({ ref, record }): [string, SilentRecord] => {
      const name = localName(ref);
      const previous = before.silent?.[name];
      return [name, previous && equalPlain(previous, record) ? previous : record];
    }),
  ]);
}

function foldWorkloads(
  namespace: string,
  before: NamespaceState,
  run: RunFacts,
  facts: NamespaceFacts,
): Record<string, WorkloadRecord> {
  const { ignoreSources: ignored } = run.observation.policyOf(namespace);
  const kept = Object.entries(before.workloads)
    .filter(([name]) => facts.kept.has(name) || isUnseen(name, namespace, run))
    .map(([name, { template, ...record }]): [string, WorkloadRecord] => {
      const sameReader = before.reader === run.reader || template === undefined;
      return [name, sameReader ? (before.workloads[name] as WorkloadRecord) : record];
    });
  const decided = facts.workloads.filter(({ comparison }) => !comparison.undecided);
  const folded = decided.map(({ comparison, done }): [string, WorkloadRecord] => {
    const name = localName(comparison.workload.ref);
    return [name, foldWorkload(comparison, before.workloads[name], done, { ...run, ignored })];
  });
  return Object.fromEntries([...kept, ...folded]);
}

function foldSources(
  before: NamespaceState,
  { digester, now, readBy }: RunFacts,
  facts: NamespaceFacts,
  workloads: Readonly<Record<string, WorkloadRecord>>,
): Record<string, SourceRecord> {
  const stillUsed = new Set(
    Object.values(workloads).flatMap(({ rolledOut, pending }) => [
      ...Object.keys(rolledOut),
      ...(pending?.causes ?? []).map(({ source }) => source),
    ]),
  );
  for (const ref of facts.unmoved) stillUsed.add(localName(ref));
  const kept = Object.entries(before.sources).filter(([name]) => stillUsed.has(name));
  const folded = facts.sights.flatMap(({ ref, sight }): [string, SourceRecord][] => {
    const name = localName(ref);
    const record = foldSource(before.sources[name], sight, digester.currentId, { now, readBy });
    return record ? [[name, record]] : [];
  });
  return Object.fromEntries([...kept, ...folded]);
}

/** Nothing is watched in the namespace, and what happened there is long ago: namespaces that come and go must not pile up. */
function isOver({ sources, workloads, silent = {}, ledger }: NamespaceState, now: string): boolean {
  if ([sources, workloads, silent].some((map) => Object.keys(map).length > 0)) return false;
  const last = ledger.at(-1);
  return last === undefined || Date.parse(now) - Date.parse(last.at) > afterglow;
}

/** The record of a workload. */
export function recordOf(state: State, ref: WorkloadRef): WorkloadRecord | undefined {
  return namespaceState(state, ref.namespace).workloads[localName(ref)];
}
