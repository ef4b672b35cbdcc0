import { referencesAnnotation } from "../model/annotations.ts";
import type { FluxCondition, FluxFacts } from "../model/flux.ts";
import { dig, type KubeObject, number, objects, text } from "../model/object.ts";
import { ownerMarks } from "../model/owner-marks.ts";
import type { ConfigReference, Writable } from "./live.ts";

/** Messages of controllers may hold 20,000 characters; people read the first few lines. */
const messageLimit = 500;

/** What every object of Flux tells, and what it takes to write to it. A status that was never written observed generation -1 (the default of the CRDs). */
export function fluxFacts(object: KubeObject): FluxFacts & Writable {
  const { metadata } = object;
  const marks = ownerMarks(object);
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    uid: metadata.uid,
    annotated: metadata.annotations !== undefined,
    references: text(metadata.annotations?.[referencesAnnotation]),
    generation: metadata.generation ?? 0,
    observedGeneration: number(dig(object, "status", "observedGeneration")) ?? -1,
    suspended: dig(object, "spec", "suspend") === true,
    conditions: objects(dig(object, "status", "conditions")).flatMap(condition),
    labels: marks?.labels ?? {},
    annotations: marks?.annotations ?? {},
    lastHandledReconcileAt: text(dig(object, "status", "lastHandledReconcileAt")),
  };
}

function condition(entry: Record<string, unknown>): FluxCondition[] {
  const type = text(entry.type);
  const message = text(entry.message) ?? "";
  if (!type) return [];
  return [
    {
      type,
      status: text(entry.status) ?? "Unknown",
      reason: text(entry.reason) ?? "",
      message: message.length > messageLimit ? `${message.slice(0, messageLimit)}…` : message,
      observedGeneration: number(entry.observedGeneration),
    },
  ];
}

/** `status.inventory.entries[].id`; `undefined` where there is no inventory. */
export function inventoryOf(object: KubeObject): ReadonlySet<string> | undefined {
  const entries = dig(object, "status", "inventory", "entries");
  return Array.isArray(entries) ? new Set(entries.flatMap((entry) => text(dig(entry, "id")) ?? [])) : undefined;
}

/** References to ConfigMaps and Secrets (`valuesFrom`, `substituteFrom`), in order. */
export function configReferences(value: unknown): ConfigReference[] {
  return objects(value).flatMap(({ kind, name, optional }): ConfigReference[] =>
    (kind === "ConfigMap" || kind === "Secret") && typeof name === "string"
      ? [{ kind, name, optional: optional === true }]
      : [],
  );
}

/** The strings of a list. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}
