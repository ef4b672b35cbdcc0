import type { KustomizationFacts, PatchEntry } from "../model/flux.ts";
import type { Json } from "../model/object.ts";
import type { Refusal } from "../model/refusals.ts";
import { isMap, listAt, mapAt, pairsAt, textAt, textsAt } from "./json.ts";
import { Refused } from "./limits.ts";
import { kindsOf, objectsOf } from "./objects.ts";
import { joined } from "./path.ts";
import type { Reader } from "./reader.ts";
import type { Resource } from "./resource.ts";
import { Trace } from "./trace.ts";

export const fluxGroup = "kustomize.toolkit.fluxcd.io";

/** A Flux Kustomization as a file of the tree has it: nothing of what a parent changes is in it. */
export interface Manifest extends Pick<Resource, "path" | "document" | "item"> {
  readonly facts: KustomizationFacts;
}

/**
 * Every Flux Kustomization that is written anywhere in the tree, of this cluster and of others, whether something reaches it or not. Files that cannot
 * be read are passed over: they define nothing for Flux either.
 */
export function manifests(reader: Reader): readonly Manifest[] | Refusal {
  const kinds = { ...kindsOf(new Set(["Kustomization"])), mention: /kustomize\.toolkit\.fluxcd\.io/ };
  const trace = new Trace(reader.limits);
  try {
    const found: Manifest[] = [];
    for (const file of yamlFiles(reader, trace, "", 0))
      for (const { path, document, item, original, written } of objectsOf(reader, trace, file, kinds))
        if (original.group === fluxGroup && isWhole(written))
          found.push({ path, document, item, facts: kustomizationFacts(written) });
    return found;
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

/** A strategic merge patch of a Flux Kustomization looks like one, but for what every one must have. */
const isWhole = (value: Json): boolean => textAt(mapAt(mapAt(value, "spec"), "sourceRef"), "name") !== "";

function yamlFiles(reader: Reader, trace: Trace, directory: string, depth: number): string[] {
  trace.depth(depth, directory);
  const found: string[] = [];
  for (const { name, is } of reader.list(directory) ?? []) {
    const path = joined(directory, name);
    if (is === "file" && /\.(?:ya?ml|json)$/.test(name)) found.push(path);
    if (is === "directory") found.push(...yamlFiles(reader, trace, path, depth + 1));
  }
  return found;
}

/** The facts of a Flux Kustomization as it is written or built: like those of a live one, without a status. */
export function kustomizationFacts(value: Json): KustomizationFacts {
  const metadata = mapAt(value, "metadata");
  const spec = isMap(value) ? (value.spec ?? null) : null;
  const namespace = textAt(metadata, "namespace") || "flux-system";
  const source = mapAt(spec, "sourceRef");
  return {
    ...{ namespace, name: textAt(metadata, "name"), path: textAt(spec, "path") },
    ...{ generation: 0, observedGeneration: 0, conditions: [], lastHandledReconcileAt: undefined },
    suspended: isMap(spec) && spec.suspend === true,
    labels: pairsAt(metadata, "labels"),
    annotations: pairsAt(metadata, "annotations"),
    sourceRef: {
      kind: textAt(source, "kind"),
      namespace: textAt(source, "namespace") || namespace,
      name: textAt(source, "name"),
    },
    targetNamespace: textAt(spec, "targetNamespace") || undefined,
    namePrefix: textAt(spec, "namePrefix"),
    nameSuffix: textAt(spec, "nameSuffix"),
    patches: listAt(spec, "patches").map(patchEntry),
    components: textsAt(spec, "components"),
    ignoreMissingComponents: isMap(spec) && spec.ignoreMissingComponents === true,
    substitute: substitute(spec),
    ignore: listAt(spec, "ignore"),
    remote: isMap(spec) && isMap(spec.kubeConfig),
    ...{ inventory: undefined, lastAppliedRevision: undefined, lastAttemptedRevision: undefined },
  };
}

const patchEntry = (value: Json): PatchEntry => ({
  target: isMap(value) && isMap(value.target) ? pairsAt(value, "target") : undefined,
  patch: textAt(value, "patch"),
});

function substitute(spec: Json): KustomizationFacts["substitute"] {
  const postBuild = mapAt(spec, "postBuild");
  const complete = listAt(postBuild, "substituteFrom").length === 0;
  const variables = pairsAt(postBuild, "substitute");
  return complete && Object.keys(variables).length === 0 ? undefined : { variables, complete };
}
