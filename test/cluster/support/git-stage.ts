import { dig, type KubeObject } from "../../../src/model/object.ts";
import type { BareRepository, CommitOptions, Contents } from "../../support/git-repository.ts";
import { type Flux, startFlux } from "../harness/flux.ts";
import { type Pod, podsOf } from "../harness/workloads.ts";
import { type GitSource, type GitSourceOptions, openGitSource } from "./git-source.ts";
import { type Chart, type HelmPlayer, playHelm, serveHelmReleases } from "./helm-player.ts";
import { openStage, type Stage } from "./stage.ts";

/** The namespaces of a stage, for files that have to name them. */
export interface Names {
  /** Where workloads and HelmReleases are. */
  readonly apps: string;
  /** Where Flux and its objects are. */
  readonly flux: string;
}

export interface GitStageOptions extends GitSourceOptions {
  /** What the repository holds at first. */
  readonly files: (names: Names) => Contents;
  /** Spec of each Flux Kustomization by name, without its source; most have a `path` only. Default: `apps`, of the whole repository. */
  readonly kustomizations?: Readonly<Record<string, object>>;
  /** More fields for the spec of the GitRepository. */
  readonly source?: object;
  /** What HelmReleases install, by the name of the chart. */
  readonly charts?: Readonly<Record<string, Chart>>;
  /** Gives Flux and reroll a key that may not push. */
  readonly readOnlyKey?: boolean;
}

/** A stage whose workloads come from a Git repository by real Flux, and from HelmReleases by a player. */
export interface GitStage extends Omit<Stage, "close"> {
  readonly names: Names;
  readonly repository: BareRepository;
  readonly git: GitSource;
  readonly flux: Flux;
  readonly helm: HelmPlayer;
  /** Commits as somebody else, asks Flux to look, and waits until every Kustomization has applied it. Gives the commit. */
  readonly push: (contents: Contents, options?: CommitOptions) => Promise<string>;
  /** Asks source-controller to fetch now, as a webhook does. Nothing else makes it: its interval is an hour. */
  readonly request: () => Promise<void>;
  /** Waits until Kustomizations have applied the tip of the branch, all of them unless some are named. */
  readonly applied: (...names: readonly string[]) => Promise<void>;
  /** The conditions of a Kustomization: `Ready True ReconciliationSucceeded`. */
  readonly conditions: (name: string) => Promise<readonly string[]>;
  /** The pods with the label `app=NAME` that are not on their way out. */
  readonly pods: (app: string) => Promise<Pod[]>;
  /** Waits until none of these pods is left, and as many others are ready. */
  readonly replaced: (app: string, before: readonly Pod[]) => Promise<void>;
  /** What sets reroll to git mode for this repository. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/** Names of what the stage makes in the namespace of Flux. */
const SOURCE = "fleet";
const SECRET = "fleet-credential";
const apis = { source: "source.toolkit.fluxcd.io/v1", kustomize: "kustomize.toolkit.fluxcd.io/v1" };

/** Namespaces, a repository on a Git server, Flux that follows it, a player of helm-controller; resolves when Flux has applied it all. */
export async function openGitStage(prefix: string, options: GitStageOptions): Promise<GitStage> {
  const { kustomizations = { apps: {} }, charts = {}, readOnlyKey = false } = options;
  const stage = await openStage(prefix);
  const { cluster } = stage;
  const closing: (() => Promise<unknown>)[] = [() => stage.close()];
  const close = async () => {
    // What cannot be closed must not keep the rest open.
    const errors: unknown[] = [];
    for (const work of closing.splice(0).reverse()) await work().catch((error) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  };
  try {
    const names = { apps: stage.namespace, flux: await cluster.createNamespace("flux") };
    const git = await openGitSource(options.files(names), options);
    closing.push(() => git.close());
    await serveHelmReleases(cluster);
    const flux = await startFlux(cluster, names.flux);
    closing.push(() => flux.stop());
    const helm = await playHelm(cluster, names.apps, charts);
    closing.push(() => helm.stop());
    const { push, request, applied } = followed(stage, names, git, flux, Object.keys(kustomizations));
    closing.push(() => unfollow(stage, names, Object.keys(kustomizations)));
    const metadata = (name: string) => ({ name, namespace: names.flux });
    const stringData = readOnlyKey ? git.readOnly : git.credential;
    await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: metadata(SECRET), stringData } as never);
    const sourceSpec = {
      interval: "1h",
      url: git.url,
      ref: { branch: git.repository.branch },
      secretRef: { name: SECRET },
    };
    await cluster.apply({
      ...{ apiVersion: apis.source, kind: "GitRepository", metadata: metadata(SOURCE) },
      ...{ spec: { ...sourceSpec, ...options.source } },
    });
    for (const [name, spec] of Object.entries(kustomizations)) {
      const sourceRef = { kind: "GitRepository", name: SOURCE };
      const base = {
        interval: "1h",
        retryInterval: "2s",
        path: "./",
        prune: true,
        targetNamespace: names.apps,
        sourceRef,
      };
      await cluster.apply({
        ...{ apiVersion: apis.kustomize, kind: "Kustomization", metadata: metadata(name) },
        ...{ spec: { ...base, ...spec } },
      });
    }
    if (await git.repository.tip()) await applied();
    const env = {
      REROLL_MODE: "git",
      REROLL_GIT_REPOSITORIES: `${names.flux}/${SOURCE}`,
      REROLL_GIT_SECRET_REF: `${names.flux}/${SECRET}`,
      REROLL_GIT_CLUSTER: "lab",
    };
    return {
      ...{ ...stage, names, git, flux, helm, push, request, applied, env, close },
      repository: git.repository,
      run: (args, more) => stage.run(args, { ...env, ...more }),
      start: (args, more) => stage.start(args, { ...env, ...more }),
      async conditions(name) {
        const found = conditionsOf(await cluster.get<KubeObject>(pathOf(names, "kustomizations", name)));
        return found.map(({ type, status, reason }) => `${type} ${status} ${reason}`);
      },
      pods: (app) => podsOf(cluster, workloadOf(names, app)),
      replaced: (app, before) => replaced(stage, workloadOf(names, app), before),
    };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

const workloadOf = ({ apps }: Names, name: string) => ({
  ...{ apiVersion: "apps/v1", kind: "Deployment" },
  metadata: { name, namespace: apps },
});

function pathOf({ flux }: Names, plural: "kustomizations" | "gitrepositories", name: string): string {
  const api = plural === "kustomizations" ? apis.kustomize : apis.source;
  return `/apis/${api}/namespaces/${flux}/${plural}/${name}`;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}
const conditionsOf = (object: KubeObject): readonly Condition[] =>
  (dig(object, "status", "conditions") as readonly Condition[] | undefined) ?? [];

function followed({ cluster }: Stage, names: Names, { repository }: GitSource, flux: Flux, all: readonly string[]) {
  const request = async () => {
    const annotations = { "reconcile.fluxcd.io/requestedAt": new Date().toISOString() };
    await cluster.patch(pathOf(names, "gitrepositories", SOURCE), { metadata: { annotations } });
  };
  const applied = async (...some: readonly string[]) => {
    const tip = await repository.tip();
    for (const name of some.length > 0 ? some : all) {
      const path = pathOf(names, "kustomizations", name);
      const what = `Kustomization ${name} to have applied ${tip}`;
      const done = async () => {
        const found = await cluster.get<KubeObject>(path);
        const ready = conditionsOf(found).some(({ type, status }) => type === "Ready" && status === "True");
        return ready && String(dig(found, "status", "lastAppliedRevision")).endsWith(`:${tip}`);
      };
      await cluster.waitFor(done, { what }).catch(async (error) => {
        const said = conditionsOf(await cluster.get<KubeObject>(path)).map(({ message }) => message);
        throw new Error(`${error.message}: ${said.join("; ")}\n${flux.tail()}`);
      });
    }
  };
  const push = async (contents: Contents, options?: CommitOptions) => {
    const id = await repository.commit(contents, options);
    await request();
    await applied();
    return id;
  };
  return { push, request, applied };
}

/** While Flux still runs: it takes its finalizers away, without which the namespace could not go. */
async function unfollow({ cluster }: Stage, names: Names, kustomizations: readonly string[]): Promise<void> {
  for (const name of kustomizations) {
    const path = pathOf(names, "kustomizations", name);
    if (!(await cluster.find(path))) continue;
    await cluster.patch(path, { spec: { deletionPolicy: "Orphan", suspend: false } });
    await cluster.remove(path);
  }
  await cluster.remove(pathOf(names, "gitrepositories", SOURCE));
}

async function replaced(
  { cluster }: Stage,
  workload: ReturnType<typeof workloadOf>,
  before: readonly Pod[],
): Promise<void> {
  const old = new Set(before.map(({ metadata }) => metadata.uid));
  const isReady = ({ status }: Pod) =>
    status.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  await cluster.waitFor(
    async () => {
      const now = await podsOf(cluster, workload);
      return now.length === old.size && now.every((pod) => !old.has(pod.metadata.uid) && isReady(pod));
    },
    { what: `the pods of ${workload.metadata.name} to be replaced` },
  );
}
