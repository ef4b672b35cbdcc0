import { restartPatch } from "../../src/act/patch.ts";
import { applyJsonPatch, PatchFailure } from "../../src/demo/json-patch.ts";
import { compareWorkload } from "../../src/diff/compare.ts";
import type { Comparison } from "../../src/model/comparison.ts";
import type { Digester } from "../../src/model/digest.ts";
import { PortError } from "../../src/model/errors.ts";
import { findWorkloadKind, type WorkloadKind, workloadKinds } from "../../src/model/kinds.ts";
import type { LoopBreaker } from "../../src/model/loops.ts";
import type { KubeObject } from "../../src/model/object.ts";
import type { Observation } from "../../src/model/observation.ts";
import type { Action } from "../../src/model/plan.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { Sight } from "../../src/model/source.ts";
import { parseStamp } from "../../src/model/stamp.ts";
import { emptyState, type State, type WorkloadRecord } from "../../src/model/state.ts";
import type { Outline, PodFacts } from "../../src/model/workload.ts";
import { assemble } from "../../src/plan/assemble.ts";
import { watchLoops } from "../../src/plan/quarantine.ts";
import { foldState, recordOf } from "../../src/record/fold.ts";
import { isAtRest } from "../../src/record/workloads.ts";
import type { Work } from "../../src/run/act.ts";
import { runFacts } from "../../src/run/facts.ts";
import type { Prepared } from "../../src/run/prepare.ts";
import { silentRecord } from "../../src/snapshot/outline.ts";
import { templateReader } from "../../src/snapshot/template.ts";
import { readWorkload } from "../../src/snapshot/workload.ts";
import type { Surveyed } from "../../src/survey/subjects.ts";
import { testPolicy } from "../support/policy.ts";
import { excuse, isNeedless, type Moment } from "./blame.ts";
import type { Keys } from "./keys.ts";
import { eligibleOf, glanceAt, lookAt, objectOf, others, ref } from "./look.ts";
import type { Template, World } from "./world.ts";

const strategy = { is: "known", name: "rollout", choice: { level: "kind" } } as const;
const mode = { is: "known", name: "direct", choice: { level: "configuration" } } as const;
const kind = findWorkloadKind(ref.kind, workloadKinds) as WorkloadKind;

/** What survives between runs, with the version that compare-and-swap compares. */
export class Memory {
  state: State = emptyState;
  version = 0;
  /** When each source was last snapshotted while the workload asked. */
  observed = new Map<string, number>();
}

/** How a run is asked to run. */
export interface Options {
  readonly perKey: boolean;
  readonly reloadOnCreate: boolean;
  readonly reloadOnDelete: boolean;
  readonly catchUp: boolean;
  /** Decides how templates are read, so that what is remembered of them has to be read again where it changes. */
  readonly annotationKeys: Policy["annotationKeys"];
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
  const policy = testPolicy({ annotationKeys: options.annotationKeys });
  const compared = (workload: Outline, pods: PodFacts | undefined, moved = false) => {
    const eligible = eligibleOf(workload, seen, { ...options, state, moved, held: world.held });
    const rules = { mode: "direct" as const, digester, ...options };
    return compareWorkload(workload, record, eligible, rules, pods) as Comparison;
  };
  const glance = glanceAt(world, { state, policy, digester });
  const first = glance.recalled && compared(glance.recalled, undefined);
  const atRest = first !== undefined && isAtRest(first, record, { digester, ignored: [] });
  const isSeen = blind.length === 0;
  // What memory shows to be at rest is not read; everything else may have moved when it is.
  if (isSeen && !atRest && !glance.silent) yield;
  const isRead = isSeen && !atRest && (!glance.silent || chance(0.2));
  const unread = isRead && chance(0.05) ? [{ ref, error }] : [];
  const look = isRead && unread.length === 0 ? lookAt(world, glance.header, policy) : undefined;
  if (look && world.random() < 0.3) yield;
  const pods = world.pods.map((each) => ({ ...each }));
  const held = new Set(world.held);
  const surveyed = (look?.asks ? [look] : []).map(({ workload, moved }) => {
    const born = pods.map(({ born }) => born);
    const facts = {
      oldest: born.length > 0 ? Math.min(...born) : undefined,
      oldestCurrent: born.at(-1),
      created: born,
    };
    const blindly = compared(workload, undefined, moved);
    const unlooked = blindly.needsPods && podsError !== undefined;
    const comparison = blindly.needsPods && !podsError ? compared(workload, facts, moved) : blindly;
    const loops = watchLoops(comparison, record, { ...options.loopBreaker, digester, now: iso(seenAt) });
    const hold = held.has("*") ? { reason: "paused-by-annotation" as const, message: "held" } : undefined;
    return {
      workload,
      record,
      hold,
      restartedAt: false,
      strategy,
      mode,
      comparison,
      loops,
      podsError: unlooked ? podsError : undefined,
    };
  });
  const quiet = isSeen && atRest ? [ref] : [];
  const silent = look && !look.asks ? [{ ref, record: silentRecord(look.workload, digester.fingerprint) }] : [];
  if (isSeen && !look && glance.silent) silent.push({ ref, record: glance.silent });
  const concerned = [
    ...surveyed.map(({ workload }) => workload),
    ...(glance.recalled && isSeen ? [glance.recalled] : []),
  ];
  // Where it asks for nothing, somebody else may who uses the same.
  const { template } = world;
  const byOthers = concerned.length === 0 && world.random() < 0.5;
  const sights = seen.filter(({ ref: { name } }) =>
    byOthers
      ? world.units(name, template).length > 0
      : concerned.some(({ uses }) => uses.some((use) => use.name === name)),
  );
  const candidates = surveyed.map((each) => ({ ...each, unobserved: each.podsError?.message }));
  const plan = { ...assemble(candidates, digester, iso(seenAt)), skips: [], issues: [] };
  const comparisons = first && quiet.length > 0 ? [first] : surveyed.map(({ comparison }) => comparison);
  for (const comparison of comparisons) excuse(world, state, comparison, { pods, observed, sources, record });
  world.note(
    `run: ${surveyed.map(said).join() || (quiet.length > 0 ? "at rest" : "nobody asks, or nobody could look")}`,
  );
  if (plan.pending.some(({ reason }) => reason === "quarantined")) {
    world.quarantined++;
    world.note("held back");
  }
  if (surveyed.some(({ loops }) => loops.released.length > 0)) world.released++;
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
    workloads: [],
    blind,
    absent: [],
    wanted: ["ConfigMap", "Secret", ref.kind],
    issues: [],
    covers: () => true,
    policyOf: () => policy,
  };
  const survey = {
    observation,
    sights,
    surveyed,
    quiet,
    silent: [...silent, ...others(world)],
    unread,
    reader: templateReader(policy),
    plan,
    now: iso(seenAt),
    readBy: iso(seenAt),
  };
  memory.state = foldState(state, runFacts({ survey, digester } as unknown as Prepared, works, []));
  memory.version++;
  const unjudged = new Set([
    ...blindTo,
    // It was absent when it was looked at, and the workload had moved by the time that was read: nothing was said of its pods.
    ...comparisons.flatMap(({ sources }) =>
      sources.filter(({ standing }) => standing === "kept-unobserved").map(({ ref: { name } }) => name),
    ),
  ]);
  // What somebody else looked at says nothing of pods that nobody asked about meanwhile.
  const looked = (byOthers ? [] : survey.sights).filter(({ ref: { name } }) => !unjudged.has(name));
  // Who asks for nothing is forgotten, with what is owed to it.
  const since = silent.length > 0 ? [] : [...observed, ...looked.map(({ ref: { name } }) => [name, seenAt] as const)];
  memory.observed = new Map(since);
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
  const worked = (act: Work["act"], more: Partial<Work> = {}): Done => {
    const nothing = { generation: undefined, unverified: undefined, outcome: undefined };
    return { work: { action, act, startedAt: world.time, ...nothing, ...more }, fault: undefined };
  };
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
  const after = readWorkload(objectOf(world), kind, testPolicy());
  return worked({ is: "patched", object: objectOf(world) }, { generation: world.generation, after });
}
