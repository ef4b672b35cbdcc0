import type { KubeObject, TestClient } from "../harness/client.ts";
import { type Named, pathOf } from "../harness/paths.ts";
import { kustomizeFiles } from "./kustomize.ts";
import { servePermissive } from "./permissive-crd.ts";

/** As much of a HelmRelease as decides what is installed. */
export interface HelmRelease extends KubeObject {
  spec: {
    chart?: { spec: { chart: string } };
    values?: Record<string, unknown>;
    releaseName?: string;
    targetNamespace?: string;
    suspend?: boolean;
    postRenderers?: { kustomize?: { patches?: unknown[]; images?: unknown[] } }[];
  };
  status?: { observedGeneration?: number; lastHandledReconcileAt?: string; history?: object[] };
}

/** What a chart renders with these values: objects without a namespace, as charts are written. */
export type Chart = (release: { readonly name: string; readonly values: Record<string, unknown> }) => Named[];

/** The part of helm-controller in one namespace. */
export interface HelmPlayer {
  /** How often a release was installed or upgraded so far. */
  upgrades(name: string): number;
  stop(): Promise<void>;
}

const API = { group: "helm.toolkit.fluxcd.io", version: "v2", kind: "HelmRelease", plural: "helmreleases" } as const;
const REQUESTED = "reconcile.fluxcd.io/requestedAt";

/** Serves the API of HelmReleases, taking any content. It stays. */
export function serveHelmReleases(cluster: TestClient): Promise<void> {
  return servePermissive(cluster, [{ ...API, status: true }]);
}

/**
 * Plays helm-controller for the HelmReleases of a namespace: each change of a spec is an upgrade that renders the chart, hands that to the
 * post renderers in order, labels it, applies it, and says so in the status (helm-controller v1.6, internal/postrender and api/v2).
 */
export async function playHelm(
  cluster: TestClient,
  namespace: string,
  charts: Readonly<Record<string, Chart>>,
): Promise<HelmPlayer> {
  const path = `/apis/${API.group}/${API.version}/namespaces/${namespace}/${API.plural}`;
  const upgrades = new Map<string, number>();
  const stopping = new AbortController();
  const reconcile = async (release: HelmRelease): Promise<void> => {
    const { metadata, spec, status } = release;
    if (spec.suspend || metadata.deletionTimestamp) return;
    const requested = metadata.annotations?.[REQUESTED];
    const changed = status?.observedGeneration !== metadata.generation;
    if (!changed && requested === status?.lastHandledReconcileAt) return;
    if (!changed) return say(cluster, release, { lastHandledReconcileAt: requested });
    const count = (upgrades.get(metadata.name) ?? 0) + 1;
    upgrades.set(metadata.name, count);
    try {
      const objects = await render(release, charts);
      for (const object of objects) await cluster.apply(object, "helm-controller");
      await say(cluster, release, upgraded(release, objects, count));
    } catch (error) {
      await say(cluster, release, failed(release, String(error)));
    }
  };
  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const { items, resourceVersion } = await cluster.listAt<HelmRelease>(path);
      for (const release of items) await reconcile(release);
      for await (const { type, object } of cluster.watch<HelmRelease>(path, resourceVersion, stopping.signal)) {
        if (type === "ADDED" || type === "MODIFIED") await reconcile(await current(cluster, object));
      }
    }
  };
  const working = work();
  // Without a listener the process would end before `stop` can tell.
  working.catch(() => {});
  return {
    upgrades: (name) => upgrades.get(name) ?? 0,
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

/** Events of what was written since come later: what they tell is judged by how it stands now. */
async function current(cluster: TestClient, release: HelmRelease): Promise<HelmRelease> {
  const found = await cluster.find<HelmRelease>({
    ...release,
    apiVersion: `${API.group}/${API.version}`,
    kind: API.kind,
  });
  return found ?? { ...release, metadata: { ...release.metadata, deletionTimestamp: "gone" } };
}

async function render(release: HelmRelease, charts: Readonly<Record<string, Chart>>): Promise<Named[]> {
  const { metadata, spec } = release;
  const chart = charts[spec.chart?.spec.chart ?? ""];
  if (!chart) throw new Error(`there is no chart ${spec.chart?.spec.chart}`);
  const name = spec.releaseName ?? [spec.targetNamespace, metadata.name].filter(Boolean).join("-");
  const namespace = spec.targetNamespace ?? metadata.namespace ?? "";
  let objects = chart({ name, values: spec.values ?? {} });
  for (const { kustomize } of spec.postRenderers ?? []) {
    if (!kustomize) continue;
    objects = await kustomizeFiles({
      "rendered.yaml": objects.map((object) => JSON.stringify(object)).join("\n---\n"),
      "kustomization.yaml": JSON.stringify({ resources: ["rendered.yaml"], ...kustomize }),
    });
  }
  return objects.map((object) => {
    const { labels, annotations } = object.metadata;
    const origin = { [`${API.group}/name`]: metadata.name, [`${API.group}/namespace`]: metadata.namespace ?? "" };
    const helm = { "meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": namespace };
    return {
      ...object,
      metadata: {
        ...object.metadata,
        namespace: object.metadata.namespace ?? namespace,
        labels: { ...labels, "app.kubernetes.io/managed-by": "Helm", ...origin },
        annotations: { ...annotations, ...helm },
      },
    };
  });
}

const second = () => `${new Date().toISOString().slice(0, 19)}Z`;

function condition({ metadata }: HelmRelease, type: string, status: string, reason: string, message: string) {
  return { type, status, reason, message, observedGeneration: metadata.generation, lastTransitionTime: second() };
}

function upgraded(release: HelmRelease, objects: readonly Named[], revision: number) {
  const { metadata, spec } = release;
  const reason = revision === 1 ? "InstallSucceeded" : "UpgradeSucceeded";
  const message = `Helm ${revision === 1 ? "install" : "upgrade"} succeeded for release ${metadata.name}.v${revision}`;
  return {
    observedGeneration: metadata.generation,
    lastHandledReconcileAt: metadata.annotations?.[REQUESTED] ?? null,
    storageNamespace: metadata.namespace,
    inventory: { entries: objects.map(inventoryEntry) },
    conditions: ["Ready", "Released"].map((type) => condition(release, type, "True", reason, message)),
    history: [
      {
        ...{ name: spec.releaseName ?? metadata.name, namespace: spec.targetNamespace ?? metadata.namespace },
        ...{ chartName: spec.chart?.spec.chart, chartVersion: "1.0.0", version: revision, status: "deployed" },
        ...{ firstDeployed: second(), lastDeployed: second() },
      },
    ],
  };
}

function failed(release: HelmRelease, message: string) {
  return {
    observedGeneration: release.metadata.generation,
    conditions: [condition(release, "Ready", "False", "UpgradeFailed", message)],
  };
}

function inventoryEntry({ apiVersion, kind, metadata }: Named) {
  const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  return { id: [metadata.namespace, metadata.name, group, kind].join("_"), v: version };
}

async function say(cluster: TestClient, release: HelmRelease, status: object): Promise<void> {
  const { name, namespace } = release.metadata;
  const target = {
    apiVersion: `${API.group}/${API.version}`,
    kind: API.kind,
    metadata: { name, ...(namespace && { namespace }) },
  };
  // Gone meanwhile is no failure.
  const merge = { "content-type": "application/merge-patch+json" };
  await cluster.request("PATCH", `${pathOf(target)}/status?fieldManager=helm-controller`, { status }, merge);
}
