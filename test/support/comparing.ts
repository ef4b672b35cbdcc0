import { compareWorkload } from "../../src/diff/compare.ts";
import type { CompareRules } from "../../src/diff/judge.ts";
import type { Comparison, EligibleSource } from "../../src/model/comparison.ts";
import type { Digester } from "../../src/model/digest.ts";
import type { Observation } from "../../src/model/observation.ts";
import type { SourceKind } from "../../src/model/ref.ts";
import type { Sight, WatchedKeys } from "../../src/model/source.ts";
import { emptyState, type State, type WorkloadRecord } from "../../src/model/state.ts";
import type { PodFacts, Use, Workload } from "../../src/model/workload.ts";
import { foldState, recordOf } from "../../src/record/fold.ts";
import type { Done } from "../../src/record/workloads.ts";
import { testDigester } from "./digester.ts";
import { testPolicy } from "./policy.ts";

/** The instant at which a test begins, milliseconds since the epoch. */
export const start = Date.parse("2026-11-23T02:00:00Z");
const namespace = "shop";

export const use = (name: string, keys: WatchedKeys = "*"): Use => ({ kind: "ConfigMap", name, keys, where: "env" });

/** A Deployment without a stamp that uses nothing. */
export function aWorkload(changes: Partial<Workload> = {}): Workload {
  return {
    ref: { kind: "Deployment", namespace, name: "web" },
    uid: "uid-web",
    generation: 1,
    observedGeneration: changes.generation ?? 1,
    hasTemplateAnnotations: true,
    templateAnnotations: {},
    stamps: { direct: undefined, git: undefined },
    uses: [],
    directives: { byKind: {}, said: {}, read: [], problems: [] } as never,
    paused: false,
    manual: undefined,
    podSelector: "app=web",
    revision: "1",
    templateManagers: [],
    ...changes,
  };
}

interface SourceParts {
  readonly kind?: SourceKind;
  readonly uid?: string;
  readonly createdAt?: number;
  /** `null`: the object has no managedFields. */
  readonly lastWrite?: number | null;
  readonly resourceVersion?: string;
  readonly digester?: Digester;
  /** Ids of the digest keys its digests are made with; the current one where nothing is said. */
  readonly keyIds?: readonly string[];
}

/** A ConfigMap that is there, written a minute before the test begins. */
export function present(name: string, data: Readonly<Record<string, string>>, parts: SourceParts = {}): Sight {
  const { kind = "ConfigMap", uid = `uid-${name}`, createdAt = start - 60_000, digester = testDigester } = parts;
  const { lastWrite = createdAt, resourceVersion = "1", keyIds = [digester.currentId] } = parts;
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")] as const);
  const object = { metadata: { name, namespace, uid, resourceVersion }, binaryData: Object.fromEntries(encoded) };
  return {
    is: "present",
    source: {
      ref: { kind, namespace, name },
      uid,
      resourceVersion,
      createdAt,
      lastWrite: lastWrite ?? undefined,
      annotations: {},
      digests: new Map(keyIds.map((id) => [id, digester.body(id, "ConfigMap", object)])),
    },
  };
}

export const absent: Sight = { is: "absent" };
export const unobserved: Sight = { is: "unobserved" };

/** One source of one run: what was seen of it, and which of its keys count. */
export interface Seen {
  readonly sight: Sight;
  readonly keys?: WatchedKeys;
  readonly byPattern?: boolean;
  readonly used?: boolean;
  readonly paused?: EligibleSource["paused"];
}

/** One run over one workload. */
export interface Look {
  readonly workload: Workload;
  /** By name; all are ConfigMaps. */
  readonly sources: Readonly<Record<string, Seen | Sight>>;
  /** Absent: it has none. `undefined`: nobody looked. */
  readonly pods?: PodFacts | undefined;
  readonly rules?: Partial<CompareRules & Pick<EligibleSource, "reloadOnCreate" | "reloadOnDelete">>;
  readonly done?: Partial<Done>;
  /** Milliseconds since the epoch. */
  readonly at?: number;
}

/** Pods of the current revision only, all created then. */
export const podsOf = (created: number): PodFacts => ({
  oldest: created,
  oldestCurrent: created,
  created: [created],
});

/** Runs over one workload, each remembered for the next. */
export class Runs {
  state: State = emptyState;

  get record(): WorkloadRecord | undefined {
    return recordOf(this.state, aWorkload().ref);
  }

  compare(look: Look): Comparison {
    const { workload, sources, rules = {} } = look;
    const pods = "pods" in look ? look.pods : { oldest: undefined, oldestCurrent: undefined, created: [] };
    const remembered = this.state.namespaces[namespace]?.sources ?? {};
    const eligible = Object.entries(sources).map(([name, given]): EligibleSource => {
      const seen: Seen = "is" in given ? { sight: given } : given;
      const { sight, keys = "*", byPattern = false, used = !byPattern } = seen;
      const ref = { kind: "ConfigMap" as const, namespace, name };
      const { reloadOnCreate = false, reloadOnDelete = false } = rules;
      const terms = { reloadOnCreate, reloadOnDelete, paused: seen.paused };
      return { ref, keys, byPattern, used, sight, previous: remembered[`ConfigMap/${name}`], ...terms };
    });
    const all = { mode: "direct", digester: testDigester } as const;
    return compareWorkload(workload, this.record, eligible, { ...all, catchUp: false, ...rules }, pods);
  }

  run(look: Look): Comparison {
    const comparison = this.compare(look);
    const { workload, sources, rules = {}, done = {}, at = start } = look;
    const observation: Observation = {
      headers: [],
      workloads: [workload],
      blind: [],
      absent: [],
      wanted: ["ConfigMap", "Secret", "Deployment"],
      issues: [],
      covers: () => true,
      policyOf: () => testPolicy(),
    };
    this.state = foldState(this.state, {
      observation,
      sights: Object.entries(sources).map(([name, seen]) => ({
        ref: { kind: "ConfigMap", namespace, name },
        sight: "is" in seen ? seen : seen.sight,
      })),
      workloads: [{ comparison, done: { patched: undefined, unverified: undefined, pending: undefined, ...done } }],
      ledger: [],
      digester: rules.digester ?? testDigester,
      now: new Date(at).toISOString(),
      readBy: new Date(at).toISOString(),
    });
    return comparison;
  }
}

/** `name standing`, in the order of the sources. */
export const standings = ({ sources }: Comparison): string[] =>
  sources.map(({ ref, standing }) => `${ref.name} ${standing}`);
