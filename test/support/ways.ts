import { type DataKind, envFrom, envKeys, type PodParts } from "./manifests.ts";

const volumeFields = { ConfigMap: ["configMap", "name"], Secret: ["secret", "secretName"] } as const;

function volume(kind: DataKind, name: string, more: object = {}) {
  const [field, nameField] = volumeFields[kind];
  return { name: "files", [field]: { [nameField]: name, ...more } };
}

const items = { items: [{ key: "a", path: "a" }] };
const mount = { name: "files", mountPath: "/etc/files" };

export interface Way {
  readonly pod: (kind: DataKind, name: string) => PodParts;
  /** Reads key `a` only; otherwise everything. */
  readonly one: boolean;
}

/** Every way in which a pod template can use a source: a new row is a new way. */
export const ways: Readonly<Record<string, Way>> = {
  env: { one: true, pod: (kind, name) => envKeys(kind, name, ["a"]) },
  envFrom: { one: false, pod: (kind, name) => envFrom([kind, name]) },
  volume: { one: false, pod: (kind, name) => ({ volumes: [volume(kind, name)], volumeMounts: [mount] }) },
  items: { one: true, pod: (kind, name) => ({ volumes: [volume(kind, name, items)], volumeMounts: [mount] }) },
  subPath: {
    one: true,
    pod: (kind, name) => ({ volumes: [volume(kind, name)], volumeMounts: [{ ...mount, subPath: "a" }] }),
  },
  projected: {
    one: true,
    pod: (kind, name) => ({
      volumes: [{ name: "files", projected: { sources: [{ [volumeFields[kind][0]]: { name, ...items } }] } }],
      volumeMounts: [mount],
    }),
  },
  "init container": {
    one: true,
    pod: (kind, name) => ({
      initContainers: [{ name: "init", image: "registry.test/init:1", ...envKeys(kind, name, ["a"]) }],
    }),
  },
};
