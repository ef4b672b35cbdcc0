import { annotationKeys } from "../model/annotations.ts";
import { quote } from "../model/printable.ts";
import type { DirectiveProblem } from "../model/workload.ts";
import type { Annotations, ConfiguredKeys } from "./directives-side.ts";
import { unknownAnnotations } from "./directives-unknown.ts";
import { settingsOn, settingsProblems } from "./settings.ts";

/**
 * What the annotations of a source say that cannot mean what their author thinks: only exactly `true` counts
 * for `ignore` and `match`.
 */
export function sourceProblems(annotations: Annotations, configuredKeys: ConfiguredKeys): DirectiveProblem[] {
  if (Object.keys(annotations).length === 0) return [];
  const values = (["ignore", "match"] as const).flatMap((name): DirectiveProblem[] => {
    const [first, second] = annotationKeys(name, configuredKeys).filter((key) => Object.hasOwn(annotations, key));
    if (first === undefined) return [];
    const value = annotations[first] ?? "";
    const problems: DirectiveProblem[] = [];
    if (!["true", "false", ""].includes(value)) {
      const message = `${quote(value)} counts as false; give exactly "true", in lower case`;
      problems.push({ code: "annotation-invalid-value", path: first, message });
    }
    if (second !== undefined && annotations[second] !== value) {
      const message = `is not read, because ${first} says ${quote(value)}; keep one of the two`;
      problems.push({ code: "annotation-conflict", path: second, message });
    }
    return problems;
  });
  const settings = settingsProblems(settingsOn("source", annotations, configuredKeys));
  return [...values, ...settings, ...unknownAnnotations(annotations, configuredKeys, "source")];
}
