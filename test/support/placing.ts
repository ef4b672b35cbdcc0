import type { CommitTarget, RepositoryUse } from "../../src/model/commit.ts";
import type { GitRepositoryFacts, KustomizationFacts, ObjectId } from "../../src/model/flux.ts";
import { kindOf, workloadKinds } from "../../src/model/kinds.ts";

const alive = {
  ...{ generation: 1, observedGeneration: 1, suspended: false, conditions: [], labels: {}, annotations: {} },
  lastHandledReconcileAt: undefined,
};

/** The GitRepository `flux-system/flux-system`, which fetches everything. */
export const repository: GitRepositoryFacts = {
  ...alive,
  ...{ namespace: "flux-system", name: "flux-system", url: "https://git.example/fleet", branch: "main" },
  ...{ pinned: undefined, include: [], ignore: undefined, sparseCheckout: [], recurseSubmodules: false },
  ...{ verify: undefined, provider: "generic", secret: undefined, proxySecret: undefined, artifactRevision: undefined },
};

/** A live Kustomization `flux-system/<name>` of that repository. */
export const kustomization = (
  name: string,
  path: string,
  changes: Partial<KustomizationFacts> = {},
): KustomizationFacts => ({
  ...alive,
  ...{ namespace: "flux-system", name, path, targetNamespace: undefined, namePrefix: "", nameSuffix: "" },
  sourceRef: { kind: "GitRepository", namespace: "flux-system", name: "flux-system" },
  ...{ patches: [], components: [], ignoreMissingComponents: false, substitute: undefined, ignore: [], remote: false },
  ...{ inventory: undefined, lastAppliedRevision: undefined, lastAttemptedRevision: undefined },
  ...changes,
});

export const use = (...kustomizations: readonly KustomizationFacts[]): RepositoryUse => ({
  kustomizations,
  sources: [repository],
});

/** A stamp as runs write them; `turn` makes another one. */
export const stampOf = (turn = 1): string => `a1b2c3d4 ConfigMap/app=0123456789ab.*${turn > 1 ? ` turn=${turn}` : ""}`;

/** A workload that a Kustomization applies itself, or (`release`) a HelmRelease of the same namespace that it applies. */
export function target(
  by: KustomizationFacts,
  named: { readonly kind: string; readonly namespace: string; readonly name: string; readonly release?: string },
  changes: Partial<CommitTarget> = {},
): CommitTarget {
  const { kind, namespace, name, release } = named;
  const row = kindOf({ kind }, workloadKinds);
  const object: ObjectId = release
    ? { group: "helm.toolkit.fluxcd.io", kind: "HelmRelease", namespace, name: release }
    : { group: row.group, kind: row.kind, namespace, name };
  return {
    ...{ workload: { kind, namespace, name }, apiVersion: `${row.group}/${row.version}`, kind: row.kind },
    ...{ template: row.template, stamp: stampOf(), owned: { object, kustomization: by, source: repository } },
    ...changes,
  };
}
