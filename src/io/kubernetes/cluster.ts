import { PortError, type Right } from "../../model/errors.ts";
import type { Resource } from "../../model/kinds.ts";
import { dig, objects, text } from "../../model/object.ts";
import type { Cluster } from "../../ports.ts";
import { createCall, readCall, writeCall } from "./calls.ts";
import { fieldManager, jsonPatch, partialObject } from "./conventions.ts";
import { badAnswer } from "./errors.ts";
import { listPages } from "./list.ts";
import { onlyMetadata, readObject } from "./objects.ts";
import { queryString } from "./paths.ts";
import type { Rest } from "./rest.ts";

/** The `Cluster` port over a Kubernetes API server. */
export function createCluster(rest: Rest): Cluster {
  return {
    list: (resource, options, take) => listPages(rest, resource, options, take),

    async get(resource, namespace, name, options = {}) {
      const call = readCall(resource, namespace, name);
      try {
        const { body } = await rest.call(options.metadataOnly ? { ...call, accept: partialObject } : call);
        const object = readObject(call, body, name);
        return options.metadataOnly ? onlyMetadata(object) : object;
      } catch (error) {
        if (error instanceof PortError && error.code === "not-found") return undefined;
        throw error;
      }
    },

    async patch(resource, namespace, name, operations) {
      const call = writeCall("PATCH", resource, namespace, name, operations);
      const path = call.path + queryString({ fieldManager });
      const { body } = await rest.call({ ...call, path, contentType: jsonPatch });
      return readObject(call, body, name);
    },

    async create(resource, namespace, object) {
      const call = createCall(resource, namespace, object);
      const { body } = await rest.call(call);
      return readObject(call, body, object.metadata.name);
    },

    async remove(resource, namespace, name, uid) {
      // Without a policy the server keeps the pods of a Job that is deleted (`registry/batch/job/strategy.go`).
      const body = { preconditions: { uid }, propagationPolicy: "Background" };
      await rest.call(writeCall("DELETE", resource, namespace, name, body));
    },

    serves: (resource) => discover(rest, resource),
    can: (right) => reviewAccess(rest, right),
    serverTime: () => rest.serverTime(),

    async version() {
      const right = { verb: "get", group: "", resource: "/version" };
      const call = { method: "GET", path: "/version", route: "/version", right } as const;
      const { body } = await rest.call({ ...call, repeatable: true, confidential: false });
      const version = text(body.gitVersion);
      if (version === undefined) throw badAnswer(call, "the answer has no gitVersion");
      return version;
    },
  };
}

/** `meta/v1.APIResourceList` of the group and version. A 404 means that there is none, whatever the text of the answer. */
async function discover(rest: Rest, { group, version, plural }: Resource): Promise<boolean> {
  const path = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const right = { verb: "get", group: "", resource: path };
  try {
    const { body } = await rest.call({
      method: "GET",
      path,
      route: path,
      right,
      repeatable: true,
      confidential: false,
    });
    return objects(body.resources).some(({ name }) => name === plural);
  } catch (error) {
    if (error instanceof PortError && error.status === 404) return false;
    throw error;
  }
}

/** `authorization.k8s.io/v1.SelfSubjectAccessReview`: may the identity of this connection do that? */
async function reviewAccess(rest: Rest, right: Right): Promise<boolean> {
  const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  const [resource, subresource] = right.resource.split("/", 2);
  const review = { verb: "create", group: "authorization.k8s.io", resource: "selfsubjectaccessreviews" };
  const { verb, group, namespace, name } = right;
  const { body } = await rest.call({
    method: "POST",
    path,
    route: path,
    right: review,
    repeatable: true,
    confidential: false,
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { verb, group, resource, subresource, namespace, name } },
    },
  });
  const allowed = dig(body, "status", "allowed");
  if (typeof allowed !== "boolean") throw badAnswer({ right: review }, "the answer has no status.allowed");
  return allowed;
}
