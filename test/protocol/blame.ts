import type { Comparison, SourceComparison } from "../../src/model/comparison.ts";
import type { SourceRecord, State, WorkloadRecord } from "../../src/model/state.ts";
import type { Pods, World, WorldSource } from "./world.ts";

/** What a run saw, for judging it. */
export interface Moment {
  readonly pods: readonly Pods[];
  /** When each source was last snapshotted before this run. */
  readonly observed: ReadonlyMap<string, number>;
  readonly sources: ReadonlyMap<string, WorldSource>;
  readonly record: WorkloadRecord | undefined;
}

/** Excuses what nobody could have noticed: the documented limits, and what is adopted on purpose. */
export function excuse(world: World, state: State, comparison: Comparison, moment: Moment): void {
  for (const source of comparison.sources) {
    const { name } = source.ref;
    const snapshot = state.namespaces.ns?.sources[`ConfigMap/${name}`];
    for (const pods of moment.pods) {
      for (const unit of world.units(name, pods.template)) {
        const key = unit.slice(name.length + 1);
        if (isExcused(source, comparison, pods, moment) || isUnseenCut(source, key, pods, moment, snapshot)) {
          pods.excused.add(unit);
        }
      }
    }
  }
}

function isExcused(
  { ref: { name }, standing, before }: SourceComparison,
  { origin }: Comparison,
  { born }: Pods,
  { observed, record }: Moment,
): boolean {
  if (standing === "key-lost") return true;
  // First sight of the workload, or of a source that was not there or could not be read until now.
  if (standing === "adopted" && (origin === "first-sight" || before === "absent" || before === "unknown")) return true;
  // Pods that started on content that went before anybody had looked at them.
  if (standing === "reverted") return born <= Date.parse(record?.pending?.since ?? "");
  const since = observed.get(name);
  // A value came and went between two runs, and pods happened to start on it. Keys that are newly watched change nothing about that.
  return ["unchanged", "adopted", "kept-absent"].includes(standing) && (since === undefined || born > since);
}

/** A key was removed that no snapshot had: the state was lost, or the key came and went between two runs. */
function isUnseenCut(
  { ref: { name }, standing }: SourceComparison,
  key: string,
  { born }: Pods,
  { sources }: Moment,
  snapshot: SourceRecord | undefined,
): boolean {
  const cut = sources.get(name)?.cut ?? 0;
  return standing === "fresh" && cut > born && !Object.hasOwn(snapshot?.digests ?? {}, key);
}

/** Every pod that was looked at runs with the content the restart is for already, and that could be told from outside. */
export function isNeedless(world: World, { sources: compared }: Comparison, { pods, sources }: Moment): boolean {
  const due = compared.filter(({ standing }) => standing === "due");
  return due.every(({ ref: { name } }) => {
    const source = sources.get(name);
    if (!source?.managed || source.cut !== 0) return false;
    const started = pods.every(({ born, view, template }) => {
      const same = world
        .units(name, template)
        .every((unit) => view.get(unit) === source.data[unit.slice(name.length + 1)]);
      return same && template.uses === world.template.uses && source.mtime < born;
    });
    return pods.length > 0 && started;
  });
}
