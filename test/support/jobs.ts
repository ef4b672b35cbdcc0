import type { Manifest } from "../../src/demo/direct.ts";
import type { Stored } from "../../src/demo/object.ts";
import { type Annotations, envFrom, namespace, type PodParts } from "./manifests.ts";
import type { World } from "./world.ts";

export interface JobParts {
  readonly annotations?: Annotations;
  readonly labels?: Readonly<Record<string, string>>;
  readonly pod?: PodParts;
  /** Of the pod template. */
  readonly template?: Annotations;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly owner?: Stored;
}

/** What asks for restarts by that strategy. */
export const asks = (strategy?: string): Annotations => ({
  "reroll.dev/auto": "true",
  ...(strategy ? { "reroll.dev/strategy": strategy } : {}),
});

/** Pods of a Job run until they are told to end. */
export const stays: Annotations = { "lab/stays": "true" };

function jobSpec({ pod = envFrom(["ConfigMap", "config"]), template = stays }: JobParts) {
  const { volumes = [], initContainers = [], ...container } = pod;
  const containers = [{ name: "app", image: "registry.test/app:1", ...container }];
  return {
    template: {
      metadata: { annotations: template },
      spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 0, containers, volumes, initContainers },
    },
  };
}

/** A Job that uses ConfigMap `config`; its pods stay. */
export function job(name: string, parts: JobParts = {}): Manifest {
  const { annotations = asks("recreate"), labels = {}, spec = {}, owner } = parts;
  const ownerReferences = owner && [
    {
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.metadata.name,
      uid: owner.metadata.uid,
      controller: true,
    },
  ];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace, labels, annotations, ...(ownerReferences ? { ownerReferences } : {}) },
    spec: { ...jobSpec(parts), ...spec },
  };
}

/** A CronJob that uses ConfigMap `config` and whose schedule never comes. */
export function cronJob(name: string, parts: JobParts = {}): Manifest {
  const { annotations = asks("trigger"), spec = {} } = parts;
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name, namespace, annotations },
    spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: jobSpec(parts) }, ...spec },
  };
}

/** The Jobs of a CronJob. */
export function jobsOf({ cluster }: World, name: string): Stored[] {
  return cluster.api
    .list("Job", namespace)
    .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.name === name));
}

/** The pods of a Job that have not ended. */
export function podsOfJob({ cluster }: World, name: string): Stored[] {
  return cluster.api
    .list("Pod", namespace)
    .filter(
      ({ metadata, status }) =>
        metadata.labels?.["job-name"] === name && (status as { phase?: string }).phase === "Running",
    );
}

/** What key `a` of the ConfigMap was when each running pod of a Job started. */
export function contentOf(world: World, name: string): (string | undefined)[] {
  return podsOfJob(world, name).map(({ metadata }) => world.cluster.podView(metadata.uid)?.get("ConfigMap/config")?.a);
}
