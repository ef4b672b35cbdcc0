import type { DemoCluster } from "./cluster.ts";
import { gitFixtures } from "./fixtures.ts";
import { playFlux } from "./flux.ts";
import { type DemoRepository, demoRepository } from "./git/repository.ts";
import { startDemoGit } from "./git/server.ts";

/** What a fleet has besides its cluster: a repository on a Git server in this process, from which Flux is played. */
export interface DemoFleet extends AsyncDisposable {
  readonly repository: DemoRepository;
}

/** Fills repository and cluster from `fixtures/demo/git`; resolves when everything that comes from the repository is there and healthy. */
export async function startDemoFleet(cluster: DemoCluster): Promise<DemoFleet> {
  const repository = demoRepository();
  const server = await startDemoGit(repository);
  const { manifests, texts, charts } = gitFixtures(server.url);
  await repository.commit(texts, { message: "Begin the blog" });
  await cluster.load(manifests);
  const flux = playFlux(cluster, repository, charts);
  await flux.reconcile();
  await cluster.settle();
  const close = async () => {
    await server.close();
    await flux[Symbol.asyncDispose]();
  };
  return { repository, [Symbol.asyncDispose]: close };
}
