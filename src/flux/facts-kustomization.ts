import type { KustomizationFacts, PatchEntry } from "../model/flux.ts";
import { dig, type KubeObject, objects, stringMap, text } from "../model/object.ts";
import { configReferences, fluxFacts, inventoryOf, texts } from "./facts.ts";
import type { LiveKustomization } from "./live.ts";

/** A Kustomization as the API gave it (kustomize-controller api/v1/kustomization_types.go). */
export function kustomizationFacts(object: KubeObject): LiveKustomization {
  const facts = fluxFacts(object);
  const spec = (...path: string[]) => dig(object, "spec", ...path);
  return {
    ...facts,
    path: text(spec("path")) ?? "",
    sourceRef: {
      kind: text(spec("sourceRef", "kind")) ?? "",
      namespace: text(spec("sourceRef", "namespace")) || facts.namespace,
      name: text(spec("sourceRef", "name")) ?? "",
    },
    targetNamespace: text(spec("targetNamespace")) || undefined,
    namePrefix: text(spec("namePrefix")) ?? "",
    nameSuffix: text(spec("nameSuffix")) ?? "",
    patches: objects(spec("patches")).map(patchEntry),
    components: texts(spec("components")),
    ignoreMissingComponents: spec("ignoreMissingComponents") === true,
    substitute: inlineVariables(object),
    substituteFrom: configReferences(spec("postBuild", "substituteFrom")),
    ignore: objects(spec("ignore")),
    remote: typeof spec("kubeConfig") === "object" && spec("kubeConfig") !== null,
    inventory: inventoryOf(object),
    lastAppliedRevision: text(dig(object, "status", "lastAppliedRevision")),
    lastAttemptedRevision: text(dig(object, "status", "lastAttemptedRevision")),
  };
}

function patchEntry({ target, patch }: Record<string, unknown>): PatchEntry {
  return {
    target: typeof target === "object" && target !== null ? stringMap(target) : undefined,
    patch: text(patch) ?? "",
  };
}

/**
 * The variables of the spec itself, without line breaks, as they are substituted (fluxcd/pkg kustomize/kustomize_varsub.go). Without any
 * variable nothing is substituted, unless the strategy is Always.
 */
function inlineVariables(object: KubeObject): KustomizationFacts["substitute"] {
  const postBuild = dig(object, "spec", "postBuild");
  const variables = oneLine(stringMap(dig(postBuild, "substitute")));
  const complete = configReferences(dig(postBuild, "substituteFrom")).length === 0;
  const always = dig(postBuild, "substituteStrategy") === "Always";
  return Object.keys(variables).length > 0 || !complete || always ? { variables, complete } : undefined;
}

/** Values as they are substituted. */
export function oneLine(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value.replaceAll("\n", "")]));
}
