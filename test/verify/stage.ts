import { PortError, type PortErrorCode } from "../../src/model/errors.ts";
import type { Resource } from "../../src/model/kinds.ts";
import type { KubeObject } from "../../src/model/object.ts";
import type { Clock, Cluster, Journal } from "../../src/ports.ts";

export const start = Date.parse("2026-11-23T02:00:00Z");
export const stampAnnotation = "reroll.dev/stamp";
export const stamp = "a1b2c3d4 ConfigMap/web-config=3f2a9b1c0d4e.9c21";

/** What the API server would answer from `after` milliseconds on. */
export interface Scene {
  readonly after: number;
  readonly object?: KubeObject | undefined;
  readonly pods?: KubeObject[];
  readonly sets?: KubeObject[];
  /** Calls on these plurals fail. */
  readonly failing?: Readonly<Record<string, PortErrorCode>>;
}

/** A clock that goes on only while somebody sleeps. `sleeping` is called before each sleep. */
export function virtualClock(sleeping: (now: number) => void = () => {}): Clock {
  let now = start;
  return {
    now: () => now,
    jitter: () => 0,
    sleep: async (ms, signal) => {
      sleeping(now - start);
      if (!signal?.aborted) now += ms;
    },
    every: () => () => {},
  };
}

export interface Stage {
  readonly ports: { readonly cluster: Cluster; readonly clock: Clock; readonly journal: Journal };
  /** Every call: seconds since the start, verb, plural. */
  readonly calls: string[];
  readonly warnings: string[];
}

/** A cluster that plays the scenes in order. `ahead`: how far the API server's clock is ahead of ours, milliseconds. */
export function stage(scenes: readonly Scene[], clock: Clock = virtualClock(), ahead = 0): Stage {
  const calls: string[] = [];
  const warnings: string[] = [];
  const scene = (): Scene => scenes.findLast(({ after }) => clock.now() - start >= after) ?? { after: 0 };
  const called = (verb: string, { plural, group }: Resource, namespace = "") => {
    calls.push(`${(clock.now() - start) / 1000} ${verb} ${plural}`);
    const code = scene().failing?.[plural];
    if (code === undefined) return;
    const right = code === "forbidden" ? { verb, group, resource: plural, namespace } : undefined;
    throw new PortError(code, `${verb} ${plural}: ${code}`, { right });
  };
  const cluster: Partial<Cluster> = {
    async get(resource, namespace) {
      called("get", resource, namespace);
      return scene().object;
    },
    async *list<Kept>(...[resource, { namespace, labelSelector }]: Parameters<Cluster["list"]>) {
      called("list", resource, namespace);
      if (labelSelector !== "app=web") throw new TypeError("the selector of the workload is asked for");
      const items = resource.plural === "pods" ? scene().pods : scene().sets;
      yield { items: (items ?? []) as Kept[], resourceVersion: "1" };
    },
    serverTime: () => clock.now() + ahead,
  };
  const ignore = () => {};
  const journal: Journal = { debug: ignore, info: ignore, error: ignore, warn: (message) => warnings.push(message) };
  return { ports: { cluster: cluster as Cluster, clock, journal }, calls, warnings };
}

/** A Deployment `shop/web` that carries the stamp. */
export function deployment(
  desired: number,
  updated: number,
  available: number,
  more: { readonly old?: number; readonly stamp?: string; readonly spec?: Record<string, unknown> } = {},
): KubeObject {
  const annotations = { [stampAnnotation]: more.stamp ?? stamp };
  return {
    metadata: { name: "web", namespace: "shop", uid: "u1", resourceVersion: "7", generation: 4 },
    spec: { replicas: desired, progressDeadlineSeconds: 600, template: { metadata: { annotations } }, ...more.spec },
    status: {
      observedGeneration: 4,
      updatedReplicas: updated,
      availableReplicas: available,
      replicas: updated + (more.old ?? desired - updated),
    },
  };
}

/** A pod of the new revision whose container waits for `reason`. */
export function waitingPod(reason: string, message = ""): KubeObject {
  const state = { waiting: { reason, message } };
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-6d5f", uid: "rs1", controller: true };
  return {
    metadata: {
      name: "web-6d5f-x7k2p",
      uid: "p1",
      resourceVersion: "9",
      labels: { app: "web", "pod-template-hash": "6d5f" },
      annotations: { [stampAnnotation]: stamp },
      ownerReferences: [owner],
    },
    status: { phase: "Pending", containerStatuses: [{ name: "app", ready: false, restartCount: 0, state }] },
  };
}

/** The ReplicaSet of {@link waitingPod}. */
export const newSet: KubeObject = {
  metadata: {
    name: "web-6d5f",
    uid: "rs1",
    resourceVersion: "8",
    labels: { app: "web", "pod-template-hash": "6d5f" },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "u1", controller: true }],
  },
  spec: { template: { metadata: { annotations: { [stampAnnotation]: stamp } } } },
};
