import { RE2JS } from "re2js";
import { type JsonMap, pairsAt, textAt } from "./json.ts";
import { effectiveNamespace, type Resource } from "./resource.ts";

/** Patterns are written by whoever writes the repository: they run in linear time and are no longer than names need. */
const patternLimit = 4096;

const remembered = new Map<string, RE2JS | undefined>();
const rememberedLimit = 2000;

function compiled(pattern: string): RE2JS | undefined {
  if (remembered.has(pattern)) return remembered.get(pattern);
  // A pure memory: forgetting all of it costs time only.
  if (remembered.size >= rememberedLimit) remembered.clear();
  let made: RE2JS | undefined;
  try {
    made = pattern.length > patternLimit ? undefined : RE2JS.compile(`^(?:${pattern})$`);
  } catch {
    made = undefined;
  }
  remembered.set(pattern, made);
  return made;
}

const fields = ["group", "version", "kind", "name", "namespace"] as const;

/** The first field of a target that is no regular expression, so that kustomize refuses the patch. */
export function unreadableField(target: JsonMap): string | undefined {
  return fields.find((field) => textAt(target, field) !== "" && !compiled(textAt(target, field)));
}

/**
 * Whether the target of a patch selects an object (kustomize api/resmap `Select`): every field that is there is a regular expression for the whole
 * of it; name and namespace may be those the object was written with or those it has by now; selectors look at its labels and annotations.
 */
export function selects(target: JsonMap, { original, current, value }: Resource): boolean {
  const matches = (field: (typeof fields)[number], ...texts: readonly string[]): boolean => {
    const pattern = textAt(target, field);
    return pattern === "" || texts.some((text) => compiled(pattern)?.matcher(text).find() === true);
  };
  const metadata = (value as JsonMap | null)?.metadata;
  return (
    matches("namespace", effectiveNamespace(original), effectiveNamespace(current)) &&
    matches("name", original.name, current.name) &&
    matches("group", current.group) &&
    matches("version", current.version) &&
    matches("kind", current.kind) &&
    matchesLabels(textAt(target, "labelSelector"), pairsAt(metadata, "labels")) &&
    matchesLabels(textAt(target, "annotationSelector"), pairsAt(metadata, "annotations"))
  );
}

/** The query form of a label selector (apimachinery pkg/labels `Parse`); one that cannot be read selects nothing. */
export function matchesLabels(selector: string, labels: Readonly<Record<string, string>>): boolean {
  return (selector.match(/(?:[^,(]|\([^)]*\))+/g) ?? []).every((each) => matchesTerm(each.trim(), labels));
}

function matchesTerm(term: string, labels: Readonly<Record<string, string>>): boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term);
  if (set) {
    const values = (set[3] ?? "").split(",").map((each) => each.trim());
    const value = own(labels, set[1] ?? "");
    return set[2] === "in"
      ? value !== undefined && values.includes(value)
      : value === undefined || !values.includes(value);
  }
  const equal = /^([^\s=!]+)\s*(==|=|!=)\s*(\S*)$/.exec(term);
  if (equal) return (own(labels, equal[1] ?? "") === equal[3]) === (equal[2] !== "!=");
  if (/^![^\s=!]+$/.test(term)) return own(labels, term.slice(1)) === undefined;
  return /^[^\s=!]+$/.test(term) && own(labels, term) !== undefined;
}

const own = (labels: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;
