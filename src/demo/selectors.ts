import { dig } from "../model/object.ts";
import type { Stored } from "./object.ts";
import type { ResourceRow } from "./resources.ts";
import { badRequest } from "./status.ts";

/** Whether an object is selected. */
export type Selector = (object: Stored) => boolean;

const key = "[A-Za-z0-9][A-Za-z0-9_./-]*";
const setBased = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const equality = new RegExp(`^(${key})\\s*(==|=|!=)\\s*([A-Za-z0-9_.-]*)$`);
const existence = new RegExp(`^(!?)\\s*(${key})$`);

/** A label selector in query form, equality and set based (`apimachinery/pkg/labels`). Throws a 400. */
export function labelSelector(text: string): Selector {
  const requirements = text.trim() === "" ? [] : text.split(/,(?![^(]*\))/).map((part) => requirement(part.trim()));
  return (object) => requirements.every((holds) => holds(object.metadata.labels ?? {}));
}

function requirement(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const set = setBased.exec(text);
  if (set) {
    const values = (set[3] ?? "").split(",").map((value) => value.trim());
    return (labels) => values.includes(own(labels, set[1]) ?? missing) === (set[2] === "in");
  }
  const equal = equality.exec(text);
  if (equal) return (labels) => (own(labels, equal[1]) === equal[3]) === (equal[2] !== "!=");
  const exists = existence.exec(text);
  if (exists) return (labels) => (own(labels, exists[2]) === undefined) === (exists[1] === "!");
  throw badRequest(`unable to parse requirement: ${text}`);
}

/** No label has this value: `notin` selects objects without the label. */
const missing = "\0";

function own(labels: Readonly<Record<string, string>>, name: string | undefined): string | undefined {
  return name !== undefined && Object.hasOwn(labels, name) ? labels[name] : undefined;
}

/** A field selector: comma-joined `=`, `==` and `!=` on the fields the resource offers. Throws a 400. */
export function fieldSelector(text: string, resource: ResourceRow): Selector {
  const known: Record<string, readonly string[]> = {
    "metadata.name": ["metadata", "name"],
    "metadata.namespace": ["metadata", "namespace"],
    ...resource.selectable,
  };
  const tests = text
    .split(",")
    .filter(Boolean)
    .map((part): Selector => {
      const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part);
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
      const [, name = "", operator, value = ""] = match;
      const path = Object.hasOwn(known, name) ? known[name] : undefined;
      if (!path) {
        const offered = Object.keys(known).map((each) => `"${each}"`);
        throw badRequest(`"${name}" is not a known field selector: only ${offered.join(", ")}`);
      }
      return (object) => (String(dig(object, ...path) ?? "") === value) === (operator !== "!=");
    });
  return (object) => tests.every((holds) => holds(object));
}
