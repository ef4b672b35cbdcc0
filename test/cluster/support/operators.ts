import { setTimeout as sleep } from "node:timers/promises";
import { dig } from "../../../src/model/object.ts";
import type { KubeObject, TestClient } from "../harness/client.ts";
import { servePermissive } from "./permissive-crd.ts";

interface Served {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** What its controller says once it has done what the object asks for. */
  readonly status: (object: KubeObject) => object;
}

const three = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
const second = () => `${new Date().toISOString().slice(0, 19)}Z`;
const common = ({ metadata }: KubeObject) => ({ observedGeneration: metadata.generation, ...three });

/** Kinds of operators that are not here: their APIs with permissive schemas, and a controller that is always done at once. */
const kinds: readonly Served[] = [
  {
    ...{ group: "argoproj.io", version: "v1alpha1", kind: "Rollout" },
    status: (object) => ({
      ...{
        ...three,
        observedGeneration: String(object.metadata.generation),
        phase: "Healthy",
        currentPodHash: "7c9f6b5d4",
      },
      restartedAt: dig(object, "spec", "restartAt") ?? null,
    }),
  },
  {
    ...{ group: "apps.openshift.io", version: "v1", kind: "DeploymentConfig" },
    status: (object) => {
      const reason = "NewReplicationControllerAvailable";
      const condition = { type: "Progressing", status: "True", reason, lastUpdateTime: second() };
      return { ...common(object), latestVersion: object.metadata.generation, conditions: [condition] };
    },
  },
  { group: "apps.kruise.io", version: "v1alpha1", kind: "CloneSet", status: common },
  { group: "apps.kruise.io", version: "v1beta1", kind: "StatefulSet", status: common },
];

const pluralOf = ({ kind }: Served) => `${kind.toLowerCase()}s`;

/** Serves the APIs of Argo Rollouts, OpenShift and OpenKruise. They stay. */
export function serveOperators(cluster: TestClient): Promise<void> {
  return servePermissive(
    cluster,
    kinds.map((each) => ({ ...each, plural: pluralOf(each), status: true })),
  );
}

/** Plays the controllers of one namespace until the signal is aborted. */
export async function playOperators(cluster: TestClient, namespace: string, signal: AbortSignal): Promise<void> {
  const said = new Map<string, number>();
  while (!signal.aborted) {
    for (const each of kinds) {
      const path = `/apis/${each.group}/${each.version}/namespaces/${namespace}/${pluralOf(each)}`;
      for (const object of await cluster.list<KubeObject>(path)) {
        const { name, generation = 0 } = object.metadata;
        if (said.get(`${path}/${name}`) === generation) continue;
        const merge = { "content-type": "application/merge-patch+json" };
        await cluster.request("PATCH", `${path}/${name}/status`, { status: each.status(object) }, merge);
        said.set(`${path}/${name}`, generation);
      }
    }
    await sleep(200, undefined, { signal }).catch(() => undefined);
  }
}
