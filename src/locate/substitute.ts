import type { KustomizationFacts } from "../model/flux.ts";
import type { Json } from "../model/object.ts";
import { isMap, mapAt, textAt } from "./json.ts";
import { escaped } from "./objects.ts";

/** Variables of `postBuild`; `undefined`: nothing is substituted. */
export type Variables = KustomizationFacts["substitute"];

const optOut = "kustomize.toolkit.fluxcd.io/substitute";

/** Whether kustomize-controller replaces variables in this object (fluxcd/pkg kustomize_varsub.go: a label or annotation opts out). */
export function substitutes(value: Json, variables: Variables): variables is NonNullable<Variables> {
  if (!variables || (variables.complete && Object.keys(variables.variables).length === 0)) return false;
  const metadata = mapAt(value, "metadata");
  return !["labels", "annotations"].some((field) => textAt(mapAt(metadata, field), optOut) === "disabled");
}

/** A text after substitution: what is known of it, and `undefined` for every variable that nobody read. */
export type Parts = readonly (string | undefined)[];

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
export function substituted(text: string, { variables, complete }: NonNullable<Variables>): Parts {
  const parts: (string | undefined)[] = [];
  let rest = 0;
  for (const match of text.matchAll(/\$(\$\{[^}]*\})|\$\{([A-Za-z_]\w*)([^A-Za-z0-9_}][^}]*)?\}/g)) {
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
export const known = (parts: Parts): string | undefined =>
  parts.every((each) => each !== undefined) ? parts.join("") : undefined;

/** What matches every text that it may be. */
export const pattern = (parts: Parts): RegExp =>
  new RegExp(`^${parts.map((each) => (each === undefined ? "[^]*" : escaped(each))).join("")}$`);

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
