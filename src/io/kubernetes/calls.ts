import type { Right } from "../../model/errors.ts";
import type { Resource } from "../../model/kinds.ts";
import type { Call } from "./call.ts";
import { confidentialKinds, fieldManager } from "./conventions.ts";
import { queryString, resourcePath, routeOf } from "./paths.ts";

const verbs = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" } as const;

/** GET of one object. */
export function readCall(resource: Resource, namespace: string | undefined, name: string): Call {
  return {
    method: "GET",
    path: resourcePath(resource, namespace, name),
    route: routeOf(resource, namespace, name),
    right: rightFor("get", resource, namespace, name),
    repeatable: true,
    confidential: false,
  };
}

/** A write to one object. Never sent a second time where the first may have been processed. */
export function writeCall(
  method: keyof typeof verbs,
  resource: Resource,
  namespace: string,
  name: string,
  body: unknown,
): Call {
  return {
    ...readCall(resource, namespace, name),
    method,
    right: rightFor(verbs[method], resource, namespace, name),
    repeatable: false,
    confidential: confidentialKinds.has(resource.kind),
    body,
  };
}

/** POST of a new object. Its right has no name: RBAC does not know the name of what is created. */
export function createCall(resource: Resource, namespace: string, body: unknown): Call {
  return {
    ...readCall(resource, namespace, ""),
    method: "POST",
    path: resourcePath(resource, namespace) + queryString({ fieldManager }),
    route: routeOf(resource, namespace),
    right: rightFor("create", resource, namespace),
    repeatable: false,
    confidential: confidentialKinds.has(resource.kind),
    body,
  };
}

function rightFor(verb: string, resource: Resource, namespace: string | undefined, name?: string): Right {
  // To RBAC a Namespace is in itself: a Role there grants `get` of it (`k8s.io/apiserver` pkg/endpoints/request/requestinfo.go).
  if (resource.plural === "namespaces" && name) return { ...rightFor(verb, resource, name), name };
  return {
    verb,
    group: resource.group,
    resource: resource.plural,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}
