import type { ExitCode } from "./exit.ts";
import type { Issue } from "./plan.ts";
import type { Quarantined } from "./quarantined.ts";
import type { SourceRef, WorkloadRef } from "./ref.ts";
import type { CommittedRecord, LedgerCause, LedgerEntry, Unverified, WorkloadRecord } from "./state.ts";

/** One line of history. `workload` is absent where the line is about a whole namespace. */
export interface PastEvent extends Omit<LedgerEntry, "workload"> {
  readonly namespace: string;
  readonly workload: WorkloadRef | undefined;
}

/** What reroll did, newest first: what `reroll history` shows. */
export interface HistoryReport {
  /** Only this workload was asked for. */
  readonly workload: WorkloadRef | undefined;
  /** There is a state. */
  readonly known: boolean;
  readonly entries: readonly PastEvent[];
  readonly exitCode: ExitCode;
}

/** A restart that is owed. */
export interface OwedRestart {
  readonly workload: WorkloadRef;
  readonly since: string;
  readonly reason: string;
  readonly because: readonly LedgerCause[];
}

/** A commit that asks for the restart of one workload. */
export interface CommittedRestart extends CommittedRecord {
  readonly workload: WorkloadRef;
}

/** What the state and the Lease tell, without a look at the cluster: what `reroll status` shows. */
export interface StatusReport {
  readonly state: {
    readonly namespace: string;
    readonly name: string;
    /** There is a state. */
    readonly known: boolean;
    /** Over all its ConfigMaps. */
    readonly bytes: number;
    readonly shards: number;
  };
  /** Absent where no run has ever taken the Lease, or it could not be read. What adopt and retry do is no run. */
  readonly lastRun:
    | {
        /** When it renewed the Lease for the last time, ISO 8601. */
        readonly at: string;
        /** Set while it is at work. */
        readonly holder: string | undefined;
      }
    | undefined;
  readonly remembered: { readonly namespaces: number; readonly sources: number; readonly workloads: number };
  readonly pending: readonly OwedRestart[];
  readonly quarantines: readonly Quarantined[];
  readonly unverified: readonly (Unverified & { readonly workload: WorkloadRef })[];
  /** What Flux has not applied yet, as far as the last run saw it, and what was taken back since Flux could not apply it. */
  readonly committed: readonly CommittedRestart[];
  readonly stripped: readonly (NonNullable<WorkloadRecord["stripped"]> & { readonly workload: WorkloadRef })[];
  /** Sources that are gone and still remembered for what uses them. */
  readonly gone: readonly { readonly source: SourceRef; readonly since: string }[];
  /** The newest lines of history. */
  readonly recent: readonly PastEvent[];
  readonly issues: readonly Issue[];
  readonly exitCode: ExitCode;
}
