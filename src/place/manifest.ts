import type { Definition } from "../locate/definition.ts";
import { find } from "../locate/find.ts";
import { fluxGroup, kustomizationFacts } from "../locate/manifests.ts";
import { substitutedValue } from "../locate/substitute.ts";
import { gitStampAnnotation } from "../model/annotations.ts";
import { equalPlain } from "../model/equal.ts";
import type { KustomizationFacts, PatchEntry } from "../model/flux.ts";
import type { Json } from "../model/object.ts";
import type { Refusal } from "../model/refusals.ts";
import { type Builds, nameOf } from "./builds.ts";

/** Where a live Kustomization is defined. */
export interface Manifest {
  /** The live Kustomization that applies it. */
  readonly by: string;
  readonly definition: Definition;
  /** `spec.patches` as the tree makes it. */
  readonly patches: readonly PatchEntry[];
}

/**
 * The manifest of a live Kustomization among what another live one builds of the tree. Refuses where there is none, and where its `spec.patches` is not what the
 * live one has but for stamps: then somebody else, for instance a parent that patches its children, decides what patches there are.
 */
export function manifestOf(name: string, builds: Builds): Manifest | Refusal {
  const live = builds.edition.facts.get(name);
  const refuse = (what: string): Refusal => ({ code: "SHARED_BASE", message: `Kustomization ${name} ${what}` });
  if (!live) return refuse("is not there");
  for (const by of builds.names) {
    const parent = builds.edition.facts.get(by);
    if (by === name || !parent) continue;
    const walk = builds.outline(by);
    if ("code" in walk) continue;
    const id = { group: fluxGroup, kind: "Kustomization", namespace: live.namespace, name: live.name };
    const definition = find(walk, id, parent.inventory);
    if ("code" in definition) continue;
    if (definition.encrypted) return refuse(`is defined in ${definition.path}, which SOPS encrypts`);
    if (parent.suspended) return refuse(`is applied by Kustomization ${by}, which is suspended`);
    const patches = patchesIn(definition.value, parent);
    if (equalPlain(own(patches), own(live.patches))) return { by, definition, patches };
    return refuse(`has patches that ${definition.path} does not have: its parent ${nameOf(parent)} sets them`);
  }
  return refuse("is defined by no file that another Kustomization of this repository applies");
}

/** `spec.patches` of a Flux Kustomization as its parent builds it. */
export const patchesIn = (value: Json, parent: KustomizationFacts | undefined): readonly PatchEntry[] =>
  kustomizationFacts(substitutedValue(value, parent?.substitute)).patches;

/** What is not written by reroll: Flux need not have applied its last commit yet. */
const own = (patches: readonly PatchEntry[]): readonly PatchEntry[] =>
  patches.filter(({ patch }) => !patch.includes(gitStampAnnotation));
