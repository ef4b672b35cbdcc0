import type { SkipReason } from "./plan.ts";
import type { SourceRef } from "./ref.ts";
import type { WatchedKeys } from "./source.ts";

/** The rules that decide whether a workload restarts for a source, in the order in which they are asked. */
export type RuleName =
  | "other-namespace"
  | "ignored-kind"
  | "ignored-source"
  | "excluded"
  | "named"
  | "search"
  | "auto"
  | "auto-reload-all"
  | "nothing-asked";

/** The annotation that decided; `from` says on which object it stands. */
export interface DecidingAnnotation {
  readonly key: string;
  readonly value: string;
  readonly from: "workload" | "template" | "source" | "namespace";
}

/** What is known about a source when it is decided upon. */
export interface SourceFacts {
  readonly ref: SourceRef;
  /** The keys the pod template can read, over all its uses; `undefined`: the template does not use the source. */
  readonly keys: WatchedKeys | undefined;
  /** Annotations of the source; `undefined`: not known in this run, because it is absent or could not be read. */
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

interface Answer {
  readonly rule: RuleName;
  readonly annotation: DecidingAnnotation | undefined;
  /** For people: why, and what would change it. */
  readonly message: string;
  /** The annotations of the source are not known and could turn this answer round. Keep what is known until they are. */
  readonly unsure: boolean;
}

/** The source is eligible: a change of `keys` restarts the workload. */
export interface Yes extends Answer {
  readonly eligible: true;
  readonly rule: "named" | "search" | "auto" | "auto-reload-all";
  /** Every key counts, also those the template does not read. */
  readonly whole: boolean;
  /** `*` where `whole`. */
  readonly keys: WatchedKeys;
  /** Only a pattern brings the source in: no list has its very name, and the template does not use it. */
  readonly byPattern: boolean;
}

/** A change of the source does not concern the workload. */
export interface No extends Answer {
  readonly eligible: false;
  readonly reason: SkipReason;
}

/** Whether a workload restarts for a source, and which rule said so. */
export type Decision = Yes | No;

/** One rule that was asked, for `explain`: `pass` left the question to the next one. */
export interface RuleTried {
  readonly rule: RuleName;
  readonly says: "yes" | "no" | "pass";
}
