import type { Resource } from "./kinds.ts";

const kustomize = { group: "kustomize.toolkit.fluxcd.io", version: "v1", optional: true } as const;
const helm = { group: "helm.toolkit.fluxcd.io", version: "v2", optional: true } as const;
const source = { group: "source.toolkit.fluxcd.io", version: "v1", optional: true } as const;

/** What of Flux is read and asked to reconcile. `v2` of HelmRelease is served since Flux 2.3, `v1` of the others since Flux 2.0. */
export const fluxResources = {
  Kustomization: { ...kustomize, plural: "kustomizations", kind: "Kustomization" },
  HelmRelease: { ...helm, plural: "helmreleases", kind: "HelmRelease" },
  GitRepository: { ...source, plural: "gitrepositories", kind: "GitRepository" },
} as const satisfies Readonly<Record<string, Resource>>;

export type FluxKind = keyof typeof fluxResources;
