import { dig, type KubeObject, type ManagedFieldsEntry, stringMap } from "./object.ts";
import type { SourceKind, SourceRef } from "./ref.ts";

/** What one pod has mounted of a SecretProviderClass (`secrets-store.csi.x-k8s.io/v1.SecretProviderClassPodStatus`). Milliseconds since the epoch. */
export interface MountedClass {
  readonly createdAt: number;
  /** When its content was last written: later than `createdAt` where it was rotated under the running pod. */
  readonly writtenAt: number;
  readonly resourceVersion: string;
  /** Id of the object in the store -> its version. */
  readonly objects: Readonly<Record<string, string>>;
}

/** What a source's metadata tells, without its body. */
export interface SourceHeader {
  readonly ref: SourceRef;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly createdAt: number;
  /** Newest write that still shows, milliseconds since the epoch; `undefined` where the object has no managedFields. */
  readonly lastWrite: number | undefined;
  /** Those that may concern reroll; the others, `last-applied-configuration` with a Secret's values among them, are not kept. */
  readonly annotations: Readonly<Record<string, string>>;
  /** What pods have mounted of it: of a SecretProviderClass only, and absent where nobody could look. */
  readonly mounted?: readonly MountedClass[];
}

/** Key of the source -> keyed digest of its bytes, 16 hex digits. */
export type KeyDigests = Readonly<Record<string, string>>;

/** A source as this run saw it. Digests are held by the id of the key they were made with. */
export interface Source extends SourceHeader {
  readonly digests: ReadonlyMap<string, KeyDigests>;
  /** Of a SecretProviderClass: when its content was last seen to be rotated, milliseconds since the epoch; 0: never. It tells of lost keys too. */
  readonly rotatedAt?: number;
}

/** Whether a source is there: `unobserved` says that nobody could look, never that nothing is there. */
export type Sight =
  | { readonly is: "present"; readonly source: Source }
  | { readonly is: "absent" }
  | { readonly is: "unobserved" };

/** The keys of a source that a workload can read; `*` is all of them, also those to come. */
export type WatchedKeys = "*" | readonly string[];

function time(value: string | undefined): number {
  return value ? Date.parse(value) : Number.NaN;
}

const noAnnotations: SourceHeader["annotations"] = Object.freeze({});

/** Those that `concerns` accepts; most objects have none, and those share one map. */
function annotationsOf(metadata: KubeObject["metadata"], concerns: (key: string) => boolean) {
  if (metadata.annotations === undefined) return noAnnotations;
  const kept = Object.entries(stringMap(metadata.annotations)).filter(([key]) => concerns(key));
  return kept.length === 0 ? noAnnotations : Object.fromEntries(kept);
}

/** Whoever applies `stringData` owns that, although it is stored as `data` (core/v1 Secret), which is then nobody's. */
const contentFields = ["f:data", "f:binaryData", "f:stringData"] as const;

/** Whoever owns no content has written none that still shows: labels and annotations make no pod older. */
function mayHaveWritten({ fieldsV1 }: ManagedFieldsEntry): boolean {
  return fieldsV1 === undefined || contentFields.some((field) => dig(fieldsV1, field) !== undefined);
}

/** Reads metadata. The last write of content is the newest of creationTimestamp and the managedFields times (`meta/v1`); a removed key moves neither. `share` holds equal texts once. */
export function sourceHeader(
  kind: SourceKind,
  object: KubeObject,
  concerns: (annotation: string) => boolean,
  share: (text: string) => string = (text) => text,
): SourceHeader {
  const { metadata } = object;
  const createdAt = time(metadata.creationTimestamp);
  const entries = metadata.managedFields ?? [];
  const writes = entries
    .filter(mayHaveWritten)
    .map((entry) => time(entry.time))
    .filter(Number.isFinite);
  return {
    ref: { kind, namespace: share(metadata.namespace ?? ""), name: metadata.name },
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    createdAt,
    lastWrite: entries.length > 0 ? Math.max(createdAt || 0, ...writes) : undefined,
    annotations: annotationsOf(metadata, concerns),
  };
}

/** Whether two snapshots of one source hold the same keys with the same content. Both under one digest key. */
export function equalDigests(a: KeyDigests, b: KeyDigests): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
