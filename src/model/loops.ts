import { instant } from "./instant.ts";

/** What the loop breaker is told by the configuration; 0 switches a rule off. Times in milliseconds. */
export interface LoopBreaker {
  /** Changes of a source are held back once one of its contents came back so often within `within`. */
  readonly returns: number;
  /** Changes of all its sources are held back once a workload was restarted so often within an hour. */
  readonly restarts: number;
  readonly within: number;
  /** How long the content must stand still before what is held back is done after all. */
  readonly settle: number;
}

/** A content of a source as one workload reads it, and when a run first found it there, ISO 8601. `-`: the source was gone. */
export interface SeenContent {
  readonly at: string;
  readonly digest: string;
}

/** The contents a source had lately, oldest first, bounded. */
export interface Trail {
  /** Id of the digest key and shape of the watched keys: digests of another trail mean nothing here. */
  readonly of: string;
  readonly seen: readonly SeenContent[];
}

/** `returns`: a content keeps coming back. `restarts`: a workload was restarted too often. */
export type LoopRule = "returns" | "restarts";

/** Restarts of one workload that are held back: for one source, or for all of them. */
export interface Quarantine {
  readonly rule: LoopRule;
  /** `Kind/name`; absent where the workload is held back as a whole. */
  readonly source?: string;
  readonly since: string;
  /** How often the content came back, or the workload was restarted, when it was put there. */
  readonly count: number;
  /** Field managers that were found on the source meanwhile, the latest first. */
  readonly writers?: readonly string[];
}

/** What the loop breaker remembers of one workload; absent where nothing changed lately. */
export interface LoopMemory {
  /** By `Kind/name`: only sources whose content changed lately. */
  readonly trails?: Readonly<Record<string, Trail>>;
  /** When it was restarted in the last hour, ISO 8601. */
  readonly restarts?: readonly string[];
  readonly quarantines?: readonly Quarantine[];
}

/** A quarantine in force, with how it ends. */
export interface InForce extends Quarantine {
  /** When the content last changed, as far as runs saw it, ISO 8601. */
  readonly changedAt: string;
  /** When it ends if nothing changes any more, ISO 8601. */
  readonly until: string;
}

/** What the loop breaker says about one workload in one run. */
export interface LoopVerdict {
  /** What to remember, where the workload is not restarted in this run and where it is. */
  readonly memory: LoopMemory | undefined;
  readonly afterRestart: LoopMemory | undefined;
  readonly quarantines: readonly InForce[];
  /** Those that began in this run. */
  readonly tripped: readonly Quarantine[];
  /** Those that end in this run, because the content stood still. */
  readonly released: readonly Quarantine[];
}

/** The quarantine that holds changes of that source back; `undefined`: there is none. */
export function heldBy<Each extends Quarantine>(quarantines: readonly Each[], source: string): Each | undefined {
  return quarantines.find((each) => each.source === undefined || each.source === source);
}

/** When the content last changed, as far as runs saw it. Milliseconds since the epoch. */
export function lastChange({ seen }: Trail): number {
  return Date.parse(seen.at(-1)?.at ?? "");
}

/** A quarantine with how it ends. `settle` as in {@link LoopBreaker}. */
export function withEnd(quarantine: Quarantine, trails: LoopMemory["trails"], settle: number): InForce {
  const { source, since } = quarantine;
  const concerned = Object.entries(trails ?? {}).filter(([name]) => source === undefined || source === name);
  const changed = Math.max(...concerned.map(([, trail]) => lastChange(trail)));
  const changedAt = Number.isFinite(changed) ? changed : Date.parse(since);
  const [at, until] = [changedAt, changedAt + settle].map((time) => new Date(time).toISOString()) as [string, string];
  return { ...quarantine, changedAt: at, until };
}

/** What was counted, as a clause. */
export function countText({ rule, count }: Pick<Quarantine, "rule" | "count">): string {
  const times = count === 1 ? "once" : `${count} times`;
  return rule === "returns" ? `it came back to the same content ${times}` : `it was restarted ${times} within an hour`;
}

/** Why restarts are held back, as a clause. Without the source where the reader knows which one. */
export function loopText({ rule, source = "it", count }: Pick<Quarantine, "rule" | "source" | "count">): string {
  const counted = countText({ rule, count });
  return rule === "returns"
    ? `${source} keeps changing back and forth: ${counted}`
    : `${counted}, and its sources keep changing`;
}

/** How it ends: by itself, or by that command. */
export function endText({ until }: Pick<InForce, "until">, command: string): string {
  return `until ${instant(until)}, if nothing changes by then, or until ${command}`;
}
