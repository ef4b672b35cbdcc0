import type { Json } from "../model/object.ts";
import { isMap, mapAt, textAt, withAt } from "./json.ts";
import type { ImageRule, KustomizationFile, LabelRule } from "./kustomization-file.ts";
import { become, isClusterScoped, type Resource, withMetadata } from "./resource.ts";

/** Kinds whose names kustomize leaves alone (api/internal/builtins/PrefixTransformer.go). */
const keepsName: ReadonlySet<string> = new Set(["CustomResourceDefinition", "APIService", "Namespace"]);

/** Where kinds of Kubernetes have their pod template. */
const templates: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  ReplicationController: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
};

const scalable: ReadonlySet<string> = new Set(["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"]);
const selecting: ReadonlySet<string> = new Set(["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"]);

/** kustomize's NamespaceTransformer, PrefixTransformer and SuffixTransformer, in that order. */
export function rename(resource: Resource, { namespace, namePrefix, nameSuffix }: KustomizationFile): void {
  if (namespace !== "" && !isClusterScoped(resource.current))
    become(resource, withMetadata(resource.value, "namespace", namespace));
  if (keepsName.has(resource.current.kind)) return;
  if (namePrefix !== "") become(resource, withMetadata(resource.value, "name", namePrefix + resource.current.name));
  if (nameSuffix !== "") become(resource, withMetadata(resource.value, "name", resource.current.name + nameSuffix));
}

/** kustomize's LabelTransformer and AnnotationsTransformer, with the field specs that concern kinds with a pod template. */
export function label(resource: Resource, { labels, commonAnnotations }: KustomizationFile): void {
  let { value } = resource;
  const template = templateOf(resource);
  for (const rule of labels) value = labelled(value, rule, template, resource.current.kind);
  if (Object.keys(commonAnnotations).length) {
    value = withPairs(value, ["metadata", "annotations"], commonAnnotations);
    if (template) value = withPairs(value, [...template, "metadata", "annotations"], commonAnnotations);
    if (resource.current.kind === "CronJob")
      value = withPairs(value, ["spec", "jobTemplate", "metadata", "annotations"], commonAnnotations);
  }
  resource.value = value;
}

function labelled(value: Json, rule: LabelRule, template: readonly string[] | undefined, kind: string): Json {
  let result = withPairs(value, ["metadata", "labels"], rule.pairs);
  if (template && rule.templates) result = withPairs(result, [...template, "metadata", "labels"], rule.pairs);
  if (rule.selectors && selecting.has(kind))
    result = withPairs(result, ["spec", "selector", "matchLabels"], rule.pairs);
  return result;
}

/** kustomize's ReplicaCountTransformer and ImageTagTransformer. */
export function scaleAndTag(resource: Resource, { replicas, images }: KustomizationFile): void {
  for (const { name, count } of replicas)
    if (scalable.has(resource.current.kind) && [...resource.previous, resource.current].some((id) => id.name === name))
      resource.value = withAt(resource.value, ["spec", "replicas"], () => count);
  const template = templateOf(resource);
  if (!template || images.length === 0) return;
  for (const field of ["initContainers", "containers"])
    if (Array.isArray(podSpec(resource.value, template)[field]))
      resource.value = withAt(resource.value, [...template, "spec", field], (old) => tagged(old, images));
}

const tagged = (containers: Json | undefined, images: readonly ImageRule[]): Json =>
  Array.isArray(containers)
    ? containers.map((each) =>
        isMap(each) && typeof each.image === "string" ? { ...each, image: images.reduce(retag, each.image) } : each,
      )
    : (containers ?? null);

/** kustomize api/filters/imagetag. */
function retag(image: string, rule: ImageRule): string {
  const [, name = "", tag = ""] = /^(.+?)((?::[^/:@]*)?(?:@.*)?)$/.exec(image) ?? [];
  if (name !== rule.name) return image;
  const suffix = rule.digest ? `@${rule.digest}` : rule.newTag ? `:${rule.newTag}` : tag;
  return (rule.newName || name) + suffix;
}

function podSpec(value: Json, template: readonly string[]): Readonly<Record<string, Json>> {
  let at: Json = value;
  for (const key of template) at = { ...mapAt(at, key) };
  return mapAt(at, "spec");
}

const templateOf = ({ current: { kind, group } }: Resource): readonly string[] | undefined =>
  (group === "apps" || group === "batch" || group === "") && Object.hasOwn(templates, kind)
    ? templates[kind]
    : undefined;

const withPairs = (value: Json, path: readonly string[], pairs: Readonly<Record<string, string>>): Json =>
  withAt(value, path, (old) => ({ ...(isMap(old) ? old : {}), ...pairs }));

/** Whether kustomize drops the object at the end of the build (kyaml `DropLocalNodes`). */
export function isLocal(value: Json): boolean {
  const annotations = mapAt(mapAt(value, "metadata"), "annotations");
  const key = "config.kubernetes.io/local-config";
  return Object.hasOwn(annotations, key) && textAt(annotations, key) !== "false";
}
