import { compareWorkload } from "../../src/diff/compare.ts";
import type { Comparison, EligibleSource } from "../../src/model/comparison.ts";
import type { Digester } from "../../src/model/digest.ts";
import type { Observation } from "../../src/model/observation.ts";
import type { Sight } from "../../src/model/source.ts";
import { emptyState, type State } from "../../src/model/state.ts";
import type { Workload } from "../../src/model/workload.ts";
import { assemble } from "../../src/plan/assemble.ts";
import { foldState, recordOf } from "../../src/record/fold.ts";
import { sourceNames, type Unit, type World } from "./world.ts";

const ref = { kind: "Deployment", namespace: "ns", name: "app" } as const;

/** What survives between runs, with the version that compare-and-swap compares. */
export class Memory {
  state: State = emptyState;
  version = 0;
  /** When each source was last snapshotted. */
  observed = new Map<string, number>();
}

const base64 = (value: number) => Buffer.from(String(value)).toString("base64");

function sight(world: World, name: string, digester: Digester): Sight {
  const source = world.sources.get(name);
  if (!source) return { is: "absent" };
  const binaryData = Object.fromEntries(Object.entries(source.data).map(([key, value]) => [key, base64(value)]));
  const metadata = { name, namespace: "ns", uid: source.uid, resourceVersion: String(source.rv) };
  const digests = digester.body(digester.currentId, "ConfigMap", { metadata, binaryData });
  return {
    is: "present",
    source: {
      ref: { kind: "ConfigMap", namespace: "ns", name },
      uid: source.uid,
      resourceVersion: String(source.rv),
      createdAt: source.mtime,
      lastWrite: source.mtime,
      annotations: {},
      digests: new Map([[digester.currentId, digests]]),
    },
  };
}

function workloadOf(world: World): Workload {
  return {
    ref,
    uid: "app-uid",
    generation: world.generation,
    observedGeneration: world.generation,
    hasTemplateAnnotations: true,
    stamps: { direct: world.stamp, git: undefined },
    uses: [],
    directives: { byKind: {}, restartedAt: false, perKey: undefined, read: [], problems: [] } as never,
    paused: false,
    manual: undefined,
    podSelector: "app=app",
    revision: "1",
    templateManagers: ["somebody"],
  };
}

interface Faults {
  readonly unseen: boolean;
  readonly lostAnswer: boolean;
}

const iso = (time: number) => new Date(time).toISOString();

/** One run of the pure stages. Every yield is a moment where others act, or the run is killed. Returns what it found wrong with itself. */
export function* run(
  world: World,
  memory: Memory,
  digester: Digester,
  faults: Faults,
  catchUp = false,
): Generator<void, string | undefined> {
  yield;
  const { state, version, observed } = memory;
  yield;
  const blindTo = new Set(sourceNames.filter(() => faults.unseen && world.random() < 0.15));
  const seenAt = world.time;
  const cuts = new Map([...world.sources].map(([name, { cut }]) => [name, cut]));
  const sights = sourceNames.map((name) => ({
    ref: { kind: "ConfigMap" as const, namespace: "ns", name },
    sight: blindTo.has(name) ? ({ is: "unobserved" } as const) : sight(world, name, digester),
  }));
  yield;
  const workload = workloadOf(world);
  const uses = world.uses;
  const { born, podView } = world;
  const record = recordOf(state, ref);
  const sources = state.namespaces.ns?.sources ?? {};
  const used = sights.filter(({ ref: { name } }) => [...uses].some((unit) => unit.startsWith(`${name}.`)));
  const eligible = used.map((each): EligibleSource => {
    const { name } = each.ref;
    const keys = [...uses]
      .filter((unit) => unit.startsWith(`${name}.`))
      .map((unit) => unit.slice(name.length + 1))
      .sort();
    return { ...each, keys, byPattern: false, used: true, previous: sources[`ConfigMap/${name}`] };
  });
  const rules = { mode: "direct" as const, digester, reloadOnCreate: false, reloadOnDelete: false, catchUp };
  const comparison = compareWorkload(workload, record, eligible, rules, { oldest: born, oldestCurrent: born });
  excuse(world, memory, comparison, { born, podView, observed, cuts });
  const { actions } = assemble([{ comparison, record, unobserved: undefined }], digester, iso(seenAt));
  const action = actions[0];
  let patched: { stamp: string; generation: number } | undefined;
  if (action) {
    yield;
    const { guard } = action;
    if (guard.generation !== world.generation || guard.stamps.direct !== world.stamp) return undefined;
    const needless = isNeedless(world, comparison);
    world.stamp = action.stamp;
    world.restarts++;
    world.rollout(`reroll, ${comparison.origin}: ${action.because.map(({ source }) => source.name).join(" ")}`);
    patched = { stamp: action.stamp, generation: world.generation };
    if (needless) return `needless restart by ${comparison.origin}`;
    if (faults.lostAnswer && world.random() < 0.2) return undefined;
  }
  yield;
  if (memory.version !== version) return undefined;
  const observation: Observation = {
    headers: [],
    workloads: [workload],
    blind: [],
    issues: [],
    covers: () => true,
  };
  const done = { patched, unverified: undefined, pending: undefined };
  memory.state = foldState(state, {
    observation,
    sights: used,
    workloads: [{ comparison, done }],
    ledger: [],
    digester,
    now: iso(seenAt),
  });
  memory.version++;
  memory.observed = new Map([
    ...observed,
    ...used.filter(({ ref: { name } }) => !blindTo.has(name)).map(({ ref: { name } }) => [name, seenAt] as const),
  ]);
  return undefined;
}

interface Moment {
  readonly born: number;
  readonly podView: ReadonlyMap<Unit, number | undefined>;
  readonly observed: ReadonlyMap<string, number>;
  readonly cuts: ReadonlyMap<string, number>;
}

/** The documented limits: a value that came and went between two runs while pods started, what was adopted, a key removed while the state was lost. */
function excuse(world: World, memory: Memory, comparison: Comparison, { born, observed, cuts }: Moment): void {
  for (const {
    ref: { name },
    standing,
  } of comparison.sources) {
    const units = [...world.uses].filter((unit) => unit.startsWith(`${name}.`));
    const since = observed.get(name);
    const cameAndWent =
      (standing === "unchanged" || standing === "kept-absent") && (since === undefined || born > since);
    const unseenCut =
      standing === "fresh" &&
      (cuts.get(name) ?? 0) > born &&
      memory.state.namespaces.ns?.sources[`ConfigMap/${name}`] === undefined;
    if (cameAndWent || unseenCut || standing === "adopted") for (const unit of units) world.excused.add(unit);
  }
}

/** Every pod already runs with the content the restart is for, and that could be told from outside. */
function isNeedless(world: World, comparison: Comparison): boolean {
  const due = comparison.sources.filter(({ standing }) => standing === "due");
  return due.every(({ ref: { name }, keys }) => {
    const source = world.sources.get(name);
    const units = (keys as readonly string[]).map((key): Unit => `${name}.${key}`);
    const same = units.every((unit) => world.podView.get(unit) === world.content(unit));
    return same && source !== undefined && source.mtime < world.born && source.cut === 0;
  });
}
