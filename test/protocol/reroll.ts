import { restartPatch } from "../../src/act/patch.ts";
import { applyJsonPatch, PatchFailure } from "../../src/demo/json-patch.ts";
import { compareWorkload } from "../../src/diff/compare.ts";
import type { Comparison, EligibleSource } from "../../src/model/comparison.ts";
import type { Digester } from "../../src/model/digest.ts";
import { PortError } from "../../src/model/errors.ts";
import { findWorkloadKind, type WorkloadKind, workloadKinds } from "../../src/model/kinds.ts";
import type { LoopBreaker } from "../../src/model/loops.ts";
import type { KubeObject } from "../../src/model/object.ts";
import type { Observation } from "../../src/model/observation.ts";
import type { Action } from "../../src/model/plan.ts";
import type { Sight } from "../../src/model/source.ts";
import { parseStamp } from "../../src/model/stamp.ts";
import { emptyState, type State, type WorkloadRecord } from "../../src/model/state.ts";
import type { Workload } from "../../src/model/workload.ts";
import { assemble } from "../../src/plan/assemble.ts";
import { watchLoops } from "../../src/plan/quarantine.ts";
import { foldState, recordOf } from "../../src/record/fold.ts";
import type { Work } from "../../src/run/act.ts";
import { runFacts } from "../../src/run/facts.ts";
import type { Prepared } from "../../src/run/prepare.ts";
import type { Surveyed } from "../../src/survey/subjects.ts";
import { testPolicy } from "../support/policy.ts";
import { excuse, isNeedless, type Moment } from "./blame.ts";
import type { Keys } from "./keys.ts";
import type { Template, World } from "./world.ts";

const ref = { kind: "Deployment", namespace: "ns", name: "app" } as const;
const strategy = { is: "known", name: "rollout", usual: true } as const;
const kind = findWorkloadKind(ref.kind, workloadKinds) as WorkloadKind;

/** What survives between runs, with the version that compare-and-swap compares. */
export class Memory {
  state: State = emptyState;
  version = 0;
  /** When each source was last snapshotted. */
  observed = new Map<string, number>();
}

/** How a run is asked to run. */
export interface Options {
  readonly perKey: boolean;
  readonly reloadOnCreate: boolean;
  readonly reloadOnDelete: boolean;
  readonly catchUp: boolean;
  readonly loopBreaker: LoopBreaker;
  /** Lists, patches and answers may fail. */
  readonly faults: boolean;
}

const base64 = (value: number) => Buffer.from(String(value)).toString("base64");
const iso = (time: number) => new Date(time).toISOString();

function sight(world: World, name: string, digester: Digester, keyIds: Iterable<string>): Sight {
  const source = world.sources.get(name);
  if (!source) return { is: "absent" };
  const binaryData = Object.fromEntries(Object.entries(source.data).map(([key, value]) => [key, base64(value)]));
  const { uid, createdAt, managed, mtime } = source;
  const resourceVersion = String(source.rv);
  const object = { metadata: { name, namespace: "ns", uid, resourceVersion }, binaryData };
  const ids = [...new Set([digester.currentId, ...keyIds])].filter((id) => digester.knows(id));
  return {
    is: "present",
    source: {
      ref: { kind: "ConfigMap", namespace: "ns", name },
      uid,
      resourceVersion,
      createdAt,
      lastWrite: managed ? mtime : undefined,
      annotations: {},
      digests: new Map(ids.map((id) => [id, digester.body(id, "ConfigMap", object)])),
    },
  };
}

/** As a run asks for them: what the record, the stamp and the snapshot were made with. */
function keyIdsOf(world: World, record: WorkloadRecord | undefined, state: State, name: string): string[] {
  const known = `ConfigMap/${name}`;
  const rolledOut = record?.rolledOut[known];
  const ids = [
    typeof rolledOut === "object" ? rolledOut.keyId : undefined,
    parseStamp(world.stamp ?? "")?.keyId,
    state.namespaces.ns?.sources[known]?.keyId,
  ];
  return ids.filter((id) => id !== undefined);
}

function workloadOf(world: World): Workload {
  const { uid, generation, observedGeneration, paused, template, stamp } = world;
  return {
    ref,
    uid,
    generation,
    observedGeneration,
    templateAnnotations: {},
    hasTemplateAnnotations: template.annotations !== undefined,
    stamps: { direct: stamp, git: undefined },
    uses: world.names.flatMap((name) =>
      world.units(name).map((unit) => ({ kind: "ConfigMap", name, keys: [unit.slice(name.length + 1)], where: "env" })),
    ),
    directives: { byKind: {}, said: {}, read: [], problems: [] } as never,
    paused,
    manual: undefined,
    podSelector: "app=app",
    revision: "1",
    templateManagers: ["somebody"],
  };
}

function objectOf({ uid, generation, template }: World): KubeObject {
  const metadata = { name: ref.name, namespace: ref.namespace, uid, resourceVersion: "1", generation };
  return {
    metadata,
    spec: { template: { metadata: template.annotations ? { annotations: template.annotations } : {} } },
  };
}

/** One run of the pure stages. Every yield is a moment where others act, or the run is killed. Returns what it found wrong with itself. */
export function* run(world: World, memory: Memory, keys: Keys, options: Options): Generator<void, string | undefined> {
  const chance = (odds: number) => options.faults && world.random() < odds;
  yield;
  const { state, version, observed } = memory;
  const digester = keys.digester();
  const record = recordOf(state, ref);
  yield;
  const seenAt = world.time;
  const sources = new Map([...world.sources].map(([name, source]) => [name, { ...source }]));
  const blindTo = new Set(world.names.filter(() => chance(0.15)));
  const seen = world.names.map((name) => {
    const is = blindTo.has(name) ? ({ is: "unobserved" } as const) : undefined;
    return {
      ref: { kind: "ConfigMap" as const, namespace: "ns", name },
      sight: is ?? sight(world, name, digester, keyIdsOf(world, record, state, name)),
    };
  });
  yield;
  const error = new PortError("unreachable", "no answer");
  const blind = chance(0.08) ? [{ kind: ref.kind, error }] : [];
  const podsError = chance(0.1) ? error : undefined;
  const workload = workloadOf(world);
  const pods = world.pods.map((each) => ({ ...each }));
  const { asks, template } = world;
  const held = new Set(world.held);
  const sights = seen.filter(({ ref: { name } }) => world.units(name, template).length > 0);
  const subjects = asks && blind.length === 0 ? [workload] : [];
  const surveyed = subjects.map(() => {
    const { reloadOnCreate, reloadOnDelete } = options;
    const pause = { key: "reroll.dev/paused", value: "true" };
    const eligible = sights.map((each): EligibleSource => {
      const { name } = each.ref;
      const used = world.units(name, template).map((unit) => unit.slice(name.length + 1));
      const previous = state.namespaces.ns?.sources[`ConfigMap/${name}`];
      const paused = each.sight.is === "present" && held.has(name) ? pause : undefined;
      const terms = { reloadOnCreate, reloadOnDelete, paused };
      return { ...each, keys: options.perKey ? used : "*", byPattern: false, used: true, previous, ...terms };
    });
    const born = pods.map(({ born }) => born);
    const facts = {
      oldest: born.length > 0 ? Math.min(...born) : undefined,
      oldestCurrent: born.at(-1),
      created: born,
    };
    const rules = { mode: "direct" as const, digester, ...options };
    const first = compareWorkload(workload, record, eligible, rules, undefined);
    const unlooked = first.needsPods && podsError !== undefined;
    const comparison =
      first.needsPods && !podsError ? compareWorkload(workload, record, eligible, rules, facts) : first;
    const loops = watchLoops(comparison, record, { ...options.loopBreaker, digester, now: iso(seenAt) });
    const hold = held.has("*") ? { reason: "paused-by-annotation" as const, message: "held" } : undefined;
    return {
      workload,
      record,
      hold,
      restartedAt: false,
      strategy,
      comparison,
      loops,
      podsError: unlooked ? podsError : undefined,
    };
  });
  const candidates = surveyed.map((each) => ({ ...each, unobserved: each.podsError?.message }));
  const plan = { ...assemble(candidates, digester, iso(seenAt)), skips: [], issues: [] };
  for (const { comparison } of surveyed) excuse(world, state, comparison, { pods, observed, sources, record });
  world.note(`run: ${surveyed.map(said).join()}`);
  yield;
  let fault: string | undefined;
  const works: Work[] = [];
  for (const action of plan.actions) {
    const onlyHeld = action.because.every(({ source }) => held.has(source.name) && sources.has(source.name));
    if (held.has("*") || onlyHeld) return "restarts although what is due is held";
    const done = act(world, action, surveyed[0]?.comparison, { pods, observed, sources, record }, chance);
    fault ??= done.fault;
    if (!done.work) return fault;
    works.push(done.work);
  }
  yield;
  if (fault || memory.version !== version) return fault;
  const observation: Observation = {
    headers: [],
    workloads: blind.length > 0 ? [] : [workload],
    blind,
    absent: [],
    issues: [],
    covers: () => true,
    policyOf: () => testPolicy(),
  };
  const survey = {
    observation,
    sights: subjects.length > 0 || world.random() < 0.5 ? sights : [],
    surveyed,
    quiet: [],
    silent: [],
    unread: [],
    reader: "1",
    plan,
    now: iso(seenAt),
    readBy: iso(seenAt),
  };
  memory.state = foldState(state, runFacts({ survey, digester } as unknown as Prepared, works, []));
  memory.version++;
  const looked = survey.sights.filter(({ ref: { name } }) => !blindTo.has(name));
  memory.observed = new Map([...observed, ...looked.map(({ ref: { name } }) => [name, seenAt] as const)]);
  return undefined;
}

function said({ comparison: { origin, sources }, podsError }: Pick<Surveyed, "comparison" | "podsError">): string {
  const standings = sources.map(({ ref: { name }, standing }) => `${name} ${standing}`);
  return `${origin}: ${standings.join(", ")}${podsError ? ", pods unseen" : ""}`;
}

interface Done {
  /** Absent: the run dies. */
  readonly work: Work | undefined;
  readonly fault: string | undefined;
}

/** Sends the patch as the act stage does, onto whatever is there by now. */
function act(
  world: World,
  action: Action,
  comparison: Comparison | undefined,
  moment: Moment,
  chance: (odds: number) => boolean,
): Done {
  const worked = (act: Work["act"], generation?: number): Done => ({
    work: { action, act, startedAt: world.time, generation, unverified: undefined, outcome: undefined },
    fault: undefined,
  });
  if (chance(0.05)) return worked({ is: "interrupted", message: "stopped" });
  const error = new PortError("forbidden", "refused");
  if (chance(0.1)) return worked({ is: "failed", message: "refused", error });
  const object = objectOf(world);
  let patched: KubeObject;
  try {
    patched = applyJsonPatch(object, restartPatch(action, kind, iso(world.time))) as KubeObject;
  } catch (refused) {
    if (!(refused instanceof PatchFailure)) throw refused;
    return worked({ is: "superseded", message: "somebody was faster" });
  }
  const fault =
    comparison && isNeedless(world, comparison, moment) ? `needless restart by ${comparison.origin}` : undefined;
  const { annotations } = (patched as unknown as { spec: { template: { metadata: Template } } }).spec.template.metadata;
  world.restarts++;
  world.edit(
    { uses: world.template.uses, annotations },
    `reroll, ${comparison?.origin}: ${action.because.map(({ source, change }) => `${source.name} ${change}`).join(" ")}`,
  );
  if (fault) return { work: undefined, fault };
  if (chance(0.1)) return { work: undefined, fault };
  if (chance(0.1)) return worked({ is: "superseded", message: "the answer was lost, and so was the look after it" });
  return worked({ is: "patched", object: objectOf(world) }, world.generation);
}
