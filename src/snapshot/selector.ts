import type { SelectorPath } from "../model/kinds.ts";
import { dig, type KubeObject, objects, stringMap, text } from "../model/object.ts";
import { compareText } from "../model/ref.ts";

type Operator = (key: string, values: readonly string[]) => string | undefined;

/** `meta/v1.LabelSelectorOperator` -> the query form of the API. */
const operators: Readonly<Record<string, Operator>> = {
  In: (key, values) => (values.length > 0 ? `${key} in (${values.join(",")})` : undefined),
  NotIn: (key, values) => (values.length > 0 ? `${key} notin (${values.join(",")})` : undefined),
  Exists: (key) => key,
  DoesNotExist: (key) => `!${key}`,
};

function expression(entry: unknown): string | undefined {
  const key = text(dig(entry, "key"));
  const operator = text(dig(entry, "operator")) ?? "";
  const values = dig(entry, "values");
  const texts = Array.isArray(values) ? values.filter((value) => typeof value === "string").sort(compareText) : [];
  return key && Object.hasOwn(operators, operator) ? operators[operator]?.(key, texts) : undefined;
}

/**
 * A `meta/v1.LabelSelector` in the query form of the API, its parts sorted. `undefined` where it is empty or a part of it
 * cannot be read: half a selector would select pods of others.
 */
function formatSelector(selector: unknown): string | undefined {
  const labels = Object.entries(stringMap(dig(selector, "matchLabels"))).map(([key, value]) => `${key}=${value}`);
  const expressions = objects(dig(selector, "matchExpressions")).map(expression);
  if (expressions.includes(undefined)) return undefined;
  return [...labels, ...expressions].sort().join(",") || undefined;
}

/** A plain map; a value that is no string makes it unreadable as a whole. */
function formatMap(map: unknown): string | undefined {
  const labels = stringMap(map);
  if (typeof map !== "object" || map === null || Object.keys(map).length !== Object.keys(labels).length)
    return undefined;
  return (
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join(",") || undefined
  );
}

const forms: Readonly<Record<SelectorPath["form"], (selector: unknown) => string | undefined>> = {
  labels: formatSelector,
  map: formatMap,
  query: (selector) => text(selector)?.trim() || undefined,
};

/** The selector of an object's pods in the query form of the API, from the first path where one can be read; see {@link SelectorPath}. */
export function readSelector(object: KubeObject, paths: readonly SelectorPath[]): string | undefined {
  for (const { path, form } of paths) {
    const found = forms[form](dig(object, ...path));
    if (found !== undefined) return found;
  }
  return undefined;
}
