interface RefusalRow {
  /** What it means, and what the reader can do. */
  readonly doc: string;
}

/** Every reason why a restart cannot be asked for by a commit: a new row is a new reason. Codes are stable. */
export const refusals = {
  NOT_FLUX: { doc: "nothing of Flux manages the workload" },
  OPERATOR_OWNED: {
    doc: "it carries the labels of a Kustomization or HelmRelease that does not list it: an operator made it",
  },
  OWNER_MISSING: { doc: "the Kustomization or HelmRelease that its labels name does not exist" },
  REMOTE_CLUSTER: { doc: "its Kustomization or HelmRelease deploys to another cluster (spec.kubeConfig)" },
  SOURCE_NOT_GIT: { doc: "its Kustomization does not come from a GitRepository" },
  SOURCE_MISSING: { doc: "the GitRepository that its Kustomization names does not exist" },
  SOURCE_PINNED: { doc: "its GitRepository follows a tag, a version or a commit: there is no branch to commit to" },
  SOURCE_NOT_ALLOWED: { doc: "the option git.repositories does not name its GitRepository" },
  SOURCE_OPAQUE: { doc: "nothing tells which file of a repository its artifact was made from" },
  RESOURCESET: { doc: "a ResourceSet of flux-operator makes it from a template" },
  SUSPENDED: { doc: "an owner is suspended: a commit would not be applied" },
  AUTH_PROVIDER_UNSUPPORTED: { doc: "its GitRepository authenticates by a cloud provider" },
  VERIFY_UNSIGNED: { doc: "its GitRepository verifies signatures, and commits of reroll are not signed" },
  STRATEGY: { doc: "the workload is not restarted by a new pod template, so there is nothing a commit could hold" },
  RECONCILE_DISABLED: { doc: "an annotation of the object keeps Flux from reconciling it" },
  SSA_IGNORED: { doc: "an annotation of the object keeps Flux from applying changes of it" },
  FIELD_IGNORED: { doc: "its Kustomization ignores the field that the stamp would be in (spec.ignore)" },
  NOT_FOUND: { doc: "no file that its Kustomization reaches defines it" },
  AMBIGUOUS: { doc: "several definitions could be it" },
  SHARED_BASE: { doc: "others use the same definition, and no place between is its own" },
  REMOTE_BASE: { doc: "its definition comes from another repository by URL" },
  GENERATED: { doc: "a generator or a chart makes its definition" },
  SUBMODULE: { doc: "its definition is in a submodule" },
  INCLUDED: { doc: "its definition comes from another GitRepository (spec.include)" },
  NOT_IN_ARTIFACT: { doc: "the file is not part of what Flux fetches (sparse checkout or ignore rules)" },
  OUTSIDE_REPOSITORY: { doc: "a path or a symbolic link leaves the repository" },
  UNPARSABLE: { doc: "a file on the way is not YAML that can be read with certainty" },
  ALIAS: { doc: "the place of the stamp is an alias or an anchor of YAML" },
  TEMPLATED: { doc: "the place of the stamp is made by substitution" },
  ENCRYPTED: { doc: "SOPS encrypts the file" },
  PATCHED_AWAY: { doc: "a patch that comes later takes the stamp away or replaces it" },
  VALUES_PATH: { doc: "the values path of the annotation does not lead to a map" },
  UNPROVED: { doc: "the edited tree was walked again and did not differ in the stamp alone" },
  TOO_LARGE: { doc: "the repository or a file of it is larger than reroll reads" },
} as const satisfies Readonly<Record<string, RefusalRow>>;

export type RefusalCode = keyof typeof refusals;

/** Why a workload cannot be restarted by a commit. */
export interface Refusal {
  readonly code: RefusalCode;
  /** What, where, and what to do. */
  readonly message: string;
}
