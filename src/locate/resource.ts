import type { ObjectId } from "../model/flux.ts";
import type { Json } from "../model/object.ts";
import type { ChainLink, PatchUse } from "./definition.ts";
import { mapAt, textAt, withAt } from "./json.ts";

/** An id with the version of the API, which a patch without a target must match too (kustomize kyaml/resid). */
export interface VersionedId extends ObjectId {
  readonly version: string;
}

/** One object on its way through kustomizations. Its values are never changed in place: they are shared with the parsed files. */
export interface Resource {
  readonly path: string;
  readonly document: number;
  readonly item: number | undefined;
  readonly encrypted: boolean;
  /** As the file has it. */
  readonly written: Json;
  readonly original: VersionedId;
  /** Ids it had in between; kustomize finds the object of a patch by any of them. */
  previous: VersionedId[];
  current: VersionedId;
  value: Json;
  /** Innermost first. */
  readonly chain: ChainLink[];
  readonly patches: PatchUse[];
  /** Why its built value is not certain. */
  readonly doubts: string[];
}

export function idOf(value: Json): VersionedId {
  const [group, version] = groupVersion(textAt(value, "apiVersion"));
  const metadata = mapAt(value, "metadata");
  return {
    group,
    version,
    kind: textAt(value, "kind"),
    namespace: textAt(metadata, "namespace"),
    name: textAt(metadata, "name"),
  };
}

export function groupVersion(apiVersion: string): [group: string, version: string] {
  const at = apiVersion.indexOf("/");
  return at < 0 ? ["", apiVersion] : [apiVersion.slice(0, at), apiVersion.slice(at + 1)];
}

/** kyaml/openapi `IsCertainlyClusterScoped`, the kinds of Kubernetes itself; kinds it does not know count as namespaced. */
const clusterScoped: ReadonlySet<string> = new Set([
  ...["APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding"],
  ...["ComponentStatus", "CustomResourceDefinition", "FlowSchema", "IngressClass", "MutatingWebhookConfiguration"],
  ...["Namespace", "Node", "PersistentVolume", "PodSecurityPolicy", "PriorityClass", "PriorityLevelConfiguration"],
  ...["RuntimeClass", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "StorageClass", "SubjectAccessReview"],
  ...["TokenReview", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
  ...["ValidatingWebhookConfiguration", "VolumeAttachment"],
]);

export const isClusterScoped = ({ group, kind }: ObjectId): boolean =>
  clusterScoped.has(kind) && (group === "" || group.endsWith(".k8s.io") || group === "policy");

/** kyaml/resid `EffectiveNamespace`: for matching, no namespace is the namespace `default`. */
export const effectiveNamespace = (id: ObjectId): string =>
  isClusterScoped(id) ? "_non_namespaceable_" : id.namespace || "default";

export const sameId = (a: VersionedId, b: VersionedId): boolean =>
  a.group === b.group &&
  a.version === b.version &&
  a.kind === b.kind &&
  a.name === b.name &&
  effectiveNamespace(a) === effectiveNamespace(b);

/** Remembers the id it has, and gives it the value and the id of that value. */
export function become(resource: Resource, value: Json): void {
  const current = idOf(value);
  if (!sameId(current, resource.current)) resource.previous.push(resource.current);
  resource.value = value;
  resource.current = current;
}

export const withMetadata = (value: Json, key: string, text: string): Json =>
  withAt(value, ["metadata", key], () => text);
