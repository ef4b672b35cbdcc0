import type { Json } from "../model/object.ts";
import { isMap, type JsonMap, listAt, pairsAt, textAt, textsAt } from "./json.ts";

/** One entry of `patches` or its older forms, before its text is read. */
export interface PatchSource {
  readonly field: "patches" | "patchesStrategicMerge" | "patchesJson6902";
  readonly index: number;
  readonly target: JsonMap | undefined;
  /** A file, or a text, or (`either`) whichever it is: `patchesStrategicMerge` has both in one list. */
  readonly file: string | undefined;
  readonly text: string | undefined;
  readonly either: string | undefined;
  readonly options: JsonMap;
}

/** `kustomize.config.k8s.io` Kustomization and Component, as far as it decides what is built (kustomize api/types/kustomization.go). */
export interface KustomizationFile {
  readonly kind: "Kustomization" | "Component";
  /** `resources` and the older `bases`, which kustomize appends to them. */
  readonly resources: readonly string[];
  readonly components: readonly string[];
  readonly namespace: string;
  readonly namePrefix: string;
  readonly nameSuffix: string;
  /** In the order of kustomize: strategic merges of the older form, then `patches`. */
  readonly patches: readonly PatchSource[];
  /** Applied after names and namespaces have changed. */
  readonly latePatches: readonly PatchSource[];
  readonly labels: readonly LabelRule[];
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly replicas: readonly { readonly name: string; readonly count: Json }[];
  readonly images: readonly ImageRule[];
  /** What makes objects: the field, and a name for people. */
  readonly generators: readonly { readonly field: string; readonly name: string }[];
  /** Fields that change objects in ways that are not followed. */
  readonly unfollowed: readonly string[];
}

/** `labels`, or `commonLabels`, which go everywhere. */
export interface LabelRule {
  readonly pairs: Readonly<Record<string, string>>;
  readonly selectors: boolean;
  readonly templates: boolean;
}

/** `images`. */
export interface ImageRule {
  readonly name: string;
  readonly newName: string;
  readonly newTag: string;
  readonly digest: string;
}

const generators = [
  "configMapGenerator",
  "secretGenerator",
  "helmCharts",
  "helmChartInflationGenerator",
  "generators",
] as const;
const unfollowed = ["transformers", "replacements", "vars", "validators"] as const;

/** The names kustomize looks for, in its order (api/konfig `RecognizedKustomizationFileNames`). */
export const fileNames: readonly string[] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** Reads a parsed kustomization file; text where kustomize would refuse it. */
export function kustomizationFile(value: Json): KustomizationFile | string {
  if (value === null) return emptyFile;
  if (!isMap(value)) return "it is no map";
  const kind = textAt(value, "kind") || "Kustomization";
  if (kind !== "Kustomization" && kind !== "Component") return `its kind is ${kind}, not Kustomization or Component`;
  return {
    kind,
    resources: [...textsAt(value, "resources"), ...textsAt(value, "bases")],
    components: textsAt(value, "components"),
    namespace: textAt(value, "namespace"),
    namePrefix: textAt(value, "namePrefix"),
    nameSuffix: textAt(value, "nameSuffix"),
    patches: [...merges(value), ...entries(value, "patches")],
    latePatches: entries(value, "patchesJson6902"),
    labels: labelRules(value),
    commonAnnotations: pairsAt(value, "commonAnnotations"),
    replicas: listAt(value, "replicas").map((each) => ({
      name: textAt(each, "name"),
      count: isMap(each) ? (each.count ?? 0) : 0,
    })),
    images: [...listAt(value, "images"), ...listAt(value, "imageTags")].map((each) => ({
      name: textAt(each, "name"),
      newName: textAt(each, "newName"),
      newTag: textAt(each, "newTag"),
      digest: textAt(each, "digest"),
    })),
    generators: generators.flatMap((field) =>
      listAt(value, field).map((each) => ({ field, name: typeof each === "string" ? each : textAt(each, "name") })),
    ),
    unfollowed: unfollowed.filter((field) => listAt(value, field).length > 0),
  };
}

const merges = (value: Json): PatchSource[] =>
  listAt(value, "patchesStrategicMerge").map((each, index) => ({
    ...{ field: "patchesStrategicMerge", index, target: undefined, file: undefined, text: undefined, options: {} },
    either: typeof each === "string" ? each : JSON.stringify(each),
  }));

const entries = (value: Json, field: "patches" | "patchesJson6902"): PatchSource[] =>
  listAt(value, field).map((each, index) => {
    const target = isMap(each) && isMap(each.target) ? each.target : undefined;
    const options = isMap(each) && isMap(each.options) ? each.options : {};
    const file = textAt(each, "path") || undefined;
    return { field, index, target, file, text: file ? undefined : textAt(each, "patch"), either: undefined, options };
  });

function labelRules(value: Json): LabelRule[] {
  const rules = listAt(value, "labels").map((each) => ({
    pairs: pairsAt(each, "pairs"),
    selectors: isMap(each) && each.includeSelectors === true,
    templates: isMap(each) && (each.includeTemplates === true || each.includeSelectors === true),
  }));
  const common = pairsAt(value, "commonLabels");
  return Object.keys(common).length ? [...rules, { pairs: common, selectors: true, templates: true }] : rules;
}

/** A kustomization without anything. */
export const emptyFile: KustomizationFile = {
  ...{ kind: "Kustomization", resources: [], components: [], namespace: "", namePrefix: "", nameSuffix: "" },
  ...{ patches: [], latePatches: [], labels: [], commonAnnotations: {}, replicas: [], images: [] },
  ...{ generators: [], unfollowed: [] },
};
