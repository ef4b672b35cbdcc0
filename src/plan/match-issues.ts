import type { Issue } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { quote } from "../model/printable.ts";
import { compareText, formatRef, type SourceKind, type SourceRef, sourceKinds } from "../model/ref.ts";
import type { NamePattern } from "../model/workload.ts";
import type { Asking } from "./match.ts";
import { anchoringDiffers, matches, patternError } from "./pattern.ts";

/** Names quoted in one issue. */
const quotedNames = 3;

/**
 * What the named lists of a workload say that does not mean what their author thinks: patterns RE2 cannot read, each
 * reported once, and patterns that Stakater's way of anchoring would decide differently for one of the sources given
 * (those of other namespaces are passed over). Sorted by kind of source, then in the order of the list.
 */
export function namedListIssues(
  workload: Asking,
  sources: Iterable<{ readonly ref: SourceRef }>,
  policy: Policy,
): Issue[] {
  const { ref, directives } = workload;
  if (sourceKinds.every((kind) => directives.byKind[kind].named.length === 0)) return [];
  const present = [...sources].map((source) => source.ref).filter(({ namespace }) => namespace === ref.namespace);
  return sourceKinds.flatMap((kind) => {
    const patterns = new Map(directives.byKind[kind].named.map((pattern) => [pattern.text, pattern]));
    const names = present.filter((source) => source.kind === kind).map(({ name }) => name);
    return [...patterns.values()].flatMap((pattern): Issue[] => {
      const found = invalid(pattern) ?? differs(pattern, kind, names, policy);
      return found ? [{ ...found, path: `${formatRef(ref)} ${pattern.annotation}` }] : [];
    });
  });
}

function invalid({ text }: NamePattern): Omit<Issue, "path"> | undefined {
  const error = patternError(text);
  if (error === undefined) return undefined;
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  const hint = text === "*" ? "write .* to name everything" : "correct it; the other elements of the list still count";
  return { code: "invalid-pattern", message: `${quote(shown)} names nothing: ${error}; ${hint}` };
}

function differs(
  { text }: NamePattern,
  kind: SourceKind,
  names: readonly string[],
  policy: Policy,
): Omit<Issue, "path"> | undefined {
  // Only an alternative or a quotation can swallow or escape an anchor.
  if (policy.anchoring === "stakater" || !/\||\\Q/.test(text)) return undefined;
  const concerned = names.filter((name) => anchoringDiffers(text, name)).sort(compareText);
  const [first] = concerned;
  if (first === undefined) return undefined;
  const more = concerned.length > quotedNames ? ` and ${concerned.length - quotedNames} more` : "";
  const verb = matches(text, first, "grouped") ? "is named here, not by" : "is not named here, but is by";
  const shown = concerned.slice(0, quotedNames).join(", ");
  const message = `${quote(text)} must match a whole name: ${kind} ${shown}${more} ${verb} Stakater Reloader, which reads it as ^${text}$; write the names out, or set anchoring to stakater`;
  return { code: "anchoring-differs", message };
}
