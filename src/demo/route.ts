import type { Right } from "../model/errors.ts";
import { findResource, type ResourceRow, resourceRows } from "./resources.ts";

/** What a request asks for, read from method and path (`apiserver/pkg/endpoints/request/requestinfo.go`). */
export interface Route {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** `undefined` for paths that are no resource, such as /version, and for resources that are not served. */
  readonly resource: ResourceRow | undefined;
  /** Group and version are served, whatever the resource. */
  readonly knownGroup: boolean;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** In the words of RBAC. */
  readonly verb: string;
}

const verbs: Readonly<Record<string, string>> = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" };

/** Reads method and URL of a request. */
export function readRoute(method: string, url: string): Route {
  const { pathname, searchParams: query } = new URL(url, "http://localhost");
  const steps = pathname.split("/").filter(Boolean).map(decodeURIComponent);
  const [group, version, rest] =
    steps[0] === "api" ? ["", steps[1] ?? "", steps.slice(2)] : [steps[1] ?? "", steps[2] ?? "", steps.slice(3)];
  const served = steps[0] === "api" || steps[0] === "apis";
  const knownGroup =
    served && (isReview(group, version) || resourceRows.some((row) => row.group === group && row.version === version));
  const namespaced = rest[0] === "namespaces" && rest.length > 2 && rest[2] !== "status";
  const [plural = "", name, subresource] = namespaced ? rest.slice(2) : rest;
  const verb = verbs[method] ?? (name === undefined ? "list" : "get");
  return {
    method,
    path: pathname,
    query,
    resource: served ? findResource(group, version, plural) : undefined,
    knownGroup,
    namespace: namespaced ? rest[1] : undefined,
    name,
    subresource,
    verb: verb === "delete" && name === undefined ? "deletecollection" : verb,
  };
}

/** The group of access reviews, which are answered and never stored. */
function isReview(group: string, version: string): boolean {
  return group === "authorization.k8s.io" && version === "v1";
}

/** The right a request needs; `undefined` for paths open to everybody. */
export function rightOf({ verb, resource, namespace, name, subresource }: Route): Right | undefined {
  if (!resource) return undefined;
  const at = resource.kind === "Namespace" ? name : namespace;
  return {
    verb,
    group: resource.group,
    resource: subresource ? `${resource.plural}/${subresource}` : resource.plural,
    ...(at === undefined ? {} : { namespace: at }),
    ...(name === undefined ? {} : { name }),
  };
}
