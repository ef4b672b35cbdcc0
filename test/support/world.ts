import { plan } from "../../src/commands/plan.ts";
import { type DemoCluster, type DemoOptions, startDemoCluster } from "../../src/demo/cluster.ts";
import type { Manifest } from "../../src/demo/direct.ts";
import type { LoggedRequest } from "../../src/demo/http.ts";
import { noGitServers } from "../../src/io/git/lazy.ts";
import { anonymous, type Connection } from "../../src/io/kubernetes/connection.ts";
import { createKubernetesPorts } from "../../src/io/kubernetes/ports.ts";
import { findWorkloadKind, workloadKinds } from "../../src/model/kinds.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { PlanReport, RunReport } from "../../src/model/report.ts";
import type { GitServers, Journal, Ports } from "../../src/ports.ts";
import { run } from "../../src/run.ts";
import { type FakeTime, fakeTime } from "./fake-time.ts";
import { testPolicy } from "./policy.ts";

export const stateNamespace = "reroll-system";
export const stateName = "reroll-state";
export const second = 1000;
export const minute = 60 * second;

/** How one run differs from a plain one. */
export interface RunSettings {
  readonly policy?: Partial<Policy>;
  readonly git?: GitServers;
  readonly identity?: string;
  readonly signal?: AbortSignal;
  readonly journal?: Journal;
  /** Where the run finds the API server, where that is not the cluster itself. */
  readonly server?: string;
  /** Stands between the run and its ports. */
  readonly through?: (ports: Ports) => Ports;
  readonly onProgress?: (line: string) => void;
}

/** A run, with what the server saw of it. */
export interface Ran extends RunReport {
  /** `Kind/namespace/name` of every pod template that changed meanwhile, once per change, sorted. */
  readonly restarted: readonly string[];
  readonly requests: readonly LoggedRequest[];
}

/** An embedded cluster, its clock, and runs of reroll against it over HTTP. Goes away with its block. */
export interface World extends AsyncDisposable {
  readonly cluster: DemoCluster;
  readonly time: FakeTime;
  /** Applies manifests, then lets a minute pass, so that nothing counts as simultaneous. */
  put(...manifests: readonly Manifest[]): void;
  remove(kind: string, name: string, namespace?: string): void;
  run(settings?: RunSettings): Promise<Ran>;
  plan(settings?: RunSettings): Promise<PlanReport>;
  /** How often the template of each workload changed that was ever applied, by `Kind/namespace/name`. */
  rollouts(): ReadonlyMap<string, number>;
  /** What each running pod of `app` started with. */
  views(app: string, namespace?: string): readonly PodView[];
  /** The same for every app of a namespace. */
  allViews(namespace?: string): ReadonlyMap<string, readonly PodView[]>;
}

/** The plain text a pod started with, by `Kind/name` and key. */
export type PodView = Readonly<Record<string, Readonly<Record<string, string>>>>;

const silent = () => {};
export const noJournal: Journal = { debug: silent, info: silent, warn: silent, error: silent };

/** Retries as in production, but at once. */
const quick = {
  timeouts: { connect: 2_000, headers: 5_000, body: 5_000, whole: 10_000 },
  retries: { times: 2, firstDelay: 0, maxDelay: 0, total: 10_000 },
};

function connectionTo(server: string): Connection {
  const trust = { ca: undefined, serverName: undefined, insecure: false };
  const rest = { headers: {}, proxy: undefined, namespace: undefined, inCluster: false, origin: "test" };
  return { server, trust, credentials: anonymous, ...rest };
}

/** Real ports over HTTP that live as long as `use`. */
export async function withPorts<T>(
  { cluster, time }: Pick<World, "cluster" | "time">,
  {
    git = noGitServers,
    identity = "run-1",
    journal = noJournal,
    through = (ports) => ports,
    server = cluster.url,
  }: RunSettings,
  use: (ports: Ports) => Promise<T>,
): Promise<T> {
  const { close, ...kubernetes } = createKubernetesPorts(connectionTo(server), stateNamespace, quick);
  try {
    return await use(through({ ...kubernetes, git, clock: time.clock, journal, identity }));
  } finally {
    await close();
  }
}

/** Starts a world: the state's namespace is there, then the manifests in the order given, each a minute after the one before. */
export async function startWorld(
  manifests: readonly (Manifest | readonly Manifest[])[] = [],
  options: Omit<DemoOptions, "now" | "port"> = {},
): Promise<World> {
  let wake = silent;
  const time = fakeTime(undefined, () => wake());
  const cluster = await startDemoCluster({ ...options, now: time.now });
  wake = () => cluster.wake();
  const workloads = new Set<string>();
  const put = (manifest: Manifest) => {
    const { kind, metadata } = cluster.api.put(manifest);
    if (findWorkloadKind(kind, workloadKinds)) workloads.add(`${kind}/${metadata.namespace}/${metadata.name}`);
  };
  const world: World = {
    cluster,
    time,
    put(...given) {
      given.forEach(put);
      time.advance(minute);
    },
    remove(kind, name, namespace = "shop") {
      cluster.api.delete(kind, namespace, name);
      time.advance(minute);
    },
    async run(settings = {}) {
      const before = world.rollouts();
      const requests = cluster.requests.length;
      const { signal = new AbortController().signal, onProgress = silent } = settings;
      const report = await withPorts(world, settings, (ports) =>
        run(ports, testPolicy(settings.policy), { stateName, signal, onProgress }),
      );
      return { ...report, restarted: since(before, world.rollouts()), requests: cluster.requests.slice(requests) };
    },
    plan: (settings = {}) => withPorts(world, settings, (ports) => plan(ports, testPolicy(settings.policy), stateName)),
    rollouts: () => new Map([...workloads].map((name) => [name, cluster.rollouts(name)])),
    views: (app, namespace) => world.allViews(namespace).get(app) ?? [],
    allViews: (namespace = "shop") => views(cluster, namespace),
    [Symbol.asyncDispose]: () => cluster.close(),
  };
  cluster.api.put({ kind: "Namespace", metadata: { name: stateNamespace } });
  for (const group of manifests) world.put(...[group].flat());
  return world;
}

/** A world whose workloads are known: one run has adopted them, and a minute has passed. */
export async function startKnownWorld(...given: Parameters<typeof startWorld>): Promise<World> {
  const world = await startWorld(...given);
  await world.run();
  world.time.advance(minute);
  return world;
}

function since(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return [...after]
    .flatMap(([name, count]) => new Array<string>(Math.max(0, count - (before.get(name) ?? 0))).fill(name))
    .sort();
}

function views(cluster: DemoCluster, namespace: string): Map<string, PodView[]> {
  const pods = cluster.api.list("Pod", namespace);
  const byApp = Map.groupBy(pods, ({ metadata }) => metadata.labels?.app ?? "");
  const view = (uid: string): PodView => Object.fromEntries(cluster.podView(uid) ?? []);
  return new Map([...byApp].map(([app, own]) => [app, own.map(({ metadata }) => view(metadata.uid))]));
}
