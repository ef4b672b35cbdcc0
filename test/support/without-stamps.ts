import { gitStampAnnotation } from "../../src/model/annotations.ts";
import type { Json } from "../../src/model/object.ts";

/** An object without our annotation, without patches that hold it, and without whatever is empty then; its keys are sorted. */
export function withoutStamps(value: Json): Json {
  return strip(value) ?? null;
}

function strip(value: Json): Json | undefined {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const left = value.map(strip).filter((each) => each !== undefined);
    return left.length || value.length === 0 ? left : undefined;
  }
  if (typeof value.patch === "string" && value.patch.includes(gitStampAnnotation)) return undefined;
  const entries = Object.entries(value).flatMap(([key, each]) => {
    const left = key === gitStampAnnotation ? undefined : strip(each);
    return left === undefined ? [] : [[key, left] as const];
  });
  if (entries.length === 0 && Object.keys(value).length > 0) return undefined;
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
