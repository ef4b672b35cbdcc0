const name = "[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";
const key = `(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?${name}`;
const value = `(?:${name})?`;
// No two neighbours may both take a space: backtracking would be exponential.
const element = `\\s*(?:${name}\\s*)?`;
const set = `\\((?!\\s*\\))${element}(?:,${element})*\\)`;

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

/** At the commas outside parentheses. */
function split(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const letter of text) {
    if (letter === "(") depth++;
    if (letter === ")") depth--;
    if (letter === "," && depth === 0) parts.push("");
    else parts.push(`${parts.pop() ?? ""}${letter}`);
  }
  return parts.map((part) => part.trim());
}

const longest = 4096;

/**
 * Reads a label selector as the Kubernetes API does (apimachinery `labels.Parse`), and Stakater Reloader's older forms.
 * Returns the form for the API's query, or the requirement that cannot be read. Requirements are joined by AND; empty selects all.
 */
export function readSelector(text: string): { readonly query: string } | { readonly unreadable: string } {
  if (text.trim() === "") return { query: "" };
  if (text.length > longest) return { unreadable: text };
  const parts = split(text).map(modern);
  const unreadable = parts.find((part) => !requirement.test(part));
  return unreadable === undefined ? { query: parts.join(",") } : { unreadable };
}
