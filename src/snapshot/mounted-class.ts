import { dig, type KubeObject, objects, text } from "../model/object.ts";
import type { MountedClass, SourceHeader } from "../model/source.ts";
import type { Sharing } from "./sharing.ts";

/** What one pod has mounted, and of which SecretProviderClass of its namespace. */
export interface ClassStatus {
  readonly namespace: string;
  readonly name: string;
  readonly mounted: MountedClass;
}

/**
 * Reads a SecretProviderClassPodStatus. The driver creates one when a pod mounts the class, owned by the pod, and writes it again only when
 * the store gave other versions (secrets-store-csi-driver, rotation reconciler and `createOrUpdateSecretProviderClassPodStatus`); its status is no subresource. Labels and
 * owners that others write move another entry of managedFields. `undefined` where it says nothing: no class, or no object.
 */
export function readClassStatus(object: KubeObject, sharing: Sharing): ClassStatus | undefined {
  const { metadata } = object;
  const name = text(dig(object, "status", "secretProviderClassName"));
  const listed = objects(dig(object, "status", "objects")).flatMap(({ id, version }): [string, string][] =>
    typeof id === "string" && id !== "" ? [[id, text(version) ?? ""]] : [],
  );
  const createdAt = Date.parse(metadata.creationTimestamp ?? "");
  if (!name || listed.length === 0 || !Number.isFinite(createdAt)) return undefined;
  const sorted = listed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const writes = (metadata.managedFields ?? [])
    .filter(({ fieldsV1 }) => dig(fieldsV1, "f:status") !== undefined)
    .map(({ time }) => Date.parse(time ?? ""))
    .filter(Number.isFinite);
  return {
    namespace: sharing.text(metadata.namespace ?? ""),
    name: sharing.text(name),
    mounted: {
      createdAt,
      writtenAt: Math.max(createdAt, ...writes),
      resourceVersion: metadata.resourceVersion,
      objects: sharing.once(`mounted ${JSON.stringify(sorted)}`, () => Object.fromEntries(sorted)),
    },
  };
}

/** The headers with what pods have mounted of the classes among them, in those namespaces where somebody could look (`sees`). */
export function withMounted(
  headers: readonly SourceHeader[],
  statuses: readonly ClassStatus[],
  sees: (namespace: string) => boolean,
): SourceHeader[] {
  const byClass = Map.groupBy(statuses, ({ namespace, name }) => `${namespace}/${name}`);
  return headers.map((header) => {
    const { kind, namespace, name } = header.ref;
    if (kind !== "SecretProviderClass" || !sees(namespace)) return header;
    return { ...header, mounted: (byClass.get(`${namespace}/${name}`) ?? []).map(({ mounted }) => mounted) };
  });
}
