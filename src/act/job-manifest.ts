import { stampAnnotation } from "../model/annotations.ts";
import { triggeredJobName } from "../model/job-name.ts";
import { dig, type KubeObject, type NewObject, stringMap } from "../model/object.ts";

/** What `kubectl create job --from=cronjob/…` writes on a Job that is made out of schedule. */
export const instantiateAnnotation = "cronjob.kubernetes.io/instantiate";

/**
 * The Job that a CronJob's template makes, as `kubectl create job --from` builds it (`kubectl/pkg/cmd/create/create_job.go`), with our stamp.
 * Without blockOwnerDeletion, which would need a right on the CronJob's finalizers.
 */
export function jobFrom(cronJob: KubeObject, stamp: string): NewObject {
  const { name, namespace, uid } = cronJob.metadata;
  const template = dig(cronJob, "spec", "jobTemplate");
  const labels = { ...stringMap(dig(template, "metadata", "labels")) };
  const annotations = {
    ...stringMap(dig(template, "metadata", "annotations")),
    [instantiateAnnotation]: "manual",
    [stampAnnotation]: stamp,
  };
  const owner = { apiVersion: "batch/v1", kind: "CronJob", name, uid, controller: true };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: triggeredJobName({ name, uid }, stamp),
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations,
      ownerReferences: [owner],
    },
    spec: dig(template, "spec"),
  };
}
