/** Where objects lie in the API. */

/** An object, as far as its address goes. */
export interface Named {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
}

/** An API path such as `/apis/apps/v1/namespaces/x/deployments/y`, or anything that names its own. */
export type Target = string | Named;

export function pathOf(target: Target): string {
  if (typeof target === "string") return target;
  return `${collectionOf(target, target.metadata.namespace)}/${target.metadata.name}`;
}

/** The path of all objects of a kind, in a namespace or (without one) in the whole cluster. */
export function collectionOf({ apiVersion, kind }: { apiVersion: string; kind: string }, namespace?: string): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${namespace ? `/namespaces/${namespace}` : ""}/${pluralOf(kind)}`;
}

function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (word === "endpoints") return word;
  if (/(s|x|ch)$/.test(word)) return `${word}es`;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return `${word}s`;
}
