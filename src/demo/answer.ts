import type { Right } from "../model/errors.ts";
import type { Lists } from "./list.ts";
import { type Fields, fields, isFields, type Stored } from "./object.ts";
import { letGo } from "./orphans.ts";
import { resourceRows } from "./resources.ts";
import { type Route, rightOf } from "./route.ts";
import {
  badRequest,
  forbidden,
  invalid,
  methodNotAllowed,
  noSuchResource,
  notFound,
  Refusal,
  unsupportedMediaType,
} from "./status.ts";
import type { Store } from "./store.ts";
import type { PatchType, Writes } from "./write.ts";

/** A request with its body still unread. */
export interface Request extends Route {
  readonly accept: string;
  readonly contentType: string;
  readonly userAgent: string;
  readonly body: string;
}

/** An answer before it is written to the wire; `body` is sent as JSON, or as it is when it is text. */
export interface Answer {
  readonly code: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the answers are made from. */
export interface Backend {
  readonly store: Store;
  readonly lists: Lists;
  readonly writes: Writes;
  /** RBAC: decides requests and access reviews alike. */
  readonly allow: (right: Right) => boolean;
  readonly user: string;
  readonly gitVersion: string;
}

/** Answers one request; a refusal is an answer too. */
export function answer(backend: Backend, request: Request): Answer {
  try {
    return decide(backend, request);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { code: error.code, body: error.body, headers: error.headers };
  }
}

function decide(backend: Backend, request: Request): Answer {
  const { path, knownGroup, resource } = request;
  if (path === "/readyz" || path === "/livez" || path === "/healthz") return { code: 200, body: "ok" };
  if (path === "/version") return { code: 200, body: versionInfo(backend.gitVersion) };
  if (path === "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") return review(backend, request);
  const groupVersion = discovery.exec(path)?.groups;
  if (groupVersion && knownGroup)
    return { code: 200, body: resourceList(groupVersion.group ?? "", groupVersion.version ?? "") };
  if (!knownGroup) return { code: 404, body: "404 page not found\n" };
  if (!resource || (request.subresource && !(request.subresource === "status" && resource.status)))
    throw noSuchResource();
  const right = rightOf(request);
  if (right && !backend.allow(right)) throw forbidden(backend.user, right);
  return serve(backend, request, resource);
}

/** What is read without naming a resource. */
const discovery = /^\/api(?:s\/(?<group>[^/]+))?\/(?<version>[^/]+)$/;

/** `meta/v1.APIResourceList`, as far as anybody here reads it. */
function resourceList(group: string, version: string): Fields {
  const served = resourceRows.filter((row) => row.group === group && row.version === version);
  const list = served.map(({ plural, kind, namespaced }) => ({ name: plural, kind, namespaced }));
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: group ? `${group}/${version}` : version,
    resources: list,
  };
}

function serve(backend: Backend, request: Request, resource: NonNullable<Route["resource"]>): Answer {
  const { namespace, name, verb, query } = request;
  if (verb === "list") {
    if (query.get("watch") === "true" || query.get("watch") === "1") throw methodNotAllowed();
    const list = backend.lists.list(resource, namespace, query);
    return { code: 200, body: wantsMetadata(request) ? partialList(list) : list };
  }
  const shown = (object: Stored) => (wantsMetadata(request) ? partial(object) : object);
  const options = writeOptions(request);
  if (verb === "create" && name === undefined) {
    const object = backend.writes.create(resource, namespace, readJson(request, resource.kind), options);
    return { code: 201, body: shown(object) };
  }
  if (name === undefined) throw methodNotAllowed();
  switch (verb) {
    case "get": {
      const found = backend.store.get(resource, namespace, name);
      if (!found) throw notFound({ group: resource.group, kind: resource.plural, name });
      return { code: 200, body: shown(found) };
    }
    case "update": {
      const body = readJson(request, resource.kind);
      const { created, object } = backend.writes.update(resource, namespace, name, body, options);
      return { code: created ? 201 : 200, body: shown(object) };
    }
    case "patch": {
      const type = patchTypes[request.contentType];
      if (!type) throw unsupportedMediaType("415: Unsupported Media Type", true);
      const patch = parse(request.body, (reason) => `error decoding patch: ${reason}`);
      return { code: 200, body: shown(backend.writes.patch(resource, namespace, name, type, patch, options)) };
    }
    case "delete": {
      const body = request.body ? readJson(request, "DeleteOptions") : {};
      const object = remove(backend, request, resource, body, options.dryRun);
      if (resource.kind === "Pod") return { code: 200, body: shown(object) };
      const details = { name, ...(resource.group ? { group: resource.group } : {}), kind: resource.plural };
      const done = { ...details, uid: object.metadata.uid };
      return { code: 200, body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details: done } };
    }
    default:
      throw methodNotAllowed();
  }
}

/** What the object controls goes with it, or is let go of first (`meta/v1.DeletionPropagation`). */
function remove(
  { store, writes }: Backend,
  { namespace, name = "" }: Request,
  resource: NonNullable<Route["resource"]>,
  body: unknown,
  dryRun: boolean,
): Stored {
  const { preconditions, propagationPolicy = resource.orphans ? "Orphan" : "Background" } = fields(body);
  const object = writes.remove(resource, namespace, name, fields(preconditions), true);
  if (dryRun) return object;
  if (propagationPolicy === "Orphan") letGo(store, writes, object);
  return writes.remove(resource, namespace, name, fields(preconditions));
}

const patchTypes: Readonly<Record<string, PatchType>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
};

function writeOptions({ query, userAgent, subresource, method }: Request) {
  const dryRun = query.getAll("dryRun");
  const odd = dryRun.find((value) => value !== "All" && value !== "");
  if (odd !== undefined) {
    const message = `Unsupported value: ["${odd}"]: supported values: "All"`;
    const kind = method === "PATCH" ? "PatchOptions" : method === "POST" ? "CreateOptions" : "UpdateOptions";
    throw invalid({ group: "meta.k8s.io", kind }, [{ reason: "FieldValueNotSupported", message, field: "dryRun" }]);
  }
  return {
    manager: query.get("fieldManager") || userAgent.split("/")[0]?.slice(0, 128) || "unknown",
    dryRun: dryRun.includes("All"),
    subresource: subresource === "status" ? ("status" as const) : undefined,
  };
}

function readJson({ contentType, body }: Request, kind: string): unknown {
  if (contentType && contentType !== "application/json") {
    const accepted = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
    const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
    throw unsupportedMediaType(message, false);
  }
  return parse(body, (reason) => `the object provided is unrecognized (must be of type ${kind}): ${reason}`);
}

function parse(text: string, describe: (reason: string) => string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(describe("couldn't get version/kind; json parse error"));
  }
}

/** `Accept` lists what the client can read, best first. */
function wantsMetadata({ accept }: Request): boolean {
  return /^application\/json;as=PartialObjectMetadata(List)?;g=meta\.k8s\.io;v=v1(,|$)/.test(
    accept.replaceAll(" ", ""),
  );
}

function partial({ metadata }: Pick<Stored, "metadata">): Fields {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

function partialList(list: Fields): Fields {
  const items = Array.isArray(list.items) ? list.items.map(partial) : [];
  return {
    ...list,
    kind: "PartialObjectMetadataList",
    apiVersion: "meta.k8s.io/v1",
    items: items.length > 0 ? items : null,
  };
}

function review(backend: Backend, request: Request): Answer {
  if (request.method !== "POST") throw methodNotAllowed();
  const body = readJson(request, "SelfSubjectAccessReview");
  const {
    verb = "",
    group = "",
    resource = "",
    namespace,
    name,
    subresource,
  } = fields(body, "spec", "resourceAttributes");
  const right = {
    verb: String(verb),
    group: String(group),
    resource: subresource ? `${String(resource)}/${String(subresource)}` : String(resource),
    ...(namespace ? { namespace: String(namespace) } : {}),
    ...(name ? { name: String(name) } : {}),
  };
  const spec = isFields(body) ? body.spec : {};
  const [kind, apiVersion] = ["SelfSubjectAccessReview", "authorization.k8s.io/v1"];
  return { code: 201, body: { kind, apiVersion, metadata: {}, spec, status: { allowed: backend.allow(right) } } };
}

function versionInfo(gitVersion: string): Fields {
  const [major = "", minor = ""] = gitVersion.replace(/^v/, "").split(".");
  const platform = "linux/amd64";
  return { major, minor, gitVersion, gitTreeState: "clean", goVersion: "go1.26", compiler: "gc", platform };
}
