import { gitStampAnnotation } from "../model/annotations.ts";

/** One step of a JSON Pointer (RFC 6901). */
export function escapeStep(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}

interface Stamped {
  /** Path of the pod template. */
  readonly template: readonly string[];
  readonly valuesPath?: string;
}

/** Where the stamp of a workload goes: its own pod template, or the HelmRelease that makes it. */
export function stampPointers({ template, valuesPath }: Stamped, byHelm: boolean): string[] {
  if (byHelm) return [valuesPath === undefined ? "/spec/postRenderers" : "/spec/values"];
  const steps = [...template, "metadata", "annotations", gitStampAnnotation];
  return [steps.map((step) => `/${escapeStep(step)}`).join("")];
}
