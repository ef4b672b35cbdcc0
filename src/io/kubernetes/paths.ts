import type { Resource } from "../../model/kinds.ts";

/** Path of a resource below the server's base: a collection, or one object where `name` is given. Every part is escaped. */
export function resourcePath(resource: Resource, namespace: string | undefined, name?: string): string {
  const root = resource.group ? `/apis/${resource.group}/${resource.version}` : `/api/${resource.version}`;
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${resource.plural}${object}`;
}

/** The same path with names left out, for logs and counters: `/api/v1/namespaces/{namespace}/configmaps/{name}`. */
export function routeOf(resource: Resource, namespace: string | undefined, name?: string): string {
  const marked = resourcePath(
    resource,
    namespace === undefined ? undefined : "-namespace-",
    name === undefined ? undefined : "-name-",
  );
  return marked.replace("-namespace-", "{namespace}").replace("-name-", "{name}");
}

/** A query string with its question mark; parameters that are undefined or empty are left out. */
export function queryString(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== "") query.set(key, String(value));
  }
  return query.size > 0 ? `?${query}` : "";
}
