import type { SourceKind } from "../model/ref.ts";
import type { ListOptions } from "../ports.ts";

/** Secrets that belong to machinery. Left out by the server, so that their bytes and even their names never travel. */
const unwatchedSecretTypes = [
  "helm.sh/release.v1",
  "kubernetes.io/service-account-token",
  "bootstrap.kubernetes.io/token",
];

const conditions: Readonly<Record<SourceKind, readonly string[]>> = {
  ConfigMap: [],
  SecretProviderClass: [],
  Secret: unwatchedSecretTypes.map((type) => `type!=${type}`),
};

/**
 * How sources of a kind are listed, with their bodies or without: never those of machinery, those that the label selector takes in, and
 * none of the names in `but`.
 */
export function sourceOptions(
  kind: SourceKind,
  labelSelector: string,
  but: readonly string[] = [],
): Pick<ListOptions, "fieldSelector" | "labelSelector"> {
  const fieldSelector = [...conditions[kind], ...but.map((name) => `metadata.name!=${name}`)].join(",");
  return { ...(fieldSelector ? { fieldSelector } : {}), ...(labelSelector ? { labelSelector } : {}) };
}
