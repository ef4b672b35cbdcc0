import { type Fields, isFields } from "./object.ts";

/** Maps that the API leaves out of an object while they are empty. */
const omittedWhenEmpty = new Set(["labels", "annotations", "data", "binaryData", "nodeSelector", "matchLabels"]);

/** Where a null is kept: the kubelet's conditions carry `lastProbeTime: null`. */
const nullable = new Set(["lastProbeTime"]);

/**
 * The value as the API server would write it back: without nulls, empty lists and empty maps that typed decoding cannot tell from absent ones.
 * This is why an emptied annotations map equals none, and a template that lost its stamp equals the one before.
 */
export function normalize(value: Fields): Fields {
  const result: Fields = {};
  for (const [key, entry] of Object.entries(value)) {
    const kept = isFields(entry) ? normalize(entry) : Array.isArray(entry) ? entry.map(normalizeItem) : entry;
    if (kept === undefined || (kept === null && !nullable.has(key))) continue;
    if (Array.isArray(kept) && kept.length === 0) continue;
    if (isFields(kept) && Object.keys(kept).length === 0 && omittedWhenEmpty.has(key)) continue;
    Object.defineProperty(result, key, { value: kept, enumerable: true, configurable: true, writable: true });
  }
  return result;
}

function normalizeItem(item: unknown): unknown {
  return isFields(item) ? normalize(item) : item;
}
