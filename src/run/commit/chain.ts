import { gitRepositoryFacts } from "../../flux/facts-git-repository.ts";
import { helmReleaseFacts } from "../../flux/facts-helm-release.ts";
import { kustomizationFacts } from "../../flux/facts-kustomization.ts";
import type { LiveOwned } from "../../flux/live.ts";
import type { Chain } from "../../flux/progress.ts";
import type { FluxFacts } from "../../model/flux.ts";
import { type FluxKind, fluxResources } from "../../model/flux-resources.ts";
import type { KubeObject } from "../../model/object.ts";
import type { Cluster } from "../../ports.ts";

/** Reads the objects of Flux between workloads and a branch, each of them once, however many workloads they are common to. */
export function chainReader(cluster: Cluster): (owned: LiveOwned) => Promise<Chain> {
  const read = new Map<string, Promise<FluxFacts>>();
  function once<Facts extends FluxFacts>(
    kind: FluxKind,
    known: Facts,
    factsOf: (object: KubeObject) => Facts,
  ): Promise<Facts> {
    const key = `${kind}/${known.namespace}/${known.name}`;
    const found = read.get(key) ?? look(kind, known, factsOf);
    read.set(key, found);
    return found as Promise<Facts>;
  }
  /** One that is gone says nothing new. */
  async function look<Facts extends FluxFacts>(
    kind: FluxKind,
    known: Facts,
    factsOf: (object: KubeObject) => Facts,
  ): Promise<Facts> {
    const object = await cluster.get(fluxResources[kind], known.namespace, known.name);
    return object ? factsOf(object) : known;
  }
  return async ({ source, kustomization, helmRelease }) => ({
    source: await once("GitRepository", source, gitRepositoryFacts),
    kustomization: await once("Kustomization", kustomization, kustomizationFacts),
    ...(helmRelease ? { helmRelease: await once("HelmRelease", helmRelease, helmReleaseFacts) } : {}),
  });
}
