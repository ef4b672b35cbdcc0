/** The kinds of source reroll digests. */
export type SourceKind = "ConfigMap" | "Secret" | "SecretProviderClass";

export const sourceKinds: readonly SourceKind[] = ["ConfigMap", "Secret", "SecretProviderClass"];

/** What people call several of a kind: `ConfigMaps`, `SecretProviderClasses`. */
export function pluralOf(kind: SourceKind): string {
  return kind.endsWith("s") ? `${kind}es` : `${kind}s`;
}

/** Names one source of the cluster. */
export interface SourceRef {
  readonly kind: SourceKind;
  readonly namespace: string;
  readonly name: string;
}

/** Names one workload of the cluster. `kind` is a row of the table in `kinds.ts`. */
export interface WorkloadRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

type Ref = SourceRef | WorkloadRef;

/** `Kind/namespace/name`, the form people type and read everywhere. */
export function formatRef(ref: Ref): string {
  return `${ref.kind}/${ref.namespace}/${ref.name}`;
}

/** `Kind/name`: enough inside one namespace; the key of state maps and of stamps. */
export function localName(ref: { readonly kind: string; readonly name: string }): string {
  return `${ref.kind}/${ref.name}`;
}

/** The inverse of {@link localName}; `undefined` where the text is not of that form or names no source kind. */
export function parseSourceName(text: string, namespace: string): SourceRef | undefined {
  const slash = text.indexOf("/");
  const kind = sourceKinds.find((known) => known === text.slice(0, slash));
  const name = text.slice(slash + 1);
  return kind && name ? { kind, namespace, name } : undefined;
}

/** Orders by code unit, the same on every machine and in every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders by namespace, kind, name. */
export function compareRefs(a: Ref, b: Ref): number {
  return compareText(a.namespace, b.namespace) || compareText(a.kind, b.kind) || compareText(a.name, b.name);
}
