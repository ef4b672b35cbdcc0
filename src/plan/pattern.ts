import { RE2JS } from "re2js";
import type { Policy } from "../model/policy.ts";

/** Longest pattern that is compiled, in characters. Names have at most 253; an automaton grows with its pattern. */
export const patternLimit = 1024;

/** How a pattern binds to the borders of a name. */
export type Anchoring = Policy["anchoring"];

interface Compiled {
  readonly whole: RE2JS;
  readonly ungrouped: RE2JS;
}

const remembered = new Map<string, Compiled | string>();
const rememberedLimit = 2000;

function compile(pattern: string): Compiled | string {
  if (pattern.length > patternLimit) return `is longer than ${patternLimit} characters`;
  try {
    return { whole: RE2JS.compile(pattern), ungrouped: RE2JS.compile(`^${pattern}$`) };
  } catch (error) {
    return error instanceof Error ? error.message : "cannot be read";
  }
}

function compiled(pattern: string): Compiled | string {
  const known = remembered.get(pattern);
  if (known !== undefined) return known;
  // A pure memory: forgetting all of it costs time only.
  if (remembered.size >= rememberedLimit) remembered.clear();
  const made = compile(pattern);
  remembered.set(pattern, made);
  return made;
}

/** Why a pattern cannot be used, in the words of RE2; `undefined` where it can. Such a pattern matches nothing. */
export function patternError(pattern: string): string | undefined {
  const result = compiled(pattern);
  return typeof result === "string" ? result : undefined;
}

/**
 * Whether a RE2 pattern matches a name. `grouped`: the whole name, as `^(?:pattern)$`. `stakater`: `^pattern$` without a
 * group, so that in `a|b` the `^` binds to `a` only and the `$` to `b` only (stakater/Reloader pkg/common/common.go).
 * Case-sensitive; linear in the length of the name; an invalid pattern matches nothing.
 */
export function matches(pattern: string, name: string, anchoring: Anchoring): boolean {
  const result = compiled(pattern);
  if (typeof result === "string") return false;
  return anchoring === "grouped" ? result.whole.testExact(name) : result.ungrouped.test(name);
}

/** Whether the two ways of anchoring decide differently for this name. */
export function anchoringDiffers(pattern: string, name: string): boolean {
  return matches(pattern, name, "grouped") !== matches(pattern, name, "stakater");
}

const plainName = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * The name a pattern stands for when it is an ordinary object name. A `.` is a wildcard to RE2, but people who write a
 * name with dots mean that name, so it still counts; other names may match it too. `undefined`: a real pattern.
 */
export function literalName(pattern: string): string | undefined {
  return plainName.test(pattern) ? pattern : undefined;
}
