import { type Fields, fields, type Stored } from "../object.ts";
import { type Access, counted, wantedReplicas } from "./access.ts";
import { conditionOf, conditionsOf, type Saying, say } from "./conditions.ts";
import { type Sets, slackOf } from "./deployment-sets.ts";

/** What just happened to the ReplicaSet of today's template. */
export interface SetEvent {
  readonly kind: "created" | "found";
  readonly name: string;
}

/** `status` of a Deployment (`deployment.calculateStatus`, `deployment/progress.go`). */
export function deploymentStatus(access: Access, deployment: Stored, sets: Sets, event: SetEvent | undefined): Fields {
  const all = sets.current ? [...sets.old, sets.current] : sets.old;
  const sum = (field: string) => all.reduce((total, set) => total + number(fields(set, "status")[field]), 0);
  const counters = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum("replicas"),
    updatedReplicas: number(fields(sets.current, "status").replicas),
    readyReplicas: sum("readyReplicas"),
    availableReplicas: sum("availableReplicas"),
  };
  const unavailableReplicas = Math.max(
    0,
    all.reduce((n, set) => n + wantedReplicas(set), 0) - counters.availableReplicas,
  );
  const now = access.now();
  const enough = counters.availableReplicas >= wantedReplicas(deployment) - slackOf(deployment).unavailable;
  const conditions = say(progress(access, deployment, sets, counters, event), availability(enough), now);
  return { ...counted({ ...counters, unavailableReplicas }), conditions };
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function availability(enough: boolean): Saying {
  return enough
    ? {
        type: "Available",
        status: "True",
        reason: "MinimumReplicasAvailable",
        message: "Deployment has minimum availability.",
      }
    : {
        type: "Available",
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };
}

type Counters = Readonly<Record<string, number>>;

function progressing(status: Saying["status"], reason: string, message: string): Saying {
  return { type: "Progressing", status, reason, message };
}

/** The conditions with what is to be said of progress. */
function progress(access: Access, deployment: Stored, sets: Sets, counters: Counters, event?: SetEvent): Fields[] {
  const now = access.now();
  const { paused, progressDeadlineSeconds } = fields(deployment, "spec");
  const before = conditionsOf(deployment);
  const reason = conditionOf(before, "Progressing")?.reason;
  if (paused === true) {
    if (reason === "ProgressDeadlineExceeded") return before;
    return say(before, progressing("Unknown", "DeploymentPaused", "Deployment is paused"), now);
  }
  const resumed =
    reason === "DeploymentPaused"
      ? say(before, progressing("Unknown", "DeploymentResumed", "Deployment is resumed"), now)
      : before;
  const started = announce(resumed, event, now);
  const said = conditionOf(started, "Progressing");
  if (counters.replicas === counters.updatedReplicas && said?.reason === "NewReplicaSetAvailable") return started;

  const name = sets.current?.metadata.name ?? deployment.metadata.name;
  const wanted = wantedReplicas(deployment);
  const of = (what: string) => `ReplicaSet "${name}" ${what}`;
  const complete = ["updatedReplicas", "replicas", "availableReplicas"].every((field) => counters[field] === wanted);
  if (complete)
    return say(started, progressing("True", "NewReplicaSetAvailable", of("has successfully progressed.")), now);
  if (moved(fields(deployment, "status"), counters))
    return say(started, progressing("True", "ReplicaSetUpdated", of("is progressing.")), now, { refreshed: true });

  const deadline = number(progressDeadlineSeconds) * 1000;
  const left = Date.parse(String(said?.lastUpdateTime)) + deadline - now;
  if (said?.reason === "ProgressDeadlineExceeded" || said?.reason === "NewReplicaSetAvailable") return started;
  if (left < 0)
    return say(started, progressing("False", "ProgressDeadlineExceeded", of("has timed out progressing.")), now);
  access.again(deployment, left + 1);
  return started;
}

function announce(conditions: readonly Fields[], event: SetEvent | undefined, now: number): Fields[] {
  if (event?.kind === "created") {
    const message = `Created new replica set "${event.name}"`;
    return say(conditions, progressing("True", "NewReplicaSetCreated", message), now);
  }
  if (event?.kind !== "found" || conditionOf(conditions, "Progressing")) return [...conditions];
  return say(conditions, progressing("True", "FoundNewReplicaSet", `Found new replica set "${event.name}"`), now);
}

/** Whether the rollout got on since the last status (`deploymentutil.DeploymentProgressing`). */
function moved(before: Fields, after: Counters): boolean {
  const was = (field: string) => number(before[field]);
  const is = (field: string) => number(after[field]);
  return (
    is("updatedReplicas") > was("updatedReplicas") ||
    is("replicas") - is("updatedReplicas") < was("replicas") - was("updatedReplicas") ||
    is("readyReplicas") > was("readyReplicas") ||
    is("availableReplicas") > was("availableReplicas")
  );
}
