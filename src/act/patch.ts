import { recreateAnnotation, restartedAtAnnotation, stampAnnotation } from "../model/annotations.ts";
import type { WorkloadKind } from "../model/kinds.ts";
import type { Json, KubeObject, PatchOperation } from "../model/object.ts";
import type { Action, Guard } from "../model/plan.ts";
import { type StampPlace, strategies } from "../model/strategies.ts";

/** One step of a JSON Pointer (RFC 6901). */
function escapeStep(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}

const metadataAnnotations = "/metadata/annotations";

/** Where the annotations are that an action writes to. */
function annotationsPath(place: StampPlace, kind: WorkloadKind): string {
  const path = place === "template" ? [...kind.template, "metadata"] : ["metadata"];
  return `/${[...path, "annotations"].map(escapeStep).join("/")}`;
}

/**
 * The patch that restarts a workload: it writes the stamp, and only onto the object that was decided on. `test` refuses it as a whole
 * when uid, generation or the stamp moved. The server refuses a `test` below a map that is absent, so what has no annotations gets the
 * whole map.
 */
export function restartPatch(action: Action, kind: WorkloadKind, now: string): PatchOperation[] {
  const { guard } = action;
  const place = strategies[action.strategy].stamp;
  return [
    ...identity(guard),
    ...(place === "template" ? onTemplate(action, kind, now) : onObject(action)),
    ...(extras[action.strategy]?.(now) ?? []),
  ];
}

/** The server takes an absent member for null in a `test`, so what has no generation must have none still. */
function identity({ uid, generation }: Pick<Guard, "uid" | "generation">): PatchOperation[] {
  return [
    { op: "test", path: "/metadata/uid", value: uid },
    { op: "test", path: "/metadata/generation", value: generation ?? null },
  ];
}

/** What a strategy writes besides the stamp. `add` replaces what is there. */
const extras: Partial<Record<Action["strategy"], (now: string) => PatchOperation[]>> = {
  restart: (now) => [{ op: "add", path: "/spec/restartAt", value: restartInstant(now) }],
};

/**
 * Argo Rollouts replaces every pod that was created before `spec.restartAt`, and is done when `status.restartedAt` equals it
 * (rollout/restart.go). Times of pods are whole seconds, so the next one is the first that no pod of this second escapes; a fraction would
 * be lost on the way into the status, and the two never equal.
 */
function restartInstant(now: string): string {
  const second = 1000;
  return new Date((Math.floor(Date.parse(now) / second) + 1) * second).toISOString().replace(".000Z", "Z");
}

function onTemplate({ guard, stamp, restartedAt }: Action, kind: WorkloadKind, now: string): PatchOperation[] {
  const values = { [stampAnnotation]: stamp, ...(restartedAt ? { [restartedAtAnnotation]: now } : {}) };
  const expected = guard.metadata?.stamped ? undefined : (guard.stamps.direct ?? null);
  const write = writeAnnotations(annotationsPath("template", kind), values, guard.hasTemplateAnnotations, expected);
  if (!guard.metadata?.stamped) return write;
  // The stamp of the object, were it left, would count as the newer one.
  const stale = `${annotationsPath("object", kind)}/${escapeStep(stampAnnotation)}`;
  return [{ op: "test", path: stale, value: guard.stamps.direct ?? null }, { op: "remove", path: stale }, ...write];
}

function onObject({ guard, stamp }: Action): PatchOperation[] {
  const annotated = guard.metadata?.annotated ?? false;
  return writeAnnotations(metadataAnnotations, { [stampAnnotation]: stamp }, annotated, ownStamp(guard));
}

/** The stamp that the object itself must still have. */
function ownStamp({ metadata, stamps }: Guard): Json {
  return metadata?.stamped ? (stamps.direct ?? null) : null;
}

/** Suspends a Job and says why, under the same guard as every restart. */
export function suspendPatch({ guard, stamp }: Action): PatchOperation[] {
  const at = metadataAnnotations;
  const annotated = guard.metadata?.annotated ?? false;
  return [
    ...identity(guard),
    ...writeAnnotations(at, { [recreateAnnotation]: stamp }, annotated, ownStamp(guard)),
    { op: "add", path: "/spec/suspend", value: true },
  ];
}

/** Takes the intent from a Job that somebody else resumed. */
export function forgetPatch({ guard }: Action, intent: string): PatchOperation[] {
  const at = `${metadataAnnotations}/${escapeStep(recreateAnnotation)}`;
  return [...identity(guard), { op: "test", path: at, value: intent }, { op: "remove", path: at }];
}

/** Resumes a Job that was suspended with that intent, with the stamp it was suspended for. `job` is what is there now. */
export function resumePatch(
  { stamp, guard }: Action,
  { metadata: { generation } }: KubeObject,
  intent: string,
): PatchOperation[] {
  const at = (key: string) => `${metadataAnnotations}/${escapeStep(key)}`;
  return [
    ...identity({ ...guard, generation }),
    { op: "test", path: at(recreateAnnotation), value: intent },
    { op: "remove", path: at(recreateAnnotation) },
    { op: "add", path: at(stampAnnotation), value: stamp },
    { op: "add", path: "/spec/suspend", value: false },
  ];
}

/** `expected`: the value that the stamp must still have; `undefined`: another `test` holds it. */
function writeAnnotations(
  annotations: string,
  values: Readonly<Record<string, string>>,
  annotated: boolean,
  expected: Json | undefined,
): PatchOperation[] {
  if (!annotated) {
    return [
      { op: "test", path: annotations, value: null },
      { op: "add", path: annotations, value: { ...values } },
    ];
  }
  const at = (key: string) => `${annotations}/${escapeStep(key)}`;
  return [
    ...(expected === undefined ? [] : [{ op: "test" as const, path: at(stampAnnotation), value: expected }]),
    ...Object.entries(values).map(([key, value]): PatchOperation => ({ op: "add", path: at(key), value })),
  ];
}
