import type { Json } from "../model/object.ts";

export type JsonMap = Readonly<Record<string, Json>>;

export const isMap = (value: unknown): value is { [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The map at a key, an empty one where there is none. */
export const mapAt = (value: Json | undefined, key: string): JsonMap => {
  const each = isMap(value) ? value[key] : undefined;
  return isMap(each) ? each : {};
};

export const listAt = (value: Json | undefined, key: string): readonly Json[] => {
  const each = isMap(value) ? value[key] : undefined;
  return Array.isArray(each) ? each : [];
};

/** Text of a key; numbers and booleans as YAML writes them, nothing for anything else. */
export const textAt = (value: Json | undefined, key: string): string => {
  const each = isMap(value) ? value[key] : undefined;
  return typeof each === "string" ? each : typeof each === "number" || typeof each === "boolean" ? String(each) : "";
};

export const textsAt = (value: Json | undefined, key: string): readonly string[] =>
  listAt(value, key).filter((each) => typeof each === "string");

/** The pairs of a map whose values are text, as labels and annotations are. */
export const pairsAt = (value: Json | undefined, key: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(mapAt(value, key)).map(([name, each]) => [name, each === null ? "" : String(each)]),
  );

/** A copy of the value with another one at the path; maps on the way are made where there are none. The rest is shared. */
export function withAt(
  value: Json | undefined,
  path: readonly string[],
  replace: (old: Json | undefined) => Json,
): Json {
  const [key, ...rest] = path;
  if (key === undefined) return replace(value);
  const map = isMap(value) ? value : {};
  return { ...map, [key]: withAt(map[key], rest, replace) };
}
