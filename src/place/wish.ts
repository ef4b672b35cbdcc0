import { fromRoot, isRefusal, refuse, valueIn } from "../edit/address.ts";
import { findEntry, type Mark } from "../edit/patches.ts";
import { parseValuesPath } from "../edit/values.ts";
import { isMap } from "../locate/json.ts";
import { defaultLimits } from "../locate/limits.ts";
import { parseYaml } from "../locate/yaml.ts";
import { gitStampAnnotation } from "../model/annotations.ts";
import type { CommitTarget } from "../model/commit.ts";
import type { Json } from "../model/object.ts";
import type { Refusal } from "../model/refusals.ts";

/**
 * What one target asks of the object that Flux applies: a value at a path of the object, or (`renderer`) a patch for its workload among the
 * post-renderers of its HelmRelease.
 */
export interface Wish {
  readonly target: CommitTarget;
  readonly form: "object" | "renderer";
  /** From the object down, or from the workload down where a renderer patches it. */
  readonly path: readonly string[];
}

/** Refuses with `VALUES_PATH` what is no path. */
export function wishOf(target: CommitTarget): Wish | Refusal {
  const template = [...target.template, "metadata", "annotations", gitStampAnnotation];
  if (!isHelm(target)) return { target, form: "object", path: template };
  if (target.valuesPath === undefined) return { target, form: "renderer", path: template };
  const keys = parseValuesPath(target.valuesPath);
  if (keys) return { target, form: "object", path: ["spec", "values", ...keys, gitStampAnnotation] };
  const help = 'write keys with dots between them, and a key with dots in quotes: controllers.main."a.b".annotations';
  return refuse("VALUES_PATH", `${target.valuesPath} is no path: ${help}`);
}

export const isHelm = ({ owned: { object } }: CommitTarget): boolean =>
  object.group === "helm.toolkit.fluxcd.io" && object.kind === "HelmRelease";

/** The patch that gives a workload of a chart its stamp. */
export function markOf({ target, path }: Wish): Mark {
  const { apiVersion, kind, workload, stamp } = target;
  return { apiVersion, kind, name: workload.name, path, value: stamp };
}

/** The stamp that a built object gives the workload; `undefined`: none. */
export function carried(wish: Wish, value: Json): unknown {
  if (wish.form === "object") return valueIn(value, fromRoot({ document: 0 }, wish.path));
  const found = renderers(value).flatMap((each) => {
    const index = findEntry(patchesOf(each), markOf(wish), (patch) => valueIn(patch, wish.path) !== undefined);
    return index < 0 ? [] : [valueIn(parsed(valueIn(patchesOf(each), [index, "patch"])), wish.path)];
  });
  return found.at(-1);
}

/** The object without what it gives the workload, and without what holds nothing else: two objects that say the same otherwise are equal then. */
export function without(wish: Wish, value: Json): Json {
  if (wish.form === "object") return pruned(value, wish.path) ?? {};
  const left = renderers(value).flatMap((each) => {
    const patches = patchesOf(each);
    if (!patches) return [each];
    const kept = keep(wish, patches);
    return kept.length ? [{ ...each, kustomize: { ...(each.kustomize as object), patches: kept } } as Json] : [];
  });
  return (left.length ? withList(value, left) : pruned(value, ["spec", "postRenderers"])) ?? {};
}

function keep(wish: Wish, patches: readonly Json[]): Json[] {
  const index = findEntry(patches, markOf(wish), (patch) => valueIn(patch, wish.path) !== undefined);
  const entry = patches[index];
  if (!isMap(entry)) return [...patches];
  const rest = pruned(parsed(entry.patch) ?? null, wish.path);
  const others = Object.keys(isMap(rest) ? rest : {}).some((key) => !["apiVersion", "kind", "metadata"].includes(key));
  const labelled = Object.keys(isMap(rest) && isMap(rest.metadata) ? rest.metadata : {}).some((key) => key !== "name");
  const replacement = others || labelled ? [{ ...entry, patch: rest ?? null }] : [];
  return keep(wish, [...patches.slice(0, index), ...replacement, ...patches.slice(index + 1)]);
}

const renderers = (value: Json): { [key: string]: Json }[] => {
  const list = valueIn(value, ["spec", "postRenderers"]);
  return Array.isArray(list) ? list.filter(isMap) : [];
};

function patchesOf(renderer: Json): readonly Json[] | undefined {
  const list = valueIn(renderer, ["kustomize", "patches"]);
  return Array.isArray(list) ? (list as Json[]) : undefined;
}

function parsed(patch: unknown): Json | undefined {
  const file = typeof patch === "string" ? parseYaml(patch, defaultLimits) : undefined;
  return file && !isRefusal(file) && "documents" in file ? file.documents[0]?.value : undefined;
}

const withList = (value: Json, list: Json[]): Json => {
  const { spec, ...rest } = value as { [key: string]: Json };
  return { ...rest, spec: { ...(spec as { [key: string]: Json }), postRenderers: list } };
};

/** A copy without the value at a path, and without the maps on the way that are empty then. */
function pruned(value: Json, [key, ...rest]: readonly string[]): Json | undefined {
  if (key === undefined) return undefined;
  if (!isMap(value)) return value ?? undefined;
  const { [key]: inner, ...others } = value;
  const left = inner === undefined ? undefined : pruned(inner, rest);
  const result = left === undefined ? others : { ...value, [key]: left };
  return Object.keys(result).length ? result : undefined;
}
