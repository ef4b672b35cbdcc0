import { gitStampAnnotation, stampAnnotation } from "../model/annotations.ts";
import { batchFacts } from "../model/batch.ts";
import { PortError } from "../model/errors.ts";
import { observedGeneration, podTemplate, type WorkloadKind } from "../model/kinds.ts";
import { dig, type KubeObject, number, objects, stringMap, text } from "../model/object.ts";
import { ownerMarks } from "../model/owner-marks.ts";
import type { Policy } from "../model/policy.ts";
import { compareText, formatRef } from "../model/ref.ts";
import { toldRevision } from "../model/revision.ts";
import { stampsObject } from "../model/strategies.ts";
import type { Use, Workload } from "../model/workload.ts";
import type { Annotations } from "./directives-side.ts";
import { readSelector } from "./selector.ts";
import { createSharing, type Sharing } from "./sharing.ts";
import { directivesOf, tellingAnnotations } from "./template.ts";
import { templateUses } from "./uses.ts";

/** The name under which reroll itself writes. */
const ownManager = "reroll";

/** `OnDelete` exists for StatefulSets and DaemonSets, `partition` for StatefulSets (`apps/v1`); replicas default to 1. */
function manualReason(object: KubeObject, { name }: WorkloadKind): Workload["manual"] {
  if (name === "DeploymentConfig") return hasConfigTrigger(object) ? undefined : "NoTrigger";
  if (dig(object, "spec", "updateStrategy", "type") === "OnDelete") return "OnDelete";
  const partition = number(dig(object, "spec", "updateStrategy", "rollingUpdate", "partition")) ?? 0;
  const replicas = number(dig(object, "spec", "replicas")) ?? 1;
  return partition > 0 && replicas > 0 && partition >= replicas ? "Partition" : undefined;
}

/** No list of triggers at all is defaulted to a ConfigChange trigger (openshift `apps/v1` defaults); an empty one is not. */
function hasConfigTrigger(object: KubeObject): boolean {
  const triggers = dig(object, "spec", "triggers");
  return !Array.isArray(triggers) || triggers.some((trigger) => dig(trigger, "type") === "ConfigChange");
}

/** What keeps an Argo Rollout from getting a new template, although nothing keeps its pods from being restarted in place. */
function holdsOf(object: KubeObject, { name }: WorkloadKind): Workload["holds"] {
  if (name !== "Rollout") return undefined;
  const hold = (message: string) => ({ rollout: { reason: "paused" as const, message } });
  if (dig(object, "status", "abort") === true) {
    return hold(
      "its last update was aborted, and a new template would bring the aborted version back; it is restarted once that is settled",
    );
  }
  const waits = objects(dig(object, "status", "pauseConditions")).length > 0;
  return waits
    ? hold(
        "a canary or a preview waits to be promoted, and a new template would begin it anew; it is restarted after that",
      )
    : undefined;
}

function borrowedTemplate(object: KubeObject, { borrows: path }: WorkloadKind): Workload["borrows"] {
  const reference = path && dig(object, ...path);
  const [apiVersion, kind, name] = ["apiVersion", "kind", "name"].map((field) => text(dig(reference, field)));
  return apiVersion && kind && name ? { apiVersion, kind, name } : undefined;
}

/** Field managers but our own that own something at a place below the pod template. */
function managersOf(object: KubeObject, kind: WorkloadKind, ...below: string[]): string[] {
  const path = [...kind.template, ...below].map((step) => `f:${step}`);
  const entries: unknown = dig(object, "metadata", "managedFields");
  const managers = (Array.isArray(entries) ? entries : [])
    .filter((entry) => dig(entry, "fieldsV1", ...path) !== undefined)
    .flatMap((entry) => text(dig(entry, "manager")) ?? []);
  return [...new Set(managers)].filter((manager) => manager !== ownManager).sort(compareText);
}

/** What a pod template uses. */
export function readUses(template: unknown, sharing: Sharing): Use[] {
  return templateUses(template).map((use) => sharedUse(use, sharing));
}

function sharedUse({ keys, where, ...use }: Use, sharing: Sharing): Use {
  return { ...use, keys: keys === "*" ? keys : sharing.texts(keys), where: sharing.text(where) };
}

/** The stamps, and where the direct one stands. */
function stampsOf(
  object: KubeObject,
  kind: WorkloadKind,
  onObject: Annotations,
  onTemplate: Annotations,
): Pick<Workload, "stamps" | "metadata"> {
  const onItself = stampsObject(kind) ? onObject[stampAnnotation] : undefined;
  const stamps = { direct: onItself ?? onTemplate[stampAnnotation], git: onTemplate[gitStampAnnotation] };
  if (!stampsObject(kind)) return { stamps };
  return {
    stamps,
    metadata: { annotated: object.metadata.annotations !== undefined, stamped: onItself !== undefined },
  };
}

/**
 * Reads a workload as the API gave it. Throws a `PortError` `bad-answer` that names the object and what is missing, where
 * it lacks what every workload has: name, uid, pod template, or a selector (one that selects every pod is none; of kinds that were only
 * configured it may be missing). What a borrowed template says is not known here: see `borrowed.ts`. Workloads that are read with one
 * `sharing` share what they have in common.
 */
export function readWorkload(
  object: KubeObject,
  kind: WorkloadKind,
  policy: Policy,
  sharing: Sharing = createSharing(),
): Workload {
  const name = text(dig(object, "metadata", "name")) || "?";
  const namespace = sharing.text(text(dig(object, "metadata", "namespace")) ?? "");
  const ref = { kind: kind.name, namespace, name };
  const uid = text(dig(object, "metadata", "uid"));
  const template = podTemplate(object, kind);
  const podSelector = readSelector(object, kind.selectors) ?? "";
  const borrows = borrowedTemplate(object, kind);
  const holds = holdsOf(object, kind);
  const annotations = dig(template, "metadata", "annotations");
  const lacks = (what: string): PortError =>
    new PortError("bad-answer", `${formatRef(ref)} came without ${what}; it is left alone in this run`);
  if (name === "?") throw lacks("a name");
  if (!uid) throw lacks("a uid");
  if (!borrows && (typeof template !== "object" || template === null)) throw lacks("a pod template");
  const needsSelector = !borrows && !kind.health && kind.selectors.length > 0;
  if (!podSelector && needsSelector) throw lacks("a selector that can be read");
  const ownAnnotations = stringMap(dig(object, "metadata", "annotations"));
  const generation = number(dig(object, "metadata", "generation"));
  const batch = batchFacts(object, kind);
  const templateAnnotations = stringMap(annotations);
  const marks = ownerMarks(object);
  const stampOwners = managersOf(object, kind, "metadata", "annotations", stampAnnotation);
  return {
    ref,
    uid,
    generation,
    observedGeneration: observedGeneration(object, kind),
    hasTemplateAnnotations: typeof annotations === "object" && annotations !== null,
    templateAnnotations: tellingAnnotations(templateAnnotations, policy),
    ...stampsOf(object, kind, ownAnnotations, templateAnnotations),
    uses: readUses(template, sharing),
    directives: directivesOf(ownAnnotations, templateAnnotations, policy, sharing),
    paused: dig(object, "spec", "paused") === true,
    manual: manualReason(object, kind),
    podSelector,
    ...(batch ? { batch } : {}),
    revision: toldRevision(kind, object),
    templateManagers: sharing.texts(managersOf(object, kind)),
    ...(marks ? { marks } : {}),
    ...(stampOwners.length > 0 ? { stampOwners: sharing.texts(stampOwners) } : {}),
    ...(borrows ? { borrows } : {}),
    ...(holds ? { holds } : {}),
  };
}
