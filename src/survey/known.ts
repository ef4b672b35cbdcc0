import type { Digester } from "../model/digest.ts";
import type { Policy } from "../model/policy.ts";
import { localName, type WorkloadRef } from "../model/ref.ts";
import { namespaceState, type SilentRecord, type State } from "../model/state.ts";
import type { Directives, Outline, WorkloadHeader } from "../model/workload.ts";
import { asks } from "../plan/eligible.ts";
import { recordedOutline, silentDirectives } from "../snapshot/outline.ts";
import type { Sharing } from "../snapshot/sharing.ts";
import { templateReader } from "../snapshot/template.ts";

/** A workload that asks for nothing, with what is remembered of it. */
export interface Silent {
  readonly header: WorkloadHeader;
  readonly directives: Directives;
  readonly record: SilentRecord;
}

/** A workload whose template is remembered, and that asks for restarts. */
export interface Recalled {
  readonly header: WorkloadHeader;
  readonly outline: Outline;
}

/** The workloads of one namespace by what is known of their templates. */
export interface Known {
  readonly recalled: readonly Recalled[];
  readonly silent: readonly Silent[];
  /** Not known, or not as it is now. */
  readonly unread: readonly WorkloadHeader[];
}

/** Tells which workloads the state knows as they are: their templates need not be read to say what they ask and use. */
export function recall(
  headers: readonly WorkloadHeader[],
  { state, policy, digester }: { readonly state: State; readonly policy: Policy; readonly digester: Digester },
  sharing: Sharing,
): Known {
  const known = { recalled: [] as Recalled[], silent: [] as Silent[], unread: [] as WorkloadHeader[] };
  const reader = templateReader(policy);
  for (const header of headers) {
    const place = namespaceState(state, header.ref.namespace);
    const name = localName(header.ref);
    const record = place.reader === reader ? own(place.workloads, name) : undefined;
    const outline = recordedOutline(header, record, policy, sharing, digester.fingerprint);
    const silent = place.reader === reader && !record ? own(place.silent, name) : undefined;
    const directives = silentDirectives(header, silent, policy, sharing, digester.fingerprint);
    if (header.batch?.unresumed !== undefined) known.unread.push(header);
    else if (outline && asks(outline, policy)) known.recalled.push({ header, outline });
    else if (silent && directives && !asks({ ...header, directives }, policy)) {
      known.silent.push({ header, directives, record: silent });
    } else known.unread.push(header);
  }
  return known;
}

function own<Entry>(map: Readonly<Record<string, Entry>> | undefined, name: string): Entry | undefined {
  return map && Object.hasOwn(map, name) ? map[name] : undefined;
}

/** Names of workloads that ask for nothing, for remembering them. */
export interface SilentFact {
  readonly ref: WorkloadRef;
  readonly record: SilentRecord;
}
