import { dig, objects, text } from "../model/object.ts";
import { compareText, type SourceKind } from "../model/ref.ts";
import type { WatchedKeys } from "../model/source.ts";
import type { Use } from "../model/workload.ts";

/** How one container mounts a volume. `subPath` undefined: the whole volume, or by `subPathExpr` (never next to `subPath`) a part only known when the pod starts. */
export interface Mount {
  readonly volume: string;
  readonly subPath: string | undefined;
}

/** Volume sources whose files are keys: path to the source, path to its name. */
const files = [
  ["ConfigMap", ["configMap"], "name"],
  ["Secret", ["secret"], "secretName"],
] as const satisfies readonly (readonly [SourceKind, readonly string[], string])[];

/** Sources below `projected.sources`. */
const projected = [
  ["ConfigMap", "configMap"],
  ["Secret", "secret"],
] as const satisfies readonly (readonly [SourceKind, string])[];

/** A class of the secrets store driver, by whatever name that driver goes (`secrets-store.csi.k8s.io` unless somebody built their own). */
const classOf = ["csi", "volumeAttributes", "secretProviderClass"] as const;

/** Secrets that a volume plugin reads, by the path of their name in `core/v1.VolumeSource`. */
const plugins: readonly (readonly string[])[] = [
  ["csi", "nodePublishSecretRef", "name"],
  ["azureFile", "secretName"],
  ["cephfs", "secretRef", "name"],
  ["cinder", "secretRef", "name"],
  ["flexVolume", "secretRef", "name"],
  ["iscsi", "secretRef", "name"],
  ["rbd", "secretRef", "name"],
  ["scaleIO", "secretRef", "name"],
  ["storageos", "secretRef", "name"],
];

function steps(path: string): string[] {
  return path.split("/").filter((step) => step !== "" && step !== ".");
}

/** The paths that the mounts reach, or `undefined` where one of them may reach everything. */
function reachedPaths(mounts: readonly Mount[]): readonly (readonly string[])[] | undefined {
  const paths = mounts.map((mount) => steps(mount.subPath ?? ""));
  // `..data` and its like are links the kubelet keeps beside the files: they lead to all of them.
  const everything = paths.length === 0 || paths.some(([first]) => first === undefined || first.startsWith(".."));
  return everything ? undefined : paths;
}

function liesBelow(path: readonly string[], directory: readonly string[]): boolean {
  return directory.every((step, index) => path[index] === step);
}

/** The keys of one volume source that reach a container, given its `items` and the mounts of its volume. */
function readableKeys(source: unknown, mounts: readonly Mount[]): WatchedKeys {
  const reached = reachedPaths(mounts);
  const items = objects(dig(source, "items"));
  if (items.length === 0) {
    return reached ? [...new Set(reached.map(([first]) => first ?? ""))].sort(compareText) : "*";
  }
  const keys = items
    .filter((item) => {
      const path = steps(text(dig(item, "path")) ?? "");
      return !reached || reached.some((directory) => liesBelow(path, directory));
    })
    .map((item) => text(dig(item, "key")));
  return keys.every((key) => key !== undefined) ? [...new Set(keys)].sort(compareText) : "*";
}

function fileUse(kind: SourceKind, source: unknown, nameField: string, mounts: readonly Mount[], where: string): Use[] {
  const name = text(dig(source, nameField));
  return name ? [{ kind, name, keys: readableKeys(source, mounts), where }] : [];
}

/**
 * The sources of one volume of a pod template. `items` narrow the keys; so does `subPath`, when every mount of the volume
 * has one that is literal. An empty list of keys: the volume names the source, but no container can read any of it. A
 * volume nobody mounts counts as a whole.
 */
export function volumeUses(volume: unknown, mounts: readonly Mount[]): Use[] {
  const where = `volume ${text(dig(volume, "name")) ?? "?"}`;
  const mountedClass = text(dig(volume, ...classOf));
  return [
    ...files.flatMap(([kind, path, name]) => fileUse(kind, dig(volume, ...path), name, mounts, where)),
    ...objects(dig(volume, "projected", "sources")).flatMap((source) =>
      projected.flatMap(([kind, field]) => fileUse(kind, dig(source, field), "name", mounts, `${where}, projected`)),
    ),
    ...(mountedClass
      ? [{ kind: "SecretProviderClass" as const, name: mountedClass, keys: "*" as const, where: `${where}, csi` }]
      : []),
    ...plugins.flatMap((path): Use[] => {
      const name = text(dig(volume, ...path));
      return name ? [{ kind: "Secret", name, keys: "*", where: `${where}, ${path[0]} plugin` }] : [];
    }),
  ];
}
