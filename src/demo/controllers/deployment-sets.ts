import { deploymentRevisionAnnotation } from "../../model/revision.ts";
import { canonical, type Fields, fields, type Stored, same, suffix } from "../object.ts";
import { type Access, createOwned, removeObject, replace, scaled, wantedReplicas } from "./access.ts";

const hashLabel = "pod-template-hash";
const historyAnnotation = "deployment.kubernetes.io/revision-history";
const desiredAnnotation = "deployment.kubernetes.io/desired-replicas";
const maximumAnnotation = "deployment.kubernetes.io/max-replicas";

/** Annotations of a Deployment that its ReplicaSets do not take over (`deploymentutil.annotationsToSkip`). */
const ownAnnotations = new Set([
  deploymentRevisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maximumAnnotation,
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
]);

/** How far a rolling update may go above and below the wanted number of pods. */
export interface Slack {
  readonly surge: number;
  readonly unavailable: number;
}

/** `maxSurge` and `maxUnavailable` resolved (`deploymentutil.ResolveFenceposts`): never both zero. */
export function slackOf(deployment: Stored): Slack {
  const strategy = fields(deployment, "spec", "strategy");
  if (strategy.type === "Recreate") return { surge: 0, unavailable: 0 };
  const { maxSurge, maxUnavailable } = fields(strategy, "rollingUpdate");
  const total = wantedReplicas(deployment);
  const surge = scaled(maxSurge, total, Math.ceil);
  const unavailable = scaled(maxUnavailable, total, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** The ReplicaSets of a Deployment: the one of today's template, where there is one, and the others, oldest revision first. */
export interface Sets {
  readonly current: Stored | undefined;
  readonly old: readonly Stored[];
}

export function setsOf(access: Access, deployment: Stored): Sets {
  const sets = access.owned.of(deployment.metadata.uid, "ReplicaSet").sort((a, b) => revisionOf(a) - revisionOf(b));
  const { template } = fields(deployment, "spec");
  const current = sets.find((set) => same(withoutHash(fields(set, "spec").template), template));
  return { current, old: sets.filter((set) => set !== current) };
}

/** The number in `deployment.kubernetes.io/revision`; 0 where there is none. */
export function revisionOf(object: Stored): number {
  return Number(object.metadata.annotations?.[deploymentRevisionAnnotation] ?? 0);
}

function withoutHash(template: unknown): Fields {
  const metadata = fields(template, "metadata");
  const { [hashLabel]: _, ...labels } = fields(metadata, "labels");
  return { ...fields(template), metadata: { ...metadata, labels } };
}

/** Creates the ReplicaSet of today's template with so many replicas (`deployment.getNewReplicaSet`). */
export function createSet(access: Access, deployment: Stored, replicas: number, revision: number): Stored {
  const { template, selector, minReadySeconds } = fields(deployment, "spec");
  const hash = suffix(canonical(template), 10);
  const labels = { ...(fields(template, "metadata", "labels") as Record<string, string>), [hashLabel]: hash };
  return createOwned(access, "ReplicaSet", deployment, {
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      labels,
      annotations: annotationsFor(deployment, {}, revision),
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: {
        ...fields(selector),
        matchLabels: { ...fields(selector, "matchLabels"), [hashLabel]: hash },
      },
      template: { ...fields(template), metadata: { ...fields(template, "metadata"), labels } },
    },
    status: { replicas: 0 },
  });
}

/** What a ReplicaSet says of its Deployment; a revision it takes again leaves the former one in its history. */
function annotationsFor(deployment: Stored, before: Readonly<Record<string, string>>, revision: number) {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !ownAnnotations.has(key));
  const former = before[deploymentRevisionAnnotation];
  const moved = former !== undefined && Number(former) < revision;
  const history = moved ? [before[historyAnnotation], former].filter(Boolean).join(",") : before[historyAnnotation];
  const total = wantedReplicas(deployment);
  return {
    ...before,
    ...Object.fromEntries(copied),
    [deploymentRevisionAnnotation]: String(Math.max(revision, Number(former ?? 0))),
    ...(history ? { [historyAnnotation]: history } : {}),
    [desiredAnnotation]: String(total),
    [maximumAnnotation]: String(total + slackOf(deployment).surge),
  };
}

/** Gives the ReplicaSet of today's template the newest revision, and the Deployment's annotations. */
export function markCurrent(access: Access, deployment: Stored, { current, old }: Sets): void {
  if (!current) return;
  const newest = Math.max(0, ...old.map(revisionOf));
  const revision = Math.max(newest + 1, revisionOf(current));
  const annotations = annotationsFor(deployment, current.metadata.annotations ?? {}, revision);
  const { minReadySeconds } = fields(deployment, "spec");
  const spec = { ...fields(current, "spec"), minReadySeconds };
  replace(access, current, { metadata: { ...current.metadata, annotations }, spec });
}

/** Sets `spec.replicas` of a ReplicaSet. */
export function scale(access: Access, set: Stored, replicas: number): void {
  if (wantedReplicas(set) !== replicas) replace(access, set, { spec: { ...fields(set, "spec"), replicas } });
}

/** Deletes the oldest empty ReplicaSets beyond `spec.revisionHistoryLimit`. */
export function forgetHistory(access: Access, deployment: Stored, old: readonly Stored[]): void {
  const { revisionHistoryLimit } = fields(deployment, "spec");
  const limit = typeof revisionHistoryLimit === "number" ? revisionHistoryLimit : 10;
  for (const set of old.slice(0, Math.max(0, old.length - limit))) {
    if (wantedReplicas(set) === 0 && fields(set, "status").replicas === 0) removeObject(access, set);
  }
}
