import type { SourceRef } from "../model/ref.ts";
import { type ConfigReference, type FluxOwners, type LiveHelmRelease, type LiveKustomization, listed } from "./live.ts";

/** An object of Flux that takes values from ConfigMaps and Secrets, each of them once. */
export type Reader = (
  | { readonly kind: "HelmRelease"; readonly object: LiveHelmRelease }
  | { readonly kind: "Kustomization"; readonly object: LiveKustomization }
) & { readonly sources: readonly SourceRef[] };

/**
 * Who takes values from sources that concern us: HelmReleases by `valuesFrom`, Kustomizations by `substituteFrom`, in the namespace of the
 * source. Suspended ones are among them.
 */
export function readersOf(flux: FluxOwners, concerns: (source: SourceRef) => boolean): Reader[] {
  const sourcesOf = (namespace: string, references: readonly ConfigReference[]): SourceRef[] => {
    const refs = references.map(({ kind, name }): SourceRef => ({ kind, namespace, name }));
    return [...new Map(refs.map((ref) => [`${ref.kind}/${ref.name}`, ref])).values()].filter(concerns);
  };
  return [
    ...listed(flux.helmReleases).map(
      (object): Reader => ({ kind: "HelmRelease", object, sources: sourcesOf(object.namespace, object.valuesFrom) }),
    ),
    ...listed(flux.kustomizations).map(
      (object): Reader => ({
        kind: "Kustomization",
        object,
        sources: sourcesOf(object.namespace, object.substituteFrom),
      }),
    ),
  ].filter(({ sources }) => sources.length > 0);
}
