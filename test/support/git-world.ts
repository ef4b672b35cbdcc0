import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Manifest } from "../../src/demo/direct.ts";
import { createGitServers } from "../../src/io/git/servers.ts";
import { gitStampAnnotation } from "../../src/model/annotations.ts";
import { dig, text } from "../../src/model/object.ts";
import type { GitServers, Ports } from "../../src/ports.ts";
import { type GitHttpServer, serveGit } from "./git/http-backend.ts";
import { BareRepository, type Contents } from "./git-repository.ts";
import { type Ran, type RunSettings, startWorld, type World } from "./world.ts";

/** How the player of Flux answers when it is asked to reconcile: at once, not at all, or that it cannot build the tree. */
export type FluxMood = "prompt" | "asleep" | "broken";

/** A world whose workloads come from a repository on a real Git server, by way of a player of Flux. */
export interface GitWorld extends AsyncDisposable {
  readonly world: World;
  readonly repository: BareRepository;
  readonly server: GitHttpServer;
  readonly git: GitServers;
  flux: FluxMood;
  /** Applies what the branch says now, as Flux does after its interval. */
  reconcile(): Promise<void>;
  /** A run in git mode. */
  run(settings?: RunSettings): Promise<Ran>;
  plan(settings?: RunSettings): ReturnType<World["plan"]>;
  /** The commits of reroll, newest first. */
  commits(): Promise<readonly { readonly id: string; readonly subject: string; readonly body: string }[]>;
}

const source = { namespace: "flux-system", name: "flux-system" };
const fluxLabels = {
  "kustomize.toolkit.fluxcd.io/name": "apps",
  "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
};

/** Starts one: `files` are what the branch holds below `apps/`; its Deployments are applied, the sources beside them put as they are. */
export async function startGitWorld(
  files: Contents,
  sources: readonly Manifest[],
  http: Parameters<typeof serveGit>[1] = {},
): Promise<GitWorld> {
  const root = await mkdtemp(join(tmpdir(), "reroll-git-world-"));
  const repository = await BareRepository.create(join(root, "fleet.git"));
  await repository.commit(files, { message: "Begin" });
  const server = await serveGit(root, http);
  const url = `${server.url}/fleet.git`;
  const workloads = documents(files);
  const ids = workloads.map(({ kind, metadata }) => `${metadata.namespace}_${metadata.name}_apps_${kind}`);
  const entries = ids.map((id) => ({ id, v: "v1" }));
  const world = await startWorld([
    sources,
    [
      {
        kind: "GitRepository",
        metadata: source,
        spec: { url, interval: "1h", ref: { branch: "main" } },
      },
      {
        kind: "Kustomization",
        metadata: { namespace: "flux-system", name: "apps" },
        spec: {
          path: "./apps",
          prune: true,
          interval: "1h",
          sourceRef: { kind: "GitRepository", name: "flux-system" },
        },
      },
    ],
    workloads.map((object) => ({ ...object, metadata: { ...object.metadata, labels: fluxLabels } })),
  ]);
  world.cluster.api.patchStatus("Kustomization", "flux-system", "apps", { inventory: { entries } });
  const git = createGitServers({ timeout: 10_000 });
  const settings = (given: RunSettings = {}): RunSettings => ({
    git,
    ...given,
    policy: { mode: "git", ...given.policy },
    through: (ports) => listening(given.through ? given.through(ports) : ports, () => answer()),
  });
  const answer = async () => {
    if (self.flux === "prompt") await self.reconcile();
    if (self.flux === "broken") await refuse(world, repository);
  };
  const self: GitWorld = {
    world,
    repository,
    server,
    git,
    flux: "prompt",
    reconcile: () => apply(world, repository),
    run: (given) => world.run(settings(given)),
    plan: (given) => world.plan(settings(given)),
    commits: async () => (await repository.log()).filter(({ author }) => author.startsWith("reroll ")),
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await server.close();
      await rm(root, { recursive: true });
    },
  };
  await self.reconcile();
  return self;
}

function documents(files: Contents): Manifest[] {
  return Object.entries(files)
    .filter(([path, content]) => content !== undefined && !path.endsWith("kustomization.yaml"))
    .flatMap(([, content]) => parseAllDocuments(String(content)).map((document) => document.toJS() as Manifest));
}

/** Ports whose requests to reconcile are heard. */
function listening(ports: Ports, answer: () => Promise<void>): Ports {
  const { cluster } = ports;
  const heard: Ports["cluster"] = Object.create(cluster);
  heard.patch = async (...args) => {
    const object = await cluster.patch(...args);
    if (args[0].plural === "gitrepositories") await answer();
    return object;
  };
  return { ...ports, cluster: heard };
}

/** Server-side apply of kustomize-controller, as far as stamps go: what Git says is live, what direct mode wrote stays. */
async function apply({ cluster }: World, repository: BareRepository): Promise<void> {
  const tip = await repository.tip();
  const names = await repository.git("ls-tree", "-r", "--name-only", repository.branch, "apps/");
  for (const path of names.trim().split("\n")) {
    for (const object of documents({ [path]: await repository.read(path) })) {
      const { kind, metadata } = object;
      const stamp = text(dig(object, "spec", "template", "metadata", "annotations", gitStampAnnotation));
      const live = cluster.api.get(kind, metadata.namespace, metadata.name);
      const now = text(dig(live, "spec", "template", "metadata", "annotations", gitStampAnnotation));
      if (stamp === now) continue;
      const template = { metadata: { annotations: { [gitStampAnnotation]: stamp ?? null } } };
      cluster.api.patch(kind, metadata.namespace, metadata.name, { spec: { template } }, "kustomize-controller");
    }
  }
  told(cluster, tip, { type: "Ready", status: "True", reason: "ReconciliationSucceeded", message: "applied" }, true);
}

async function refuse({ cluster }: World, repository: BareRepository): Promise<void> {
  const failed = { type: "Ready", status: "False", reason: "BuildFailed", message: "kustomize build failed" };
  told(cluster, await repository.tip(), failed, false);
}

function told(cluster: World["cluster"], tip: string | undefined, ready: object, applied: boolean): void {
  const revision = `main@sha1:${tip}`;
  const good = [{ type: "Ready", status: "True", reason: "Succeeded", message: "stored" }];
  cluster.api.patchStatus("GitRepository", source.namespace, source.name, {
    artifact: { revision },
    conditions: good,
    observedGeneration: 1,
  });
  cluster.api.patchStatus("Kustomization", "flux-system", "apps", {
    lastAttemptedRevision: revision,
    ...(applied ? { lastAppliedRevision: revision } : {}),
    conditions: [ready],
    observedGeneration: 1,
  });
}
