import { gitStampAnnotation, stampAnnotation } from "../model/annotations.ts";
import { PortError } from "../model/errors.ts";
import { podTemplate, type WorkloadKind } from "../model/kinds.ts";
import { dig, type KubeObject, number, stringMap, text } from "../model/object.ts";
import type { Policy } from "../model/policy.ts";
import { compareText, formatRef } from "../model/ref.ts";
import type { Directives, Workload } from "../model/workload.ts";
import { readDirectives } from "./directives.ts";
import type { Annotations } from "./directives-side.ts";
import { unknownAnnotations } from "./directives-unknown.ts";
import { formatSelector } from "./selector.ts";
import { templateUses } from "./uses.ts";

/** The name under which reroll itself writes. */
const ownManager = "reroll";

type Revision = (object: KubeObject) => string | undefined;

/** Where a kind tells its current revision; kinds without a row do not. */
const revisions: Readonly<Record<string, Revision>> = {
  Deployment: (object) => text(dig(object, "metadata", "annotations", "deployment.kubernetes.io/revision")),
  StatefulSet: (object) => text(dig(object, "status", "updateRevision")),
};

/** `OnDelete` exists for StatefulSets and DaemonSets, `partition` for StatefulSets (`apps/v1`); replicas default to 1. */
function manualReason(object: KubeObject): Workload["manual"] {
  if (dig(object, "spec", "updateStrategy", "type") === "OnDelete") return "OnDelete";
  const partition = number(dig(object, "spec", "updateStrategy", "rollingUpdate", "partition")) ?? 0;
  const replicas = number(dig(object, "spec", "replicas")) ?? 1;
  return partition > 0 && replicas > 0 && partition >= replicas ? "Partition" : undefined;
}

function templateManagers(object: KubeObject, kind: WorkloadKind): string[] {
  const path = kind.template.map((step) => `f:${step}`);
  const entries: unknown = dig(object, "metadata", "managedFields");
  const managers = (Array.isArray(entries) ? entries : [])
    .filter((entry) => dig(entry, "fieldsV1", ...path) !== undefined)
    .flatMap((entry) => text(dig(entry, "manager")) ?? []);
  return [...new Set(managers)].filter((manager) => manager !== ownManager).sort(compareText);
}

/** The directives, with the annotations nobody reads among their problems: a misspelt one looks like one that has no effect. */
function directivesOf(onWorkload: Annotations, onTemplate: Annotations, { annotationKeys }: Policy): Directives {
  const directives = readDirectives(onWorkload, onTemplate, annotationKeys);
  const unknown = unknownAnnotations({ ...onTemplate, ...onWorkload }, annotationKeys, "workload");
  return unknown.length === 0 ? directives : { ...directives, problems: [...directives.problems, ...unknown] };
}

/**
 * Reads a workload as the API gave it. Throws a `PortError` `bad-answer` that names the object and what is missing, where
 * it lacks what every workload has: name, uid, pod template, or a selector (one that selects every pod is none).
 */
export function readWorkload(object: KubeObject, kind: WorkloadKind, policy: Policy): Workload {
  const name = text(dig(object, "metadata", "name")) || "?";
  const ref = { kind: kind.kind, namespace: text(dig(object, "metadata", "namespace")) ?? "", name };
  const uid = text(dig(object, "metadata", "uid"));
  const template = podTemplate(object, kind);
  const podSelector = formatSelector(dig(object, "spec", "selector"));
  const annotations = dig(template, "metadata", "annotations");
  const lacks = (what: string): PortError =>
    new PortError("bad-answer", `${formatRef(ref)} came without ${what}; it is left alone in this run`);
  if (name === "?") throw lacks("a name");
  if (!uid) throw lacks("a uid");
  if (typeof template !== "object" || template === null) throw lacks("a pod template");
  if (!podSelector) throw lacks("a selector that can be read");
  const templateAnnotations = stringMap(annotations);
  return {
    ref,
    uid,
    generation: number(dig(object, "metadata", "generation")) ?? 0,
    observedGeneration: number(dig(object, "status", "observedGeneration")) ?? 0,
    hasTemplateAnnotations: typeof annotations === "object" && annotations !== null,
    stamps: { direct: templateAnnotations[stampAnnotation], git: templateAnnotations[gitStampAnnotation] },
    uses: templateUses(template),
    directives: directivesOf(stringMap(dig(object, "metadata", "annotations")), templateAnnotations, policy),
    paused: dig(object, "spec", "paused") === true,
    manual: manualReason(object),
    podSelector,
    revision: revisions[kind.kind]?.(object),
    templateManagers: templateManagers(object, kind),
  };
}
