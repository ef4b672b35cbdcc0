import { RE2JS } from "re2js";
import type { KustomizationFacts, ObjectId } from "../model/flux.ts";
import { dig, text } from "../model/object.ts";
import { texts } from "./facts.ts";

/** Longest pattern that is compiled; names have at most 253 characters. */
const patternLimit = 1024;

const fields = ["group", "version", "kind", "name", "namespace"] as const;

/**
 * The path of a rule of `spec.ignore` that keeps one of these fields of an object from being applied (JSON Pointers, RFC 6901); `undefined`:
 * none does. A rule covers what is at its path and below, and its target is matched as a whole by regular expressions (fluxcd/pkg
 * ssa/jsondiff). Where a target selects by labels or annotations, or cannot be read, nobody here knows, so it counts.
 */
export function ignoredPath(
  { ignore }: Pick<KustomizationFacts, "ignore">,
  object: ObjectId,
  pointers: readonly string[],
): string | undefined {
  for (const rule of ignore) {
    if (!targets(dig(rule, "target"), object)) continue;
    const path = texts(dig(rule, "paths")).find((each) => pointers.some((pointer) => overlaps(each, pointer)));
    if (path !== undefined) return path;
  }
  return undefined;
}

function overlaps(rule: string, pointer: string): boolean {
  return rule === "" || isAtOrBelow(pointer, rule) || isAtOrBelow(rule, pointer);
}

function isAtOrBelow(pointer: string, above: string): boolean {
  return pointer === above || pointer.startsWith(`${above}/`);
}

function targets(target: unknown, object: ObjectId): boolean {
  return fields.every((field) => {
    const pattern = text(dig(target, field));
    // The version that the object is written in is not known here.
    return !pattern || field === "version" || matchesWhole(pattern, object[field]);
  });
}

function matchesWhole(pattern: string, value: string): boolean {
  if (pattern.length > patternLimit) return true;
  try {
    return RE2JS.compile(pattern).testExact(value);
  } catch {
    return true;
  }
}
