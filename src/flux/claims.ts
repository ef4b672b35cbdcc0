import type { ObjectName, OwnerMarks } from "../model/flux.ts";
import type { FluxKind } from "../model/flux-resources.ts";
import type { LiveHelmRelease } from "./live.ts";

/** Whom an object says it is managed by. Only an inventory tells whether that is so. */
export interface Claim extends ObjectName {
  readonly kind: Extract<FluxKind, "Kustomization" | "HelmRelease">;
}

type Labels = OwnerMarks["labels"];

function named(labels: Labels, prefix: string): ObjectName | undefined {
  const name = labels[`${prefix}/name`];
  const namespace = labels[`${prefix}/namespace`];
  return name && namespace ? { namespace, name } : undefined;
}

/** The Kustomization that an object's labels name (fluxcd/pkg ssa/manager.go, SetOwnerLabels). */
export function kustomizationClaim({ labels }: OwnerMarks): Claim | undefined {
  const name = named(labels, "kustomize.toolkit.fluxcd.io");
  return name && { kind: "Kustomization", ...name };
}

/**
 * The HelmRelease that an object's labels name (helm-controller internal/postrender), or that made the Helm release which its annotations
 * name: hooks, and what older controllers made, carry nothing else.
 */
export function helmReleaseClaim(
  { labels, annotations }: OwnerMarks,
  all: readonly LiveHelmRelease[],
): Claim | undefined {
  const name = named(labels, "helm.toolkit.fluxcd.io");
  if (name) return { kind: "HelmRelease", ...name };
  const release = helmRelease(annotations);
  const made =
    release && all.filter((each) => each.releaseName === release.name && each.targetNamespace === release.namespace);
  const [first, second] = made ?? [];
  return first && !second ? { kind: "HelmRelease", namespace: first.namespace, name: first.name } : undefined;
}

/** The Helm release that made an object, whoever asked Helm to. */
export function helmRelease(annotations: OwnerMarks["annotations"]): ObjectName | undefined {
  const name = annotations["meta.helm.sh/release-name"];
  const namespace = annotations["meta.helm.sh/release-namespace"];
  return name && namespace ? { namespace, name } : undefined;
}

/** What of flux-operator an object says it is made by. */
export function operatorClaim({ labels }: OwnerMarks): string | undefined {
  for (const [kind, prefix] of [
    ["ResourceSet", "resourceset.fluxcd.controlplane.io"],
    ["FluxInstance", "fluxcd.controlplane.io"],
  ] as const) {
    const name = named(labels, prefix);
    if (name) return `${kind}/${name.namespace}/${name.name}`;
  }
  return undefined;
}

/** Whether an object carries the labels that Flux puts on what it makes: without them, looking for an owner is not worth a list. */
export function isLabelled({ labels }: OwnerMarks): boolean {
  return ["kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"].some((prefix) => named(labels, prefix));
}
