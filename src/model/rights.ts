import type { Right } from "./errors.ts";
import { fluxResources } from "./flux-resources.ts";
import { type Resource, resources, sourceResources } from "./kinds.ts";
import type { Policy } from "./policy.ts";
import type { StrategyName } from "./strategies.ts";

/** Where a right is needed: in every namespace that is looked at, in the namespace of the state, or at cluster scope. */
type Where = "watched" | "state" | "cluster";

interface RightRow {
  readonly resource: Pick<Resource, "group" | "plural" | "kind">;
  readonly verbs: readonly string[];
  readonly where: Where;
  /** The only objects it is needed for. */
  readonly names?: readonly string[];
  /** Completes the sentence "needed to …". */
  readonly why: string;
  /** Not needed where the policy does not ask for it. */
  readonly when?: (policy: Policy) => boolean;
}

const { secretProviderClassPodStatus, pod, job, lease, namespace } = resources;
const { ConfigMap, Secret, SecretProviderClass } = sourceResources;

/** The rights for the sources. */
const sourceRights: readonly RightRow[] = [
  ...[ConfigMap, Secret, SecretProviderClass].map(
    (resource): RightRow => ({
      resource,
      verbs: ["list", "get"],
      where: "watched",
      why: "notice what changed",
      when: ({ ignoreSources }) => !ignoreSources.some((kind) => kind === resource.kind),
    }),
  ),
  {
    resource: secretProviderClassPodStatus,
    verbs: ["list"],
    where: "watched",
    why: "see what pods have mounted of a SecretProviderClass",
    when: ({ ignoreSources }) => !ignoreSources.includes("SecretProviderClass"),
  },
];

/** The rights for every kind of workload that is looked at, and for its pods. */
function kindRights({ kinds, ignoreWorkloads, strategies }: Policy): RightRow[] {
  const rows = kinds.filter(({ name }) => !ignoreWorkloads.includes(name));
  const revisions = new Map(
    rows.flatMap(({ revisions: kept }) =>
      kept && kept.read !== "never" ? [[kept.resource.plural, kept.resource] as const] : [],
    ),
  );
  return [
    ...rows.map(
      (resource): RightRow => ({
        resource,
        verbs: ["list", "get", "patch"],
        where: "watched",
        why: "find, restart and watch what uses it",
      }),
    ),
    ...rows
      .filter(({ name }) => strategies[name] === ("trigger" satisfies StrategyName))
      .map(
        (): RightRow => ({
          resource: job,
          verbs: ["create", "delete"],
          where: "watched",
          why: "make Jobs from the templates of CronJobs (`trigger`), in place of one that runs where `concurrencyPolicy` is Replace",
        }),
      ),
    ...[pod, ...revisions.values()].map(
      (resource): RightRow => ({
        resource,
        verbs: ["list"],
        where: "watched",
        why: "tell how old and how well the pods are",
      }),
    ),
  ];
}

/** What a run needs besides. */
const otherRights: readonly RightRow[] = [
  {
    resource: namespace,
    verbs: ["list"],
    where: "cluster",
    why: "read what the annotations of namespaces say, and find those that namespaceSelector selects",
    when: ({ namespaceAnnotations, namespaces }) =>
      namespaces.selector !== "" || (namespaceAnnotations && namespaces.only.length === 0),
  },
  {
    resource: namespace,
    verbs: ["get"],
    where: "watched",
    why: "read what the annotations of one namespace say (-n, explain)",
    when: ({ namespaceAnnotations }) => namespaceAnnotations,
  },
  { resource: namespace, verbs: ["get"], where: "state", why: "see that the namespace of the state exists" },
  {
    resource: ConfigMap,
    verbs: ["list", "get", "create", "update", "delete"],
    where: "state",
    why: "keep the state",
  },
  { resource: Secret, verbs: ["create"], where: "state", why: "make the digest key on the first run" },
  { resource: Secret, verbs: ["get"], where: "state", names: ["reroll-key"], why: "read the digest key" },
  { resource: lease, verbs: ["create"], where: "state", why: "keep two runs apart" },
  { resource: lease, verbs: ["get", "update"], where: "state", names: ["reroll"], why: "keep two runs apart" },
];

/** Git mode may be asked for by annotations too; then at least one of these is set, or nothing is needed to push. */
function commits({ mode, git }: Policy): boolean {
  return mode === "git" || git.secret !== undefined || git.useSourceSecret;
}

const { GitRepository, HelmRelease, Kustomization } = fluxResources;
const readers = { when: (policy: Policy) => commits(policy) || policy.git.reconcileReferences };

/** The rights for Flux. What makes a workload, and where that comes from, may stand in any namespace. */
const fluxRights: readonly RightRow[] = [
  ...[Kustomization, HelmRelease].map(
    (resource): RightRow => ({
      ...readers,
      resource,
      verbs: ["list"],
      where: "cluster",
      why: "find what makes a workload, or takes values from a source",
    }),
  ),
  {
    resource: GitRepository,
    verbs: ["list"],
    where: "cluster",
    why: "find the branch that a workload comes from",
    when: commits,
  },
  ...[Kustomization, HelmRelease, GitRepository].map(
    (resource): RightRow => ({
      resource,
      verbs: ["get"],
      where: "cluster",
      why: "see how far Flux is with what was committed",
      when: commits,
    }),
  ),
  {
    resource: GitRepository,
    verbs: ["patch"],
    where: "cluster",
    why: "ask Flux to fetch what was committed",
    when: commits,
  },
  {
    ...readers,
    resource: Kustomization,
    verbs: ["patch"],
    where: "cluster",
    why: "ask Flux to apply again what failed before, or reads a changed source",
  },
  {
    resource: HelmRelease,
    verbs: ["patch"],
    where: "cluster",
    why: "ask Flux to upgrade what reads a changed source",
    when: ({ git }) => git.reconcileReferences,
  },
];

/** The one Secret that commits are pushed with, wherever it is. That of a GitRepository has to be looked up first. */
function credentialRights({ git: { secret } }: Policy): NeededRight[] {
  if (secret === undefined) return [];
  const { namespace: at, name } = secret;
  const right = { verb: "get", group: Secret.group, resource: Secret.plural, namespace: at, name };
  return [{ right, why: "push commits with it" }];
}

/** Every right that `run` uses: a call that needs another one is a new row, here and in the manifests of cronjob/. */
function allRights(policy: Policy): RightRow[] {
  return [...sourceRights, ...kindRights(policy), ...otherRights, ...fluxRights];
}

/** A right with what it is needed for. */
export interface NeededRight {
  readonly right: Right;
  readonly why: string;
}

/** Every right `run` needs under a policy, in table order. Without named namespaces, those that are looked at are asked for at cluster scope. */
export function neededRights(policy: Policy, stateNamespace: string): NeededRight[] {
  const { only, ignore } = policy.namespaces;
  const watched = only.length === 0 ? [undefined] : only.filter((name) => !ignore.includes(name));
  const places: Readonly<Record<Where, readonly (string | undefined)[]>> = {
    watched,
    state: [stateNamespace],
    cluster: [undefined],
  };
  const rows = allRights(policy)
    .filter(({ when }) => when?.(policy) ?? true)
    .flatMap(({ resource: { group, plural }, verbs, where, names = [undefined], why }) =>
      places[where].flatMap((place) =>
        names.flatMap((name) => {
          const named = name ?? (plural === namespace.plural ? place : undefined);
          return verbs.map((verb) => ({
            right: {
              verb,
              group,
              resource: plural,
              ...(place === undefined ? {} : { namespace: place }),
              ...(named === undefined ? {} : { name: named }),
            },
            why,
          }));
        }),
      ),
    );
  return [...rows, ...credentialRights(policy)];
}
