import type { DemoCluster } from "../../../src/demo/cluster.ts";
import type { Manifest } from "../../../src/demo/direct.ts";
import type { App, Kustomization, Shape } from "./shape.ts";

const flux = "flux-system";
const labels = (group: string, namespace: string, name: string) => ({
  [`${group}/name`]: name,
  [`${group}/namespace`]: namespace,
});
const kustomize = (name: string) => labels("kustomize.toolkit.fluxcd.io", flux, name);
const helm = ({ namespace, name }: App) => labels("helm.toolkit.fluxcd.io", namespace, name);

/** Puts what Flux has made of a repository into a cluster: all of it, every workload asking for restarts and reading a ConfigMap of its own. */
export async function fillLive(cluster: DemoCluster, shape: Shape, url: string, revision: string): Promise<void> {
  cluster.api.put({
    kind: "GitRepository",
    metadata: { namespace: flux, name: flux },
    spec: { url, interval: "1h", ref: { branch: "main" } },
  });
  cluster.api.patchStatus("GitRepository", flux, flux, { artifact: { revision } });
  for (const app of shape.apps) {
    cluster.api.put(configMap(app, "0"));
    cluster.api.put(deployment(app));
    if (app.by === "raw") continue;
    cluster.api.put(helmRelease(app));
    const entries = [{ id: `${app.namespace}_${app.name}_apps_Deployment`, v: "v1" }];
    cluster.api.patchStatus("HelmRelease", app.namespace, app.name, { inventory: { entries } });
  }
  const applied = Map.groupBy(shape.apps, ({ kustomization }) => kustomization);
  for (const each of shape.kustomizations) {
    cluster.api.put(kustomization(each));
    const entries = (applied.get(each.name) ?? []).map((app) => ({ id: idOf(app), v: "v1" }));
    const made = shape.kustomizations.filter(({ app }) => app !== undefined && each.name === "cluster-apps");
    const children = made.map(({ name }) => ({
      id: `${flux}_${name}_kustomize.toolkit.fluxcd.io_Kustomization`,
      v: "v1",
    }));
    const status = { inventory: { entries: [...entries, ...children] }, lastAppliedRevision: revision };
    cluster.api.patchStatus("Kustomization", flux, each.name, status);
  }
  await cluster.settle();
}

const idOf = ({ by, namespace, name }: App): string =>
  by === "helm" ? `${namespace}_${name}_helm.toolkit.fluxcd.io_HelmRelease` : `${namespace}_${name}_apps_Deployment`;

function kustomization({ name, path, targetNamespace, app }: Kustomization): Manifest {
  return {
    kind: "Kustomization",
    metadata: { namespace: flux, name },
    spec: {
      ...(targetNamespace ? { targetNamespace } : {}),
      ...(app ? { postBuild: { substitute: { APP: app, GATUS_PATH: "/ping", VOLSYNC_CAPACITY: "5Gi" } } } : {}),
      ...{ interval: "30m", path: `./${path}`, prune: true, wait: false, timeout: "5m" },
      sourceRef: { kind: "GitRepository", name: flux },
    },
  };
}

function helmRelease({ namespace, name, kustomization }: App): Manifest {
  const sourceRef = { kind: "HelmRepository", name: "charts", namespace: flux };
  return {
    kind: "HelmRelease",
    metadata: { namespace, name, labels: kustomize(kustomization) },
    spec: { interval: "30m", chart: { spec: { chart: "app-template", version: "3.5.1", sourceRef } }, values: {} },
  };
}

/** What the workload of an app reads, in the given state. */
export const configMap = ({ namespace, name }: App, state: string): Manifest => ({
  kind: "ConfigMap",
  metadata: { namespace, name: `${name}-config` },
  data: { LOG_LEVEL: "info", STATE: state },
});

function deployment(app: App): Manifest {
  const { namespace, name } = app;
  const own = { "app.kubernetes.io/name": name };
  const container = {
    name: "app",
    image: `registry.example.com/apps/${name}:1`,
    envFrom: [{ configMapRef: { name: `${name}-config` } }],
  };
  return {
    kind: "Deployment",
    metadata: {
      namespace,
      name,
      labels: { ...own, ...(app.by === "helm" ? helm(app) : kustomize(app.kustomization)) },
      annotations: { "reloader.stakater.com/auto": "true" },
    },
    spec: {
      // No pods: what a run makes of those is measured elsewhere.
      replicas: 0,
      selector: { matchLabels: own },
      template: { metadata: { labels: own }, spec: { containers: [container] } },
    },
  };
}
