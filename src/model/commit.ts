import type { GitRepositoryFacts, KustomizationFacts, Owned } from "./flux.ts";
import type { FileChange, Placement } from "./git.ts";
import type { WorkloadRef } from "./ref.ts";
import type { Refusal } from "./refusals.ts";

/** One restart that is to be asked for by a commit. */
export interface CommitTarget {
  readonly workload: WorkloadRef;
  /** `group/version` of the workload. */
  readonly apiVersion: string;
  /** As the API calls it, where `workload.kind` is the name of a row. */
  readonly kind: string;
  /** Path of its pod template. */
  readonly template: readonly string[];
  /** The value of the stamp annotation of git mode. */
  readonly stamp: string;
  readonly owned: Owned;
  /** Where the values of its HelmRelease take annotations of pods, as the annotation says it; absent: a post renderer does it. */
  readonly valuesPath?: string;
}

/** What of a cluster decides how the tree of one repository is read. */
export interface RepositoryUse {
  /** Every live Kustomization that comes from the repository and branch, those without a target too: they use files as well. */
  readonly kustomizations: readonly KustomizationFacts[];
  readonly sources: readonly GitRepositoryFacts[];
}

/** Where the stamp of one target goes; `already`: the file says so. */
export interface PlacedTarget {
  readonly target: CommitTarget;
  readonly placement: Placement;
  readonly already: boolean;
}

/** What all targets of one repository come to. */
export interface Placed {
  /** Sorted by path; empty where every stamp is there already. */
  readonly files: readonly FileChange[];
  readonly placed: readonly PlacedTarget[];
  readonly refused: readonly { readonly target: CommitTarget; readonly refusal: Refusal }[];
}
