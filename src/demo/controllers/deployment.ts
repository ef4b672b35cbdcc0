import { deploymentRevisionAnnotation } from "../../model/revision.ts";
import { fields, type Stored } from "../object.ts";
import { type Access, wantedReplicas, writeStatus } from "./access.ts";
import {
  createSet,
  forgetHistory,
  markCurrent,
  revisionOf,
  type Sets,
  scale,
  setsOf,
  slackOf,
} from "./deployment-sets.ts";
import { deploymentStatus, type SetEvent } from "./deployment-status.ts";
import { activePods } from "./pods.ts";

/** Rolls a Deployment out, one step towards its spec (`pkg/controller/deployment`). */
export function reconcileDeployment(access: Access, deployment: Stored): void {
  const { paused, strategy } = fields(deployment, "spec");
  let event: SetEvent | undefined;
  if (paused === true) scaleOnly(access, deployment);
  else event = fields(strategy).type === "Recreate" ? recreate(access, deployment) : rollingUpdate(access, deployment);
  markCurrent(access, deployment, setsOf(access, deployment));

  const sets = setsOf(access, deployment);
  const status = deploymentStatus(access, deployment, sets, event);
  const annotations = sets.current && {
    ...deployment.metadata.annotations,
    [deploymentRevisionAnnotation]: String(revisionOf(sets.current)),
  };
  writeStatus(access, deployment, status, annotations ? { annotations } : {});
  if (fields(status).replicas === fields(status).updatedReplicas) forgetHistory(access, deployment, sets.old);
}

function ensureSet(access: Access, deployment: Stored, replicas: number): SetEvent | undefined {
  const { current, old } = setsOf(access, deployment);
  if (current) return { kind: "found", name: current.metadata.name };
  const made = createSet(access, deployment, replicas, Math.max(0, ...old.map(revisionOf)) + 1);
  return { kind: "created", name: made.metadata.name };
}

/** A paused Deployment still scales, as long as it is clear which ReplicaSet is meant (`deploymentutil.FindActiveOrLatest`). */
function scaleOnly(access: Access, deployment: Stored): void {
  const { current, old } = setsOf(access, deployment);
  const all = [...old, ...(current ? [current] : [])];
  const active = all.filter((set) => wantedReplicas(set) > 0);
  const [only = all.at(-1)] = active;
  if (active.length <= 1 && only) scale(access, only, wantedReplicas(deployment));
}

/** All old pods go before the first new one comes. */
function recreate(access: Access, deployment: Stored): SetEvent | undefined {
  const { old } = setsOf(access, deployment);
  for (const set of old) scale(access, set, 0);
  if (old.some((set) => activePods(access, set).length > 0)) return undefined;
  const event = ensureSet(access, deployment, wantedReplicas(deployment));
  const { current } = setsOf(access, deployment);
  if (current) scale(access, current, wantedReplicas(deployment));
  return event;
}

function rollingUpdate(access: Access, deployment: Stored): SetEvent | undefined {
  const event = ensureSet(access, deployment, newReplicas(deployment, setsOf(access, deployment)));
  const sets = setsOf(access, deployment);
  if (sets.current) scale(access, sets.current, newReplicas(deployment, sets));
  scaleOldDown(access, deployment, setsOf(access, deployment));
  return event;
}

/** How many pods the current ReplicaSet may have by now (`deploymentutil.NewRSNewReplicas`). */
function newReplicas(deployment: Stored, { current, old }: Sets): number {
  const wanted = wantedReplicas(deployment);
  const has = current ? wantedReplicas(current) : 0;
  const total = old.reduce((sum, set) => sum + wantedReplicas(set), has);
  const room = wanted + slackOf(deployment).surge - total;
  return has > wanted ? wanted : has + Math.max(0, Math.min(room, wanted - has));
}

/** Unhealthy old pods go first, healthy ones as far as availability allows (`deployment.reconcileOldReplicaSets`). */
function scaleOldDown(access: Access, deployment: Stored, { current, old }: Sets): void {
  const all = current ? [...old, current] : old;
  const least = wantedReplicas(deployment) - slackOf(deployment).unavailable;
  const available = (set: Stored) => Number(fields(set, "status").availableReplicas ?? 0);
  const pods = all.reduce((sum, set) => sum + wantedReplicas(set), 0);
  const starting = current ? Math.max(0, wantedReplicas(current) - available(current)) : 0;
  let room = pods - least - starting;
  let spare = all.reduce((sum, set) => sum + available(set), 0) - least;
  for (const set of old) {
    const has = wantedReplicas(set);
    const unhealthy = Math.min(Math.max(0, room), has - Math.min(has, available(set)));
    const healthy = Math.max(0, Math.min(room - unhealthy, spare, has - unhealthy, available(set)));
    room -= unhealthy + healthy;
    spare -= healthy;
    scale(access, set, has - unhealthy - healthy);
  }
}
