import type { Json } from "../model/object.ts";
import { canonical, type Fields, isFields } from "./object.ts";

/** Members of a set of fields: the path, one element a step, as in fieldsV1 (`f:data`, `k:{"name":"app"}`), joined by a zero byte. */
export type FieldSet = ReadonlySet<string>;

const separator = "\0";

/** Lists whose items are told apart by keys, as the API's schema says (`x-kubernetes-list-map-keys`). */
const listKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  initContainers: ["name"],
  env: ["name"],
  volumes: ["name"],
  ports: ["containerPort", "protocol"],
  volumeMounts: ["mountPath"],
  volumeDevices: ["devicePath"],
  imagePullSecrets: ["name"],
  conditions: ["type"],
  ownerReferences: ["uid"],
};

/** Structures that are one field as a whole (`x-kubernetes-map-type: atomic`). */
const atomic = new Set([
  "selector",
  "nodeSelector",
  "configMapKeyRef",
  "secretKeyRef",
  "fieldRef",
  "resourceFieldRef",
  "nodeSelectorTerms",
]);

/** Structures that are always there, so nobody owns the fact that they are. */
const always = new Set([
  "f:metadata",
  "f:spec",
  "f:status",
  "f:template",
  "f:strategy",
  "f:updateStrategy",
  "f:containers",
]);

/** Metadata that the server writes and nobody owns. */
const serverOwned = new Set([
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "managedFields",
]);

/** Every field of an object that can be owned, with text that is equal for equal values. */
export function ownableFields(object: Fields): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(object)) {
    if (name === "apiVersion" || name === "kind" || value === undefined) continue;
    if (name !== "metadata") collect(found, [`f:${name}`], name, value);
    else if (isFields(value)) {
      for (const [key, entry] of Object.entries(value)) {
        if (!serverOwned.has(key) && entry !== undefined) collect(found, ["f:metadata", `f:${key}`], key, entry);
      }
    }
  }
  return found;
}

function collect(found: Map<string, string>, path: readonly string[], name: string, value: unknown): void {
  const last = path.at(-1) ?? "";
  const children = childrenOf(name, value);
  if (!children) {
    found.set(path.join(separator), canonical(value));
    return;
  }
  if (!always.has(last)) found.set(path.join(separator), "");
  for (const [step, childName, child] of children) collect(found, [...path, step], childName, child);
}

type Child = readonly [step: string, name: string, value: unknown];

function childrenOf(name: string, value: unknown): Child[] | undefined {
  if (Array.isArray(value)) {
    const keys = Object.hasOwn(listKeys, name) ? listKeys[name] : undefined;
    return keys && value.every(isFields) ? value.map((item) => listItem(name, keys, item)) : undefined;
  }
  if (!isFields(value) || atomic.has(name) || name === "item of ownerReferences") return undefined;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return entries.length === 0 ? undefined : entries.map(([key, entry]) => [`f:${key}`, key, entry]);
}

function listItem(list: string, keys: readonly string[], item: Fields): Child {
  const key = Object.fromEntries(keys.filter((each) => each in item).map((each) => [each, item[each]]));
  return [`k:${canonical(key)}`, `item of ${list}`, item];
}

interface Tree {
  [step: string]: Tree;
}

/** The set as `fieldsV1`: a member with members below it carries `.`. */
export function encodeFields(set: FieldSet): Json {
  const root: Tree = {};
  const nodes = new Map<string, Tree>([["", root]]);
  const members = [...set].sort();
  for (const member of members) grow(nodes, root, member.split(separator));
  for (const member of members) {
    const node = nodes.get(member);
    if (node && Object.keys(node).length > 0) node["."] = {};
  }
  return sorted(root);
}

function grow(nodes: Map<string, Tree>, root: Tree, steps: readonly string[]): void {
  let at = root;
  for (const [depth, step] of steps.entries()) {
    at[step] ??= {};
    at = at[step];
    nodes.set(steps.slice(0, depth + 1).join(separator), at);
  }
}

function sorted(tree: Tree): { [step: string]: Json } {
  return Object.fromEntries(
    Object.keys(tree)
      .sort()
      .map((step) => [step, sorted(tree[step] ?? {})]),
  );
}

/** The inverse of {@link encodeFields}. */
export function decodeFields(fieldsV1: unknown): Set<string> {
  const members = new Set<string>();
  const walk = (node: unknown, path: readonly string[]) => {
    const steps = isFields(node) ? Object.keys(node) : [];
    if (path.length > 0 && (steps.length === 0 || steps.includes("."))) members.add(path.join(separator));
    for (const step of steps) if (step !== "." && isFields(node)) walk(node[step], [...path, step]);
  };
  walk(fieldsV1, []);
  return members;
}
