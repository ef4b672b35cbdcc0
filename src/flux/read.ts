import { PortError } from "../model/errors.ts";
import type { FluxFacts } from "../model/flux.ts";
import { fluxResources } from "../model/flux-resources.ts";
import type { Resource } from "../model/kinds.ts";
import type { KubeObject } from "../model/object.ts";
import type { Cluster } from "../ports.ts";
import { gitRepositoryFacts } from "./facts-git-repository.ts";
import { helmReleaseFacts } from "./facts-helm-release.ts";
import { kustomizationFacts } from "./facts-kustomization.ts";
import type { Flux, FluxOwners, Shelf } from "./live.ts";

/**
 * Reads everything of Flux that git mode needs: three lists, in all namespaces, since owners and sources may stand anywhere. Of each object
 * only facts are kept. A kind that is not served is `absent`; one that could not be listed is `unread`, and never taken for empty. Fails
 * only when the run is aborted.
 */
export async function readFlux(cluster: Cluster): Promise<Flux> {
  const [owners, gitRepositories] = await Promise.all([readOwners(cluster), readGitRepositories(cluster)]);
  return { ...owners, gitRepositories };
}

/** The part of it that tells who makes a workload: two lists. */
export async function readOwners(cluster: Cluster): Promise<FluxOwners> {
  const [kustomizations, helmReleases] = await Promise.all([
    shelve(cluster, fluxResources.Kustomization, kustomizationFacts),
    shelve(cluster, fluxResources.HelmRelease, helmReleaseFacts),
  ]);
  return { kustomizations, helmReleases };
}

/** The part of it that tells where things come from: one list. */
export function readGitRepositories(cluster: Cluster): Promise<Flux["gitRepositories"]> {
  return shelve(cluster, fluxResources.GitRepository, gitRepositoryFacts);
}

async function shelve<Facts extends FluxFacts>(
  cluster: Cluster,
  resource: Resource,
  read: (object: KubeObject) => Facts,
): Promise<Shelf<Facts>> {
  try {
    return { is: "listed", byName: await listOnce(cluster, resource, read) };
  } catch (error) {
    if (!(error instanceof PortError) || error.code === "aborted") throw error;
    if (await isUnserved(cluster, resource, error)) return { is: "absent" };
    if (error.code !== "expired") return { is: "unread", error };
  }
  // Objects moved on between two pages: once more from the start.
  try {
    return { is: "listed", byName: await listOnce(cluster, resource, read) };
  } catch (error) {
    if (!(error instanceof PortError) || error.code === "aborted") throw error;
    return { is: "unread", error };
  }
}

async function listOnce<Facts extends FluxFacts>(
  cluster: Cluster,
  resource: Resource,
  read: (object: KubeObject) => Facts,
): Promise<Map<string, Facts>> {
  const byName = new Map<string, Facts>();
  for await (const { items } of cluster.list(resource, {}, (item) => [read(item)])) {
    for (const facts of items) byName.set(`${facts.namespace}/${facts.name}`, facts);
  }
  return byName;
}

/** A 404 to a list is about the kind; what is forbidden may not be there either, since rights are asked for first. */
async function isUnserved(cluster: Cluster, resource: Resource, { status, code }: PortError): Promise<boolean> {
  if (status === 404) return true;
  if (code !== "forbidden") return false;
  try {
    return !(await cluster.serves(resource));
  } catch (error) {
    if (!(error instanceof PortError) || error.code === "aborted") throw error;
    return false;
  }
}
