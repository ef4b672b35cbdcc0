import { restartedAtAnnotation, stampAnnotation } from "../model/annotations.ts";
import type { WorkloadKind } from "../model/kinds.ts";
import type { PatchOperation } from "../model/object.ts";
import type { Action } from "../model/plan.ts";

/** One step of a JSON Pointer (RFC 6901). */
function escapeStep(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}

/**
 * The patch that restarts a workload: it writes the stamp, and only onto the object that was decided on. `test` refuses it as a whole
 * when uid, generation or the stamp moved. The server refuses a `test` below a map that is absent, so a template without annotations
 * gets the whole map.
 */
export function restartPatch(action: Action, kind: WorkloadKind, now: string): PatchOperation[] {
  const { guard, stamp } = action;
  const annotations = `/${[...kind.template, "metadata", "annotations"].map(escapeStep).join("/")}`;
  const values = action.restartedAt
    ? { [stampAnnotation]: stamp, [restartedAtAnnotation]: now }
    : { [stampAnnotation]: stamp };
  const identity: PatchOperation[] = [
    { op: "test", path: "/metadata/uid", value: guard.uid },
    { op: "test", path: "/metadata/generation", value: guard.generation },
  ];
  if (!guard.hasTemplateAnnotations) {
    return [
      ...identity,
      { op: "test", path: annotations, value: null },
      { op: "add", path: annotations, value: values },
    ];
  }
  const at = (key: string) => `${annotations}/${escapeStep(key)}`;
  return [
    ...identity,
    { op: "test", path: at(stampAnnotation), value: guard.stamps.direct ?? null },
    ...Object.entries(values).map(([key, value]): PatchOperation => ({ op: "add", path: at(key), value })),
  ];
}
