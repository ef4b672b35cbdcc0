import type { Manifest } from "../../src/demo/direct.ts";
import { dig, type KubeObject, objects } from "../../src/model/object.ts";
import { type Metadata, namespace, type PodParts } from "./manifests.ts";
import type { World } from "./world.ts";

const apiVersion = "secrets-store.csi.x-k8s.io/v1";
const manager = "secrets-store-csi-driver";

/** Versions of the objects in the store, by id. */
export type Versions = Readonly<Record<string, string>>;

export function secretProviderClass(name: string, metadata: Metadata = {}): Manifest {
  const spec = { provider: "vault", parameters: { roleName: "shop", objects: "- objectName: db-password" } };
  return { apiVersion, kind: "SecretProviderClass", metadata: { name, namespace, ...metadata }, spec };
}

/** A volume of the driver, mounted. */
export function mounts(...classes: readonly string[]): PodParts {
  const csi = (secretProviderClass: string) => ({
    driver: "secrets-store.csi.k8s.io",
    readOnly: true,
    volumeAttributes: { secretProviderClass },
  });
  return {
    volumes: classes.map((name) => ({ name: `store-${name}`, csi: csi(name) })),
    volumeMounts: classes.map((name) => ({ name: `store-${name}`, mountPath: `/mnt/${name}`, readOnly: true })),
  };
}

/** The classes that a pod mounts. */
export function classesOf(pod: KubeObject): string[] {
  return objects(dig(pod, "spec", "volumes")).flatMap((volume) => {
    const name = dig(volume, "csi", "volumeAttributes", "secretProviderClass");
    return typeof name === "string" ? [name] : [];
  });
}

/** The status as the driver of the pod's node writes it: named after pod, namespace and class, owned by the pod, labelled with the node. */
export function podStatusOf({ metadata, spec }: KubeObject, className: string, versions: Versions): Manifest {
  const uid = metadata.uid;
  return {
    apiVersion,
    kind: "SecretProviderClassPodStatus",
    metadata: {
      name: `${metadata.name}-${metadata.namespace}-${className}`,
      namespace: metadata.namespace ?? namespace,
      labels: { "internal.secrets-store.csi.k8s.io/node-name": String(dig(spec, "nodeName") ?? "node-1") },
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: metadata.name, uid }],
    },
    status: {
      mounted: true,
      objects: objectsOf(versions),
      podName: metadata.name,
      secretProviderClassName: className,
      targetPath: `/var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~csi/store-${className}/mount`,
    },
  };
}

export function objectsOf(versions: Versions) {
  return Object.entries(versions).map(([id, version]) => ({ id, version }));
}

/** Plays the driver on every node of an embedded cluster, and the store behind it. */
export interface Driver {
  /** What the store holds from now on. */
  store(className: string, versions: Versions): void;
  /** Pods that have started mount what the store holds; what pods left behind is collected. */
  mount(): void;
  /** The rotation reconciler looks at these pods, or at all: where the store has other versions, it writes their status again. */
  rotate(wanted?: (podName: string) => boolean): void;
}

export function driverOf({ cluster: { api } }: World): Driver {
  const versions = new Map<string, Versions>();
  const statuses = () => api.list("SecretProviderClassPodStatus");
  return {
    store: (className, held) => void versions.set(className, held),
    mount() {
      const pods = api.list("Pod");
      const there = new Set(pods.map(({ metadata }) => metadata.uid));
      for (const { metadata } of statuses()) {
        const owner = metadata.ownerReferences?.[0]?.uid ?? "";
        if (!there.has(owner)) api.delete("SecretProviderClassPodStatus", metadata.namespace, metadata.name);
      }
      const written = new Set(statuses().map(({ metadata }) => metadata.name));
      for (const pod of pods) {
        for (const className of classesOf(pod)) {
          const status = podStatusOf(pod, className, versions.get(className) ?? {});
          if (!written.has(status.metadata.name)) api.put(status, manager);
        }
      }
    },
    rotate(wanted = () => true) {
      for (const status of statuses()) {
        const next = objectsOf(versions.get(String(dig(status, "status", "secretProviderClassName"))) ?? {});
        const same = JSON.stringify(dig(status, "status", "objects")) === JSON.stringify(next);
        if (same || !wanted(String(dig(status, "status", "podName")))) continue;
        const { namespace: where, name } = status.metadata;
        api.patch("SecretProviderClassPodStatus", where, name, { status: { objects: next } }, manager);
      }
    },
  };
}
