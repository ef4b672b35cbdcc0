import type { KustomizationFacts } from "../model/flux.ts";
import type { Json } from "../model/object.ts";
import type { NameParts } from "./definition.ts";
import { isMap, mapAt, textAt } from "./json.ts";

/** Variables of `postBuild`; `undefined`: nothing is substituted. */
export type Variables = KustomizationFacts["substitute"];

const optOut = "kustomize.toolkit.fluxcd.io/substitute";

/** Whether kustomize-controller replaces variables in this object (fluxcd/pkg kustomize_varsub.go: a label or annotation opts out). */
export function substitutes(value: Json, variables: Variables): variables is NonNullable<Variables> {
  if (!variables || (variables.complete && Object.keys(variables.variables).length === 0)) return false;
  const metadata = mapAt(value, "metadata");
  return !["labels", "annotations"].some((field) => textAt(mapAt(metadata, field), optOut) === "disabled");
}

/** An operator of `${name operator word}` of the shell; those that are not here give a text that is not known. */
const operators: Readonly<Record<string, (value: string | undefined, word: string) => string>> = {
  "": (value) => value ?? "",
  ":=": (value, word) => value || word,
  ":-": (value, word) => value || word,
  "=": (value, word) => value ?? word,
  "-": (value, word) => value ?? word,
  "^^": (value) => (value ?? "").toUpperCase(),
  ",,": (value) => (value ?? "").toLowerCase(),
};

/** Replaces variables as drone/envsubst does for kustomize-controller: `$${` stands for `${`, and only braces make a variable. */
export function substituted(text: string, { variables, complete }: NonNullable<Variables>): NameParts {
  const parts: (string | undefined)[] = [];
  let rest = 0;
  for (const match of text.matchAll(
    /\$(\$\{[^}]{0,1024}\})|\$\{([A-Za-z_]\w{0,255})([^A-Za-z0-9_}][^}]{0,1024})?\}/g,
  )) {
    parts.push(text.slice(rest, match.index));
    rest = match.index + match[0].length;
    if (match[1] !== undefined) parts.push(match[1]);
    else parts.push(variable(match[2] ?? "", match[3] ?? "", variables, complete));
  }
  parts.push(text.slice(rest));
  return parts;
}

function variable(
  name: string,
  operation: string,
  variables: Readonly<Record<string, string>>,
  complete: boolean,
): string | undefined {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (value === undefined && !complete) return undefined;
  const [, operator = "", word = ""] = /^(:=|:-|=|-|\^\^|,,)?([\s\S]*)$/.exec(operation) ?? [];
  if (operation !== "" && operator === "") return undefined;
  // A word that holds a variable itself is not followed.
  return word.includes("$") ? undefined : operators[operator]?.(value?.replaceAll("\n", ""), word);
}

/** The whole text where every part is known. */
export const known = (parts: NameParts): string | undefined =>
  parts.every((each) => each !== undefined) ? parts.join("") : undefined;

/** Whether a text may be what the parts come to: the known ones are there in their order, in time that grows with the text alone. */
export function mayBe(parts: NameParts, text: string): boolean {
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  if (known(parts) !== undefined) return known(parts) === text;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    if (part === undefined || part === "") continue;
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/**
 * A built object as it is applied. A text that is one variable and nothing else becomes what its value reads as in YAML, as it does in Flux, which
 * substitutes in text. Texts with variables that nobody read stay as they are.
 */
export function substitutedValue(value: Json, variables: Variables): Json {
  return substitutes(value, variables) ? replaced(value, variables) : value;
}

function replaced(value: Json, variables: NonNullable<Variables>): Json {
  if (Array.isArray(value)) return value.map((each) => replaced(each, variables));
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaced(each, variables)]));
  if (typeof value !== "string" || !value.includes("${")) return value;
  const text = known(substituted(value, variables));
  return text === undefined ? value : value.startsWith("${") ? plain(text) : text;
}

const plain = (text: string): Json =>
  text === "true" || text === "false"
    ? text === "true"
    : /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/.test(text)
      ? Number(text)
      : text;
