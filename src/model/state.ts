import type { LoopMemory } from "./loops.ts";
import type { Baseline, OutcomeWord } from "./outcome.ts";
import type { ChangeKind } from "./plan.ts";
import type { KeyDigests, WatchedKeys } from "./source.ts";

/** What reroll remembers between runs. Keys of the inner maps are `Kind/name`. */
export interface State {
  readonly namespaces: Readonly<Record<string, NamespaceState>>;
}

export interface NamespaceState {
  readonly sources: Readonly<Record<string, SourceRecord>>;
  readonly workloads: Readonly<Record<string, WorkloadRecord>>;
  /** Newest last, bounded. */
  readonly ledger: readonly LedgerEntry[];
  /** Workloads that ask for nothing, so that their templates need not be read again. */
  readonly silent?: Readonly<Record<string, SilentRecord>>;
  /** How the templates were read that are remembered here. Read in another way, they may say more. */
  readonly reader?: string;
}

/** A workload whose template was read and is remembered to use it no further. */
export interface SilentRecord {
  /** Its uid and generation then, shortened. */
  readonly at: string;
  /** See `TemplateRecord`. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a pod template said when it was last read: facts, whose meaning is a matter of today's options. */
export interface TemplateRecord {
  /** `Kind/name` of a source -> the keys that the template can read of it. */
  readonly uses: Readonly<Record<string, WatchedKeys>>;
  /** The Secrets that images are pulled with. */
  readonly pulls?: readonly string[];
  /** Annotations of the template that may concern reroll, the stamps left out. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The direct stamp stood on the object itself, where metadata show it. */
  readonly stampsObject?: true;
}

/** What a source looked like when it was last read. */
export interface SourceRecord {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Id of the key the digests were made with. */
  readonly keyId: string;
  readonly digests: KeyDigests;
  /** When this content was first seen, ISO 8601. */
  readonly observedAt: string;
  /** When a key was found to be missing. Removing a key moves no time of the object, so pods must be younger than this to be fresh. */
  readonly shrunkAt?: string;
  /** What its annotation said of restarting where it disappears: once it is gone, it says so no more. */
  readonly reloadOnDelete?: boolean;
  /** Of a SecretProviderClass: when its content was last seen to be rotated, ISO 8601; what pods mounted before tells nothing new. */
  readonly rotatedAt?: string;
  /** When the source was found to be gone; its digests stay for the day it comes back. */
  readonly goneSince?: string;
}

/** The content of one source that a workload rolled out with. `gone`: the source was seen to be gone since, and that was no reason to restart. */
export type RolledOut =
  | { readonly keyId: string; readonly digest: string; readonly keys: WatchedKeys; readonly gone?: true }
  | "absent"
  | "unknown";

/** What no stamp can tell about a workload. */
export interface WorkloadRecord {
  readonly uid: string;
  /** Generation of the workload when this was written; 0: it has none. */
  readonly generation: number;
  /** Fingerprint of what the pod template used then: while it stands, nothing is newly used. Empty: something new could not be looked at. */
  readonly uses?: string;
  /** Fingerprints of the stamps that were live when this was written. */
  readonly seen: { readonly direct: string | null; readonly git: string | null };
  readonly rolledOut: Readonly<Record<string, RolledOut>>;
  /** The template at that generation, with the stamps that were seen. */
  readonly template?: TemplateRecord;
  /** When what this record says of rollouts last changed, ISO 8601. */
  readonly recordedAt: string;
  /** A rollout without a verdict yet. */
  readonly unverified?: Unverified;
  readonly pending?: PendingRecord;
  /** What was committed for it and was not seen on the live object yet. */
  readonly committed?: CommittedRecord;
  /** Our stamp vanished from the template although nothing of ours removed it. */
  readonly stripped?: { readonly since: string; readonly managers: readonly string[] };
  /** Contents and restarts of late, for the loop breaker. */
  readonly loops?: LoopMemory;
}

export interface Unverified {
  readonly stamp: string;
  /** Where that stamp stands; absent: where direct mode writes it. */
  readonly mode?: "git";
  /** When the patch was sent, ISO 8601. */
  readonly startedAt: string;
  readonly because: readonly LedgerCause[];
  /** How it was before, where somebody looked: what was broken already is not held against the restart. */
  readonly baseline?: Baseline;
}

/** A commit that asks for a restart. */
export interface CommittedRecord {
  readonly stamp: string;
  /** URL and branch it was pushed to. */
  readonly repository: string;
  readonly branch: string;
  /** 40 hex digits. */
  readonly commit: string;
  /** Where the branch was when it was last seen to hold it; absent: at that commit. */
  readonly tip?: string;
  /** When, ISO 8601. */
  readonly at: string;
  /** It was taken back; the same is not committed again. Unless `byOthers`: since Flux could not build or apply it. */
  readonly reverted?: true;
  readonly byOthers?: true;
  /** An earlier commit of the same was gone from the branch, so this one was made; there will be no third. */
  readonly again?: true;
}

/** A restart that is owed, and since when. */
export interface PendingRecord {
  readonly since: string;
  readonly reason: string;
  readonly causes: readonly LedgerCause[];
}

export interface LedgerCause {
  /** `Kind/name` of the source. */
  readonly source: string;
  readonly change: ChangeKind;
  readonly keys: readonly string[];
}

/** What a line of history is about: an outcome, or what became of a workload without one. */
export type LedgerWord = OutcomeWord | "adopted" | "quarantined" | "released";

/** One line of history. */
export interface LedgerEntry {
  readonly at: string;
  /** `Kind/name` of the workload. */
  readonly workload: string;
  readonly outcome: LedgerWord;
  readonly reason: string;
  readonly durationMs: number;
  readonly because: readonly LedgerCause[];
}

export const emptyState: State = { namespaces: {} };
export const emptyNamespace: NamespaceState = { sources: {}, workloads: {}, ledger: [] };

/** What is remembered of a namespace; `constructor` is a name that one may have. */
export function namespaceState({ namespaces }: State, name: string): NamespaceState {
  return (Object.hasOwn(namespaces, name) ? namespaces[name] : undefined) ?? emptyNamespace;
}
