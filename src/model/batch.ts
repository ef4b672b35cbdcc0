import { recreateAnnotation } from "./annotations.ts";
import type { WorkloadKind } from "./kinds.ts";
import { dig, type KubeObject, objects, text } from "./object.ts";

/** What a Job or CronJob says about itself, as far as it decides whether and when it is restarted. */
export interface BatchFacts {
  /** `spec.suspend`. */
  readonly suspended?: true;
  /** The controller it belongs to, `CronJob/nightly`; absent: nobody owns it. */
  readonly owner?: string;
  /** Who decides when the pods of the Job run, in place of the Job controller or over its head. */
  readonly managedBy?: string;
  /** The Job has come to its end. */
  readonly finished?: "Complete" | "Failed";
  /** The stamp a run was about to write when it suspended the Job; that run did not come to resume it. */
  readonly unresumed?: string;
  /** A Job of the schedule runs, and the CronJob wants no second one beside it. */
  readonly busy?: true;
}

const batchGroup = "batch";
/** What Jobs without `spec.managedBy` are managed by (`batch/v1.JobControllerName`). */
const jobController = "kubernetes.io/job-controller";
/** Kueue suspends and resumes the Jobs that carry it (kueue, pkg/controller/constants). */
const queueLabel = "kueue.x-k8s.io/queue-name";

/** Reads them, as far as the object came whole; `undefined` for every other kind. */
export function batchFacts(object: KubeObject, kind: Pick<WorkloadKind, "group" | "kind">): BatchFacts | undefined {
  if (kind.group !== batchGroup) return undefined;
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
  const managedBy = kind.kind === "Job" ? managerOf(object) : undefined;
  const finished = finishedAs(object);
  const unresumed = object.metadata.annotations?.[recreateAnnotation];
  const busy = concurrencyOf(object) === "Forbid" && objects(dig(object, "status", "active")).length > 0;
  return {
    ...(isSuspended(object) ? { suspended: true } : {}),
    ...(owner ? { owner: `${owner.kind}/${owner.name}` } : {}),
    ...(managedBy ? { managedBy } : {}),
    ...(finished ? { finished } : {}),
    ...(unresumed !== undefined && !finished ? { unresumed } : {}),
    ...(busy ? { busy } : {}),
  };
}

function managerOf(job: KubeObject): string | undefined {
  const manager = text(dig(job, "spec", "managedBy"));
  if (manager !== undefined && manager !== jobController) return manager;
  const queue = text(dig(job.metadata.labels, queueLabel));
  return queue === undefined ? undefined : `Kueue (queue ${queue})`;
}

/** How a Job ended; `undefined`: it has not (`jobutil.IsJobFinished`). */
export function finishedAs(job: KubeObject): BatchFacts["finished"] {
  return (["Complete", "Failed"] as const).find((type) => conditionOf(job, type) === "True");
}

/** `spec.suspend` of a Job or CronJob. */
export function isSuspended(object: KubeObject): boolean {
  return dig(object, "spec", "suspend") === true;
}

/** The Job controller has acted on `spec.suspend: true`: its pods are deleted, or on their way out. */
export function isHalted(job: KubeObject): boolean {
  return conditionOf(job, "Suspended") === "True";
}

/** `spec.concurrencyPolicy` of a CronJob. */
export function concurrencyOf(cronJob: KubeObject): "Allow" | "Forbid" | "Replace" {
  const policy = dig(cronJob, "spec", "concurrencyPolicy");
  return policy === "Forbid" || policy === "Replace" ? policy : "Allow";
}

function conditionOf(object: KubeObject, type: string): string | undefined {
  return text(objects(dig(object, "status", "conditions")).find((each) => each.type === type)?.status);
}
