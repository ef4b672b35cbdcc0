/** Tells what is wrong with a value, by path; nothing where it is as it should be. */
export type Shape = (value: unknown, path: string) => string[];

/** A string that `accepts` takes. */
export const string =
  (accepts: RegExp | undefined = undefined): Shape =>
  (value, path) =>
    typeof value === "string" && (accepts?.test(value) ?? true) ? [] : [`${path} is no ${accepts ? "valid " : ""}text`];

/** An ISO 8601 instant. */
export const instant: Shape = (value, path) =>
  typeof value === "string" && Number.isFinite(Date.parse(value)) ? [] : [`${path} is no date`];

/** `true` or `false`. */
export const boolean: Shape = (value, path) =>
  typeof value === "boolean" ? [] : [`${path} is neither true nor false`];

/** A number of zero or more. */
export const count: Shape = (value, path) =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? [] : [`${path} is no number of zero or more`];

/** One of several shapes. */
export const either =
  (...shapes: readonly Shape[]): Shape =>
  (value, path) => {
    const faults = shapes.map((shape) => shape(value, path));
    return faults.some((found) => found.length === 0) ? [] : (faults.at(-1) ?? []);
  };

/** Exactly that value. */
export const literal =
  (expected: string | true | null): Shape =>
  (value, path) =>
    value === expected ? [] : [`${path} is not ${JSON.stringify(expected)}`];

/** A list of one shape. */
export const list =
  (item: Shape): Shape =>
  (value, path) =>
    Array.isArray(value) ? value.flatMap((each, index) => item(each, `${path}[${index}]`)) : [`${path} is no list`];

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A map from any text to one shape. */
export const map =
  (item: Shape): Shape =>
  (value, path) =>
    isMap(value) ? Object.entries(value).flatMap(([key, each]) => item(each, `${path}.${key}`)) : [`${path} is no map`];

/** An object with these fields and no others. Fields whose name ends in `?` may be absent. */
export const object = (fields: Readonly<Record<string, Shape>>): Shape => {
  const rows = Object.entries(fields).map(([field, shape]) => ({
    name: field.replace(/\?$/, ""),
    optional: field.endsWith("?"),
    shape,
  }));
  return (value, path) => {
    if (!isMap(value)) return [`${path} is no map`];
    const unknown = Object.keys(value).filter((key) => !rows.some(({ name }) => name === key));
    const faults = rows.flatMap(({ name, optional, shape }) => {
      if (Object.hasOwn(value, name)) return shape(value[name], `${path}.${name}`);
      return optional ? [] : [`${path}.${name} is missing`];
    });
    return [...faults, ...unknown.map((key) => `${path}.${key} is unknown`)];
  };
};
