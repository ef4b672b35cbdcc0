import { equalPlain } from "../model/equal.ts";
import { type NamespaceState, namespaceState, type State, type WorkloadRecord } from "../model/state.ts";
import { saysTheSame } from "./workloads.ts";

/**
 * How many templates would have to be read again in the next run if the state were left as it is; infinite where anything else of it
 * changed, or all of them would.
 */
export function staleTemplates(before: State, after: State): number {
  const names = new Set([...Object.keys(before.namespaces), ...Object.keys(after.namespaces)]);
  return sum([...names], (name) => stale(namespaceState(before, name), namespaceState(after, name)));
}

function stale(before: NamespaceState, after: NamespaceState): number {
  if (before === after) return 0;
  const reader = before.reader !== undefined && after.reader !== undefined && before.reader !== after.reader;
  if (reader || !equalPlain(before.sources, after.sources) || !equalPlain(before.ledger, after.ledger)) return Infinity;
  return (
    differing(before.workloads, after.workloads, staleRecord) +
    differing(before.silent ?? {}, after.silent ?? {}, () => 1)
  );
}

function staleRecord(before: WorkloadRecord | undefined, after: WorkloadRecord | undefined): number {
  return before && after && saysTheSame(before, after) && equalPlain(before.loops, after.loops) ? 1 : Infinity;
}

function differing<Entry>(
  before: Readonly<Record<string, Entry>>,
  after: Readonly<Record<string, Entry>>,
  cost: (before: Entry | undefined, after: Entry | undefined) => number,
): number {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return sum([...names], (name) => (before[name] === after[name] ? 0 : cost(before[name], after[name])));
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
