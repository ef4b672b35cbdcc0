/** The workloads tests start, and whether they have rolled out. */
import type { TestClient } from "./client.ts";
import type { Named } from "./paths.ts";

export const WORKLOAD_KINDS = ["Deployment", "StatefulSet", "DaemonSet"] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

export interface WorkloadOptions {
  replicas?: number;
  /** Annotations of the workload itself. */
  annotations?: Record<string, string>;
  /** What the pod template carries: labels and annotations decide what the nodes do with its pods (stages.yaml). */
  template?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  image?: string;
  /** More fields of the pod's spec, and of its only container. */
  pod?: Record<string, unknown>;
  container?: Record<string, unknown>;
}

/** A workload with one container, to be applied; its pods carry the label `app=NAME`. */
export function workload(kind: WorkloadKind, namespace: string, name: string, options: WorkloadOptions = {}) {
  const { replicas = 2, annotations = {}, template = {}, image = "lab/app:1", pod, container } = options;
  const labels = { ...template.labels, app: name };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace, annotations },
    spec: {
      ...(kind !== "DaemonSet" && { replicas }),
      ...(kind === "StatefulSet" && { serviceName: name }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels, annotations: template.annotations ?? {} },
        spec: { containers: [{ name: "main", image, ...container }], ...pod },
      },
    },
  };
}

/** As much of a workload's status as tells how far its rollout is. */
interface Progress {
  kind: string;
  metadata: { generation: number };
  spec: { replicas?: number };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    readyReplicas?: number;
    updatedReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
    desiredNumberScheduled?: number;
    updatedNumberScheduled?: number;
    numberReady?: number;
  };
}

/** Waits until every pod is of the newest template and ready, and none of an older one is left. */
export async function rolledOut(cluster: TestClient, target: Named, timeoutMs = 60_000): Promise<void> {
  const { kind, metadata } = target;
  await cluster.waitFor(async () => isRolledOut(await cluster.get<Progress>(target)), {
    what: `${kind} ${metadata.namespace}/${metadata.name} to roll out`,
    timeoutMs,
  });
}

function isRolledOut({ kind, metadata, spec, status = {} }: Progress): boolean {
  if (status.observedGeneration !== metadata.generation) return false;
  if (kind === "DaemonSet") {
    const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled = 0, numberReady = 0 } = status;
    return wanted > 0 && updatedNumberScheduled === wanted && numberReady === wanted;
  }
  const wanted = spec.replicas ?? 1;
  const { replicas = 0, readyReplicas = 0, updatedReplicas = 0, currentRevision, updateRevision } = status;
  const counts = [replicas, readyReplicas, updatedReplicas].every((count) => count === wanted);
  return counts && currentRevision === updateRevision;
}

/** A pod as far as tests look at it. */
export interface Pod {
  metadata: { name: string; uid: string; annotations?: Record<string, string>; deletionTimestamp?: string };
  status: {
    phase?: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: {
      ready: boolean;
      restartCount: number;
      state: { waiting?: { reason: string; message?: string }; running?: object; terminated?: object };
      lastState?: { terminated?: { exitCode: number } };
    }[];
  };
}

/** The pods of a workload made by `workload`, without those on their way out. */
export async function podsOf(cluster: TestClient, { metadata }: Named): Promise<Pod[]> {
  const selector = encodeURIComponent(`app=${metadata.name}`);
  const pods = await cluster.list<Pod>(`/api/v1/namespaces/${metadata.namespace}/pods?labelSelector=${selector}`);
  return pods.filter((pod) => !pod.metadata.deletionTimestamp);
}
