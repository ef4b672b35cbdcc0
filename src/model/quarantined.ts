import type { InForce } from "./loops.ts";
import { formatRef, parseSourceName, type SourceRef, type WorkloadRef } from "./ref.ts";

/** A workload whose restarts are held back because they look like a loop. */
export interface Quarantined extends Omit<InForce, "source"> {
  readonly workload: WorkloadRef;
  /** The source that does not come to rest; absent where the workload is held back as a whole. */
  readonly source: SourceRef | undefined;
  /** It is what holds an owed restart back: nothing is owed otherwise, or something else, such as a pause, holds it. */
  readonly holds: boolean;
}

/** A quarantine as reports show it. `held` are the sources (`Kind/name`) whose restart a quarantine holds back. */
export function toQuarantined(workload: WorkloadRef, quarantine: InForce, held: readonly string[]): Quarantined {
  const { source, ...rest } = quarantine;
  const holds = source === undefined ? held.length > 0 : held.includes(source);
  const ref = source === undefined ? undefined : parseSourceName(source, workload.namespace);
  return { ...rest, workload, source: ref, holds };
}

/** What to look at: the source that does not come to rest, or the workload where no single one is to blame. */
export function blamed({ source, workload }: Quarantined): SourceRef | WorkloadRef {
  return source ?? workload;
}

/** The command that ends it. */
export function retryCommand(what: SourceRef | WorkloadRef): string {
  return `reroll retry ${formatRef(what)}`;
}
