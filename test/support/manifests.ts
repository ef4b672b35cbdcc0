import type { Manifest } from "../../src/demo/direct.ts";
import type { SourceKind } from "../../src/model/ref.ts";

/** The kinds of source that hold their content themselves. */
export type DataKind = Exclude<SourceKind, "SecretProviderClass">;
export const dataKinds: readonly DataKind[] = ["ConfigMap", "Secret"];

export type Data = Readonly<Record<string, string>>;
export type Annotations = Readonly<Record<string, string>>;

export const namespace = "shop";
/** What Stakater's users write most. */
export const auto: Annotations = { "reloader.stakater.com/auto": "true" };

export interface Metadata {
  readonly namespace?: string;
  readonly annotations?: Annotations;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A ConfigMap or Secret; `data` is plain text for both. */
export function source(kind: DataKind, name: string, data: Data, metadata: Metadata = {}): Manifest {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")] as const);
  return {
    apiVersion: "v1",
    kind,
    metadata: { name, namespace, ...metadata },
    ...(kind === "Secret" ? { type: "Opaque", data: Object.fromEntries(encoded) } : { data }),
  };
}

export const configMap = (name: string, data: Data = { a: "1", b: "1" }, metadata?: Metadata) =>
  source("ConfigMap", name, data, metadata);
export const secret = (name: string, data: Data = { a: "1", b: "1" }, metadata?: Metadata) =>
  source("Secret", name, data, metadata);

type Spec = Readonly<Record<string, unknown>>;

/** Part of a pod's spec: how the template uses sources. */
export interface PodParts {
  readonly env?: readonly Spec[];
  readonly envFrom?: readonly Spec[];
  readonly volumes?: readonly Spec[];
  readonly volumeMounts?: readonly Spec[];
  readonly initContainers?: readonly Spec[];
  readonly imagePullSecrets?: readonly Spec[];
}

/** `envFrom` of whole sources, the plainest way of using them. */
export function envFrom(...sources: readonly (readonly [DataKind, string])[]): PodParts {
  const field = { ConfigMap: "configMapRef", Secret: "secretRef" } as const;
  return { envFrom: sources.map(([kind, name]) => ({ [field[kind]]: { name, optional: true } })) };
}

/** `env` of single keys. */
export function envKeys(kind: DataKind, name: string, keys: readonly string[]): PodParts {
  const field = kind === "Secret" ? "secretKeyRef" : "configMapKeyRef";
  return { env: keys.map((key) => ({ name: key, valueFrom: { [field]: { name, key, optional: true } } })) };
}

export interface WorkloadParts extends Metadata {
  /** Deployment where nothing is said. */
  readonly kind?: "Deployment" | "StatefulSet" | "DaemonSet";
  readonly pod?: PodParts;
  readonly template?: { readonly annotations?: Annotations; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: Spec;
}

/** A workload; opted in by `auto` unless it carries other annotations. */
export function workload(name: string, parts: WorkloadParts = {}): Manifest {
  const { kind = "Deployment", pod = {}, template = {}, spec = {}, annotations = auto, ...metadata } = parts;
  const { volumes = [], initContainers = [], imagePullSecrets = [], ...container } = pod;
  const labels = { app: name, ...template.labels };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace, ...metadata, annotations },
    spec: {
      ...(kind === "DaemonSet" ? {} : { replicas: 1 }),
      ...(kind === "StatefulSet" ? { serviceName: name } : {}),
      selector: { matchLabels: { app: name } },
      ...spec,
      template: {
        metadata: { labels, ...(template.annotations ? { annotations: template.annotations } : {}) },
        spec: {
          containers: [{ name: "app", image: "registry.test/app:1", ...container }],
          initContainers,
          volumes,
          imagePullSecrets,
        },
      },
    },
  };
}

export const deployment = (name: string, pod: PodParts, parts: WorkloadParts = {}) => workload(name, { ...parts, pod });
