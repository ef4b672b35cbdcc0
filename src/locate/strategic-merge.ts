import type { Json } from "../model/object.ts";
import { isMap } from "./json.ts";

/** Keys by which lists of pods and of what holds them are merged (`x-kubernetes-patch-merge-key` of the Kubernetes API). */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  ephemeralContainers: "name",
  volumes: "name",
  env: "name",
  volumeMounts: "mountPath",
  volumeDevices: "devicePath",
  ports: "containerPort",
  imagePullSecrets: "name",
  hostAliases: "ip",
  topologySpreadConstraints: "topologyKey",
  resourceClaims: "name",
  schedulingGates: "name",
  conditions: "type",
  ownerReferences: "uid",
};

/** Kinds whose lists have keys: those of Kubernetes itself. Lists of every other kind are replaced. */
export const isBuiltIn = (group: string): boolean =>
  ["", "apps", "batch", "autoscaling", "policy", "extensions"].includes(group) || group.endsWith(".k8s.io");

/**
 * Applies a strategic merge patch as kustomize does (kyaml/yaml/merge2): maps merge, `null` takes away, `$patch: delete` and `replace` do what they
 * say, lists merge by key where `keyed` and the list has one, those of the patch first, and are replaced elsewhere. `undefined`: nothing is left.
 * Neither argument is changed; what is not patched is shared.
 */
export function strategicMerge(value: Json | undefined, patch: Json, keyed: boolean): Json | undefined {
  return merge(value, patch, keyed, "");
}

function merge(value: Json | undefined, patch: Json, keyed: boolean, field: string): Json | undefined {
  if (patch === null) return undefined;
  if (Array.isArray(patch)) return mergeList(value, patch, keyed, field);
  if (!isMap(patch)) return patch;
  const { $patch: directive, ...fields } = patch;
  if (directive === "delete") return undefined;
  const base = directive !== "replace" && isMap(value) ? value : {};
  if (directive === "replace") return clean(fields);
  const result: { [key: string]: Json } = { ...base };
  for (const [key, each] of Object.entries(fields)) {
    const merged = merge(base[key], each, keyed, key);
    if (merged === undefined) delete result[key];
    else result[key] = merged;
  }
  return result;
}

function mergeList(value: Json | undefined, patch: readonly Json[], keyed: boolean, field: string): Json {
  const key = keyed ? keyFor(field, patch) : undefined;
  if (key === undefined || !Array.isArray(value)) return patch.filter(stays).map(clean);
  // kyaml starts from the patch's list, so its order comes first (merge2 with `MergeOptionsListPrepend`).
  const left: (Json | undefined)[] = [...value];
  const first: Json[] = [];
  for (const each of patch) {
    const at = left.findIndex((old) => sameElement(old, each, key));
    if (isMap(each) && each.$patch === "replace") continue;
    const merged = at < 0 ? (stays(each) ? clean(each) : undefined) : merge(left[at], each, keyed, "");
    if (at >= 0) left[at] = undefined;
    if (merged !== undefined) first.push(merged);
  }
  return [...first, ...left.filter((each) => each !== undefined)];
}

function keyFor(field: string, patch: readonly Json[]): string | undefined {
  const key = Object.hasOwn(mergeKeys, field) ? mergeKeys[field] : undefined;
  if (key === undefined) return undefined;
  if (field === "ports" && patch.some((each) => isMap(each) && each.containerPort === undefined)) return "port";
  return key;
}

/** Ports of one number and two protocols are two. */
const sameElement = (a: Json | undefined, b: Json, key: string): boolean =>
  isMap(a) &&
  isMap(b) &&
  a[key] === b[key] &&
  (a.protocol === undefined || b.protocol === undefined || a.protocol === b.protocol);

const stays = (each: Json): boolean => !(isMap(each) && (each.$patch === "delete" || each.$patch === "replace"));

/** What a patch adds, without its directives and its nulls. */
function clean(value: Json): Json {
  if (Array.isArray(value)) return value.filter(stays).map(clean);
  if (!isMap(value)) return value;
  const entries = Object.entries(value).filter(([key, each]) => key !== "$patch" && each !== null);
  return Object.fromEntries(entries.map(([key, each]) => [key, clean(each)]));
}
