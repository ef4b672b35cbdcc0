const name = "[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";
const key = `(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?${name}`;
const value = `(?:${name})?`;
const set = `\\(\\s*${value}\\s*(?:,\\s*${value}\\s*)*\\)`;

const requirement = new RegExp(
  `^(?:!?\\s*${key}|${key}\\s*(?:==|=|!=)\\s*${value}|${key}\\s+(?:in|notin)\\s*${set}|${key}\\s*[<>]\\s*-?\\d+)$`,
);
const legacy = new RegExp(`^(${key})\\s*[:=]\\s*(\\*|${value})$`);

/** Stakater Reloader also takes `key:value`, `key:*` and `key=*`. */
function modern(part: string): string {
  const [, label, wanted] = legacy.exec(part) ?? [];
  if (label === undefined || wanted === undefined) return part;
  return wanted === "*" ? label : `${label}=${wanted}`;
}

/**
 * Reads a label selector as the Kubernetes API does (apimachinery `labels.Parse`), and Stakater Reloader's older forms.
 * Returns the form for the API's query, or the requirement that cannot be read. Requirements are joined by AND; empty selects all.
 */
export function readSelector(text: string): { readonly query: string } | { readonly unreadable: string } {
  if (text.trim() === "") return { query: "" };
  const parts = text.split(/,(?![^(]*\))/).map((part) => modern(part.trim()));
  const unreadable = parts.find((part) => !requirement.test(part));
  return unreadable === undefined ? { query: parts.join(",") } : { unreadable };
}
