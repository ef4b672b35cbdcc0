import { fields, type Stored } from "../object.ts";
import { type Access, writeStatus } from "./access.ts";
import { isFinished } from "./job.ts";

/**
 * Keeps `status.active` (`pkg/controller/cronjob`): the unfinished Jobs of the schedule. One that somebody started by hand belongs to the
 * CronJob and is not among them. Nothing here follows the schedule: tests and the demo play the clock.
 */
export function reconcileCronJob(access: Access, cronJob: Stored): void {
  const active = access.owned
    .of(cronJob.metadata.uid, "Job")
    .filter((job) => !isFinished(job) && job.metadata.annotations?.["cronjob.kubernetes.io/instantiate"] !== "manual")
    .map(({ apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } }) => ({
      ...{ apiVersion, kind, name, namespace, uid, resourceVersion },
    }));
  const { active: _, ...status } = fields(cronJob, "status");
  const known = Array.isArray(fields(cronJob, "status").active) ? (fields(cronJob, "status").active as unknown[]) : [];
  const uids = (list: readonly unknown[]) => list.map((each) => fields(each).uid).join();
  if (uids(known) === uids(active)) return;
  writeStatus(access, cronJob, active.length > 0 ? { ...status, active } : status);
}
