import type { Policy } from "../model/policy.ts";
import { compareText, localName, type WorkloadRef } from "../model/ref.ts";
import type { HistoryReport, PastEvent } from "../model/report-memory.ts";
import type { LedgerEntry, State } from "../model/state.ts";
import type { Ports } from "../ports.ts";
import { loadState } from "../record/remember.ts";

/** What reroll did, newest first, from the state alone: to everything the policy covers by name, or to one workload. */
export async function history(
  ports: Pick<Ports, "states">,
  policy: Policy,
  stateName: string,
  workload: WorkloadRef | undefined,
): Promise<HistoryReport> {
  const { state, first } = await loadState(ports.states, stateName);
  const all = pastEvents(state, (namespace) =>
    workload ? namespace === workload.namespace : covers(policy, namespace),
  );
  const entries = workload ? all.filter((event) => concerns(event, workload)) : all;
  return { workload, known: !first, entries, exitCode: 0 };
}

/** Whether the policy looks at a namespace, as far as names tell; what labels tell is not asked here. */
export function covers({ namespaces }: Policy, namespace: string): boolean {
  const wanted = namespaces.only.length === 0 || namespaces.only.includes(namespace);
  return wanted && !namespaces.ignore.includes(namespace);
}

/** Every line of history of some namespaces, newest first; lines of one moment in the order in which they were written, the last first. */
export function pastEvents(state: State, wanted: (namespace: string) => boolean): PastEvent[] {
  return Object.entries(state.namespaces)
    .filter(([namespace]) => wanted(namespace))
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([namespace, { ledger }]) => ledger.map((entry) => toEvent(namespace, entry)).reverse())
    .sort((a, b) => compareText(b.at, a.at));
}

function toEvent(namespace: string, { workload, ...entry }: LedgerEntry): PastEvent {
  return { ...entry, namespace, workload: workloadOf(namespace, workload) };
}

/** The inverse of `localName` for workloads; `undefined` for `*`, which stands for a whole namespace. */
export function workloadOf(namespace: string, name: string): WorkloadRef | undefined {
  const slash = name.indexOf("/");
  return slash < 0 ? undefined : { kind: name.slice(0, slash), namespace, name: name.slice(slash + 1) };
}

function concerns({ workload }: PastEvent, wanted: WorkloadRef): boolean {
  return workload !== undefined && localName(workload) === localName(wanted);
}
