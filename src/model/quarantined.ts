import type { InForce } from "./loops.ts";
import { formatRef, parseSourceName, type SourceRef, type WorkloadRef } from "./ref.ts";

/** A workload whose restarts are held back because they look like a loop. */
export interface Quarantined extends Omit<InForce, "source"> {
  readonly workload: WorkloadRef;
  /** The source that does not come to rest; absent where the workload is held back as a whole. */
  readonly source: SourceRef | undefined;
  /** A restart is owed and held back; otherwise the pods run with what the source holds just now. */
  readonly holds: boolean;
}

/** A quarantine as reports show it. `owed` are the sources (`Kind/name`) for which a restart is owed. */
export function toQuarantined(workload: WorkloadRef, quarantine: InForce, owed: readonly string[]): Quarantined {
  const { source, ...rest } = quarantine;
  const holds = source === undefined ? owed.length > 0 : owed.includes(source);
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
