import type { Fields, Stored } from "./object.ts";
import { resourceOf } from "./resources.ts";
import { Refusal } from "./status.ts";
import type { Store } from "./store.ts";
import type { Writes } from "./write.ts";

/** An object as a manifest gives it: namespaces are made as needed, `default` is taken where none is named. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** The objects in this process, without HTTP: how tests and the demo play people and other controllers. */
export interface DirectApi {
  get(kind: string, namespace: string | undefined, name: string): Stored | undefined;
  list(kind: string, namespace?: string): Stored[];
  /** Creates the object, or replaces it whatever its version; the namespace is made where it is missing. */
  put(object: Manifest, manager?: string): Stored;
  /** A JSON Merge Patch. Throws a `Refusal` where the API would refuse. */
  patch(kind: string, namespace: string | undefined, name: string, patch: Fields, manager?: string): Stored;
  /** The same of the status, which only its subresource writes. */
  patchStatus(kind: string, namespace: string | undefined, name: string, status: Fields, manager?: string): Stored;
  /** Nothing happens where there is no such object. */
  delete(kind: string, namespace: string | undefined, name: string): void;
}

export function directApi(store: Store, writes: Writes): DirectApi {
  const namespaces = resourceOf("Namespace");
  return {
    get: (kind, namespace, name) => structuredClone(store.get(resourceOf(kind), namespace, name)),
    list: (kind, namespace) =>
      store
        .all(resourceOf(kind))
        .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
        .map((object) => structuredClone(object)),
    put(object, manager = "kubectl") {
      const resource = resourceOf(object.kind);
      const { name } = object.metadata;
      const namespace = resource.namespaced ? (object.metadata.namespace ?? "default") : undefined;
      if (namespace !== undefined && !store.get(namespaces, undefined, namespace))
        writes.create(namespaces, undefined, { metadata: { name: namespace } }, { manager });
      const given: Fields = { ...object.metadata, ...(namespace ? { namespace } : {}) };
      const { uid: _, resourceVersion: __, ...metadata } = given;
      const body = { ...object, metadata };
      const before = store.get(resource, namespace, name);
      const stored = before
        ? writes.update(resource, namespace, name, versioned(body, before), { manager }).object
        : writes.create(resource, namespace, body, { manager });
      return structuredClone(stored);
    },
    patch(kind, namespace, name, patch, manager = "kubectl") {
      return structuredClone(writes.patch(resourceOf(kind), namespace, name, "merge", patch, { manager }));
    },
    patchStatus(kind, namespace, name, status, manager = "controller") {
      const options = { manager, subresource: "status" as const };
      return structuredClone(writes.patch(resourceOf(kind), namespace, name, "merge", { status }, options));
    },
    delete(kind, namespace, name) {
      try {
        writes.remove(resourceOf(kind), namespace, name);
      } catch (error) {
        if (!(error instanceof Refusal && error.code === 404)) throw error;
      }
    },
  };
}

function versioned(body: Fields & { metadata: Fields }, { metadata }: Stored): Fields {
  return { ...body, metadata: { ...body.metadata, resourceVersion: metadata.resourceVersion } };
}
