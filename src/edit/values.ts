import type { Refusal } from "../model/refusals.ts";
import { type Address, type Edited, isRefusal, refuse } from "./address.ts";
import { valueAt } from "./prove.ts";
import { setString } from "./put.ts";
import { readStream } from "./stream.ts";

const step = /(?:"(?<double>[^"]+)"|'(?<single>[^']+)'|(?<bare>[^."'\s[\]{}]+))(?<end>\.(?!$)|$)/y;

/** Reads a path into the values of a chart: keys with dots between them, those with dots of their own in quotes; `undefined`: it is none. */
export function parseValuesPath(text: string): readonly string[] | undefined {
  const keys: string[] = [];
  step.lastIndex = 0;
  for (let at = 0; at < text.length; at = step.lastIndex) {
    const groups = step.exec(text)?.groups;
    const key = groups?.double ?? groups?.single ?? groups?.bare;
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return keys.length > 0 ? keys : undefined;
}

/**
 * Sets an annotation in the values of a HelmRelease, at the path where its chart takes the annotations of pods (`podAnnotations`). What of the path is
 * missing is made: charts have defaults that no file shows. Refuses with `VALUES_PATH` what is no path, and what leads to something other
 * than a map; otherwise as `setString` does.
 */
export function stampValues(
  text: string,
  address: Address,
  valuesPath: string,
  annotation: string,
  value: string,
): Edited | Refusal {
  const keys = parseValuesPath(valuesPath);
  if (!keys) {
    const help = 'write keys with dots between them, and a key with dots in quotes: controllers.main."a.b".annotations';
    return refuse("VALUES_PATH", `${valuesPath} is no path: ${help}`);
  }
  const stream = readStream(text);
  if (isRefusal(stream)) return stream;
  const path = ["spec", "values", ...keys];
  const blocked = path.findIndex((_, index) => !isOpen(valueAt(stream, address, path.slice(0, index + 1))));
  if (blocked >= 0) return refuse("VALUES_PATH", `${path.slice(0, blocked + 1).join(".")} is there, and is not a map`);
  return setString(text, address, [...path, annotation], value);
}

/** A map, or nothing that keeps one from being made. Text with a variable in it is told apart by whoever sets the value. */
function isOpen(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "string") return value.includes("${");
  return typeof value === "object" && !Array.isArray(value);
}
