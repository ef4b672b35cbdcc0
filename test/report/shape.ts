/** The form of a JSON value. Objects have exactly the fields named, all of them. */
export type Shape =
  | { readonly is: "string" | "number" | "boolean" }
  | { readonly is: "instant" }
  | { readonly is: "type"; readonly name: string; readonly of: Shape }
  | { readonly is: "word"; readonly of: readonly string[] }
  | { readonly is: "list"; readonly of: Shape }
  | { readonly is: "object"; readonly fields: Readonly<Record<string, Shape>> }
  | { readonly is: "either"; readonly of: readonly Shape[] }
  | { readonly is: "null" };

export const string: Shape = { is: "string" };
export const number: Shape = { is: "number" };
export const boolean: Shape = { is: "boolean" };
/** ISO 8601 with a zone. */
export const instant: Shape = { is: "instant" };
export const word = (...of: readonly string[]): Shape => ({ is: "word", of });
export const list = (of: Shape): Shape => ({ is: "list", of });
export const object = (fields: Readonly<Record<string, Shape>>): Shape => ({ is: "object", fields });
export const either = (...of: readonly Shape[]): Shape => ({ is: "either", of });
/** A shape that is documented once, under its own name. */
export const type = (name: string, of: Shape): Shape => ({ is: "type", name, of });
export const orNull = (shape: Shape): Shape => either(shape, { is: "null" });

/** Everything in which a value is not of a shape, each with its path. */
export function faults(value: unknown, shape: Shape, path = "$"): string[] {
  switch (shape.is) {
    case "null":
      return value === null ? [] : [`${path}: not null`];
    case "type":
      return faults(value, shape.of, path);
    case "instant":
      return typeof value === "string" && /^\d{4}-\d\d-\d\dT.*Z$/.test(value) && Number.isFinite(Date.parse(value))
        ? []
        : [`${path}: no instant`];
    case "word":
      return typeof value === "string" && shape.of.includes(value)
        ? []
        : [`${path}: ${String(value)} is no known word`];
    case "list":
      return Array.isArray(value)
        ? value.flatMap((entry, index) => faults(entry, shape.of, `${path}[${index}]`))
        : [`${path}: no list`];
    case "either":
      return shape.of.some((each) => faults(value, each, path).length === 0)
        ? []
        : shape.of.flatMap((each) => faults(value, each, path));
    case "object":
      return objectFaults(value, shape.fields, path);
    default:
      return typeof value === shape.is ? [] : [`${path}: no ${shape.is}`];
  }
}

function objectFaults(value: unknown, fields: Readonly<Record<string, Shape>>, path: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${path}: no object`];
  const given = value as Record<string, unknown>;
  return [
    ...Object.keys(given)
      .filter((field) => !Object.hasOwn(fields, field))
      .map((field) => `${path}.${field}: not documented`),
    ...Object.entries(fields).flatMap(([field, shape]) =>
      Object.hasOwn(given, field) ? faults(given[field], shape, `${path}.${field}`) : [`${path}.${field}: missing`],
    ),
  ];
}

/** Every field of a shape in the form in which it is documented, `tried[].rule`; what is a type of its own ends there. */
export function paths(shape: Shape, path = ""): string[] {
  switch (shape.is) {
    case "list":
      return paths(shape.of, `${path}[]`);
    case "either":
      return [...new Set(shape.of.flatMap((each) => paths(each, path)))].filter(
        (each, _, all) => each !== path || all.length === 1,
      );
    case "object":
      return Object.entries(shape.fields).flatMap(([field, each]) => paths(each, path ? `${path}.${field}` : field));
    default:
      return [path];
  }
}
