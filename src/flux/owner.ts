import { PortError } from "../model/errors.ts";
import type { FluxFacts, ObjectId, OwnerMarks } from "../model/flux.ts";
import { fluxResources } from "../model/flux-resources.ts";
import type { Refusal, RefusalCode } from "../model/refusals.ts";
import { type Claim, helmRelease, helmReleaseClaim, kustomizationClaim, operatorClaim } from "./claims.ts";
import {
  type Flux,
  type FluxOwners,
  type LiveHelmRelease,
  type LiveKustomization,
  type LiveOwned,
  listed,
  type Shelf,
} from "./live.ts";
import { idName, inventoryId, nameOf } from "./names.ts";
import { objectRules, type Sought } from "./refuse-object.ts";
import { type GitTerms, otherSource, sourceRules } from "./refuse-source.ts";
import { stampPointers } from "./stamp-pointers.ts";

/** Whose owner is asked for. */
export interface OwnedObject {
  readonly id: ObjectId;
  readonly marks: OwnerMarks | undefined;
  /** Path of its pod template. */
  readonly template: readonly string[];
  /** A values path of its HelmRelease that the stamp goes to, in place of a patch. */
  readonly valuesPath?: string;
}

/** `unknown`: something had to be looked at that could not be, so that there may be an owner or not. */
export type Ownership =
  | { readonly is: "owned"; readonly owned: LiveOwned }
  | { readonly is: "refused"; readonly refusal: Refusal }
  | { readonly is: "unknown"; readonly error: PortError };

type Step<Found> = { readonly is: "found"; readonly found: Found } | Exclude<Ownership, { readonly is: "owned" }>;

const refuse = (code: RefusalCode, message: string) => ({ is: "refused", refusal: { code, message } }) as const;

/**
 * The way from a live object to the branch that it comes from: the HelmRelease or Kustomization that its labels name and whose inventory
 * confirms it, for a HelmRelease the Kustomization that applies it, and the GitRepository. Of several reasons against it the first counts:
 * who owns it, then what keeps changes of it from being applied, then the source, and last, since it passes, that something is suspended.
 */
export function ownerOf(workload: OwnedObject, flux: Flux, terms: GitTerms): Ownership {
  const marks = workload.marks ?? { labels: {}, annotations: {} };
  const release = findRelease(workload.id, marks, flux);
  if (release && release.is !== "found") {
    // Labels of both: whoever lists it owns it.
    const applied = findKustomization(workload.id, marks, flux);
    if (applied.is !== "found") return made(marks, workload.id, applied.is === "unknown" ? applied : release);
    return complete(
      { id: workload.id, marks, pointers: stampPointers(workload, false) },
      applied.found,
      undefined,
      flux,
      terms,
    );
  }
  const helmRelease = release?.found;
  const sought: Sought = helmRelease
    ? { id: releaseId(helmRelease), marks: helmRelease, pointers: stampPointers(workload, true) }
    : { id: workload.id, marks, pointers: stampPointers(workload, false) };
  const applied = findKustomization(sought.id, sought.marks, flux);
  if (applied.is !== "found") return made(sought.marks, sought.id, applied);
  return complete(sought, applied.found, helmRelease, flux, terms);
}

/** What of Flux applies a live object; an empty answer where nothing does, or where nobody can tell. */
export function appliersOf(
  { id, marks = { labels: {}, annotations: {} } }: Pick<OwnedObject, "id" | "marks">,
  flux: FluxOwners,
): { readonly helmRelease?: LiveHelmRelease; readonly kustomization?: LiveKustomization } {
  const release = findRelease(id, marks, flux);
  if (release?.is === "found") return { helmRelease: release.found };
  const applied = findKustomization(id, marks, flux);
  return applied.is === "found" ? { kustomization: applied.found } : {};
}

function releaseId({ namespace, name }: LiveHelmRelease): ObjectId {
  const { group, kind } = fluxResources.HelmRelease;
  return { group, kind, namespace, name };
}

/** What flux-operator makes from a template has no owner in Git, whatever else its labels say. */
function made(marks: OwnerMarks, id: ObjectId, otherwise: Exclude<Step<never>, { is: "found" }>): Ownership {
  const maker = operatorClaim(marks);
  if (!maker || otherwise.is === "unknown") return otherwise;
  const message = `${idName(id)} is made by ${maker} from a template; let flux-operator restart it (annotation fluxcd.controlplane.io/checksumFrom), or use mode: direct`;
  return refuse("RESOURCESET", message);
}

/** `undefined`: nothing says that Helm made it by way of Flux. */
function findRelease(id: ObjectId, marks: OwnerMarks, flux: FluxOwners): Step<LiveHelmRelease> | undefined {
  const { helmReleases } = flux;
  const claim = helmReleaseClaim(marks, listed(helmReleases));
  if (claim) {
    return confirm(id, claim, helmReleases, ({ inventory, releaseName, targetNamespace }) => {
      if (inventory) return inventory.has(inventoryId(id));
      // Before helm-controller 1.5 there is no inventory, but Helm itself says which release an object is of.
      const release = helmRelease(marks.annotations);
      return release?.name === releaseName && release.namespace === targetNamespace;
    });
  }
  const release = helmRelease(marks.annotations);
  if (release && helmReleases.is === "unread")
    return unread(id, `the HelmReleases, one of which may have made it`, helmReleases.error);
  return undefined;
}

function findKustomization(id: ObjectId, marks: OwnerMarks, { kustomizations }: FluxOwners): Step<LiveKustomization> {
  const claim = kustomizationClaim(marks);
  if (claim) return confirm(id, claim, kustomizations, ({ inventory }) => inventory?.has(inventoryId(id)) ?? false);
  const release = helmRelease(marks.annotations);
  const by = release ? `: Helm release ${release.namespace}/${release.name} is of no HelmRelease` : "";
  return refuse("NOT_FLUX", `nothing of Flux manages ${idName(id)}${by}; use mode: direct`);
}

function confirm<Facts extends FluxFacts & { readonly remote: boolean }>(
  id: ObjectId,
  claim: Claim,
  shelf: Shelf<Facts>,
  lists: (owner: Facts) => boolean,
): Step<Facts> {
  const owner = nameOf(claim.kind, claim);
  if (shelf.is === "unread") return unread(id, owner, shelf.error);
  if (shelf.is === "absent") {
    const { group, version } = fluxResources[claim.kind];
    const message = `${idName(id)} carries the labels of ${owner}, but the API server does not serve ${group}/${version}; install a Flux that has it, or use mode: direct`;
    return refuse("OWNER_MISSING", message);
  }
  const found = shelf.byName.get(`${claim.namespace}/${claim.name}`);
  if (!found) {
    const message = `${idName(id)} carries the labels of ${owner}, which does not exist; take the labels away, or use mode: direct`;
    return refuse("OWNER_MISSING", message);
  }
  if (found.remote) {
    const message = `${idName(id)} carries the labels of ${owner}, which deploys to another cluster (spec.kubeConfig); run reroll there, or use mode: direct`;
    return refuse("REMOTE_CLUSTER", message);
  }
  if (!lists(found)) {
    const message = `${idName(id)} carries the labels of ${owner}, whose inventory does not list it: whatever made it copied them; use mode: direct`;
    return refuse("OPERATOR_OWNED", message);
  }
  return { is: "found", found };
}

function unread(id: ObjectId, what: string, { code, message, right, status }: PortError) {
  const told = `who owns ${idName(id)} is not known, since ${what} could not be looked at: ${message}`;
  return { is: "unknown", error: new PortError(code, told, { right, status }) } as const;
}

function complete(
  sought: Sought,
  kustomization: LiveKustomization,
  helmRelease: LiveHelmRelease | undefined,
  { gitRepositories }: Flux,
  terms: GitTerms,
): Ownership {
  for (const rule of objectRules) {
    const refusal = rule(sought, kustomization);
    if (refusal) return { is: "refused", refusal };
  }
  const { sourceRef } = kustomization;
  const owner = nameOf("Kustomization", kustomization);
  const from = nameOf(sourceRef.kind, sourceRef);
  if (sourceRef.kind !== "GitRepository")
    return { is: "refused", refusal: otherSource(sourceRef.kind, sourceRef, owner) };
  if (gitRepositories.is === "unread") return unread(sought.id, from, gitRepositories.error);
  const source =
    gitRepositories.is === "listed"
      ? gitRepositories.byName.get(`${sourceRef.namespace}/${sourceRef.name}`)
      : undefined;
  if (!source)
    return refuse("SOURCE_MISSING", `${owner} comes from ${from}, which does not exist; make it, or use mode: direct`);
  for (const rule of sourceRules) {
    const refusal = rule(source, from, terms);
    if (refusal) return { is: "refused", refusal };
  }
  const chain = [
    ...(helmRelease ? [{ name: nameOf("HelmRelease", helmRelease), facts: helmRelease }] : []),
    { name: owner, facts: kustomization },
    { name: from, facts: source },
  ];
  const asleep = chain.find(({ facts }) => facts.suspended);
  if (asleep) {
    const message = `${asleep.name} is suspended, so a commit would not be applied; the restart stays pending until it is resumed`;
    return refuse("SUSPENDED", message);
  }
  const { id: object } = sought;
  return { is: "owned", owned: { object, kustomization, source, ...(helmRelease ? { helmRelease } : {}) } };
}
