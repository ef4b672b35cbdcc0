import type { OwnerMarks } from "./flux.ts";
import { type KubeObject, stringMap } from "./object.ts";

/** Domains whose labels and annotations say who manages an object, and how: Flux, flux-operator, Helm, kustomize's origin. */
const telling = ["fluxcd.io/", "fluxcd.controlplane.io/", "meta.helm.sh/", "config.kubernetes.io/origin"];

/**
 * What labels and annotations of an object say about who manages it, and nothing else of them; `undefined` where they say nothing. Flux
 * writes them (fluxcd/pkg ssa/manager.go, SetOwnerLabels; helm-controller internal/postrender), and so does whoever copies them: only the
 * owner's inventory tells whether they are true.
 */
export function ownerMarks({ metadata }: Pick<KubeObject, "metadata">): OwnerMarks | undefined {
  const marks = { labels: tellingOf(metadata?.labels), annotations: tellingOf(metadata?.annotations) };
  return Object.keys(marks.labels).length + Object.keys(marks.annotations).length > 0 ? marks : undefined;
}

function tellingOf(map: unknown): Record<string, string> {
  const entries = Object.entries(stringMap(map)).filter(([key]) => telling.some((domain) => key.includes(domain)));
  return Object.fromEntries(entries);
}
