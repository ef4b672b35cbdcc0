import type { PortError } from "../model/errors.ts";
import type { FluxFacts, GitRepositoryFacts, HelmReleaseFacts, KustomizationFacts, Owned } from "../model/flux.ts";

/** What it takes, besides the facts, to write to an object of Flux. */
export interface Writable {
  readonly uid: string;
  /** It has an annotations map, so a patch may write below it. */
  readonly annotated: boolean;
  /** What reroll wrote on it of the sources that it reads: see `remembered.ts`. */
  readonly references: string | undefined;
}

/** A ConfigMap or Secret that an object of Flux takes values from, in the namespace of that object. */
export interface ConfigReference {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  readonly optional: boolean;
}

export interface LiveKustomization extends KustomizationFacts, Writable {
  /** `spec.postBuild.substituteFrom`, in order. */
  readonly substituteFrom: readonly ConfigReference[];
}

export interface LiveHelmRelease extends HelmReleaseFacts, Writable {
  readonly valuesFrom: readonly ConfigReference[];
  /** `spec.upgrade.force`: an upgrade may replace objects in place of patching them. */
  readonly forcesUpgrades: boolean;
}

export interface LiveGitRepository extends GitRepositoryFacts, Writable {}

/** {@link Owned}, as it was read from the cluster. */
export interface LiveOwned extends Owned {
  readonly kustomization: LiveKustomization;
  readonly source: LiveGitRepository;
  readonly helmRelease?: LiveHelmRelease;
}

/** All objects of one kind by `namespace/name`; or the API server does not serve the kind; or nobody could look. */
export type Shelf<Facts extends FluxFacts> =
  | { readonly is: "listed"; readonly byName: ReadonlyMap<string, Facts> }
  | { readonly is: "absent" }
  | { readonly is: "unread"; readonly error: PortError };

/** Everything of Flux that a run looks at, in all namespaces. */
export interface Flux {
  readonly kustomizations: Shelf<LiveKustomization>;
  readonly helmReleases: Shelf<LiveHelmRelease>;
  readonly gitRepositories: Shelf<LiveGitRepository>;
}

/** Everything of Flux that makes or applies objects. */
export type FluxOwners = Pick<Flux, "kustomizations" | "helmReleases">;

/** What was listed of a kind; nothing where nothing could be. */
export function listed<Facts extends FluxFacts>(shelf: Shelf<Facts>): Facts[] {
  return shelf.is === "listed" ? [...shelf.byName.values()] : [];
}
