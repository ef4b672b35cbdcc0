import { dig, objects, stringMap, text } from "../model/object.ts";
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
export function formatSelector(selector: unknown): string | undefined {
  const labels = Object.entries(stringMap(dig(selector, "matchLabels"))).map(([key, value]) => `${key}=${value}`);
  const expressions = objects(dig(selector, "matchExpressions")).map(expression);
  if (expressions.includes(undefined)) return undefined;
  return [...labels, ...expressions].sort().join(",") || undefined;
}
