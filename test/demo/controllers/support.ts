import { type DemoCluster, type DemoOptions, startDemoCluster } from "../../../src/demo/cluster.ts";
import type { Manifest } from "../../../src/demo/direct.ts";
import type { Stored } from "../../../src/demo/object.ts";

/** A cluster that closes with its `using` block. */
export async function demo(options: DemoOptions = {}): Promise<DemoCluster & AsyncDisposable> {
  const cluster = await startDemoCluster(options);
  return { ...cluster, [Symbol.asyncDispose]: () => cluster.close() };
}

/** A workload `shop/app` whose only container is `container`. */
export function app(kind: string, container: object = {}, spec: object = {}, podSpec: object = {}): Manifest {
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name: "app", namespace: "shop" },
    spec: {
      ...(kind === "DaemonSet" ? {} : { replicas: 2 }),
      selector: { matchLabels: { app: "app" } },
      template: {
        metadata: { labels: { app: "app" } },
        spec: { containers: [{ name: "main", image: "lab/app:1", ...container }], ...podSpec },
      },
      ...spec,
    },
  };
}

/** A ConfigMap or Secret `shop/config`. */
export function config(data: Record<string, string>, kind = "ConfigMap"): Manifest {
  const field = kind === "Secret" ? "stringData" : "data";
  return { apiVersion: "v1", kind, metadata: { name: "config", namespace: "shop" }, [field]: data };
}

/** What every pod's first container does: `ready`, or why it waits. */
export function fates(cluster: DemoCluster): string[] {
  return pods(cluster).map(({ status }) => {
    const { containerStatuses: [container] = [] } = status as { containerStatuses?: ContainerStatus[] };
    return container?.state.waiting?.reason ?? (container?.ready ? "ready" : "none");
  });
}

interface ContainerStatus {
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state: { readonly waiting?: { readonly reason: string; readonly message?: string } };
}

/** The first container of a pod. */
export function container(pod: Stored | undefined): ContainerStatus | undefined {
  return (pod?.status as { containerStatuses?: ContainerStatus[] } | undefined)?.containerStatuses?.[0];
}

export function pods(cluster: DemoCluster): Stored[] {
  return cluster.api.list("Pod", "shop");
}

/** Changes the pod template. */
export function stamp(cluster: DemoCluster, kind: string, annotations: Record<string, string | null>): void {
  cluster.api.patch(kind, "shop", "app", { spec: { template: { metadata: { annotations } } } });
}

export function status(cluster: DemoCluster, kind: string): Record<string, unknown> {
  return cluster.api.get(kind, "shop", "app")?.status as Record<string, unknown>;
}
