import { decodeObject, knownFields, typeFault } from "./decode.ts";
import { applyDefaults, initialStatus } from "./defaults.ts";
import { applyJsonPatch, applyMergePatch, PatchFailure } from "./json-patch.ts";
import { updateManagedFields } from "./managed-fields.ts";
import { normalize } from "./normalize.ts";
import { type Fields, fields, isFields, type Meta, type Stored, same, timestamp, uuid } from "./object.ts";
import { type ResourceRow, resourceOf } from "./resources.ts";
import {
  alreadyExists,
  badRequest,
  conflict,
  invalid,
  modified,
  notFound,
  type Subject,
  unprocessable,
} from "./status.ts";
import type { Store } from "./store.ts";
import { validate } from "./validate.ts";

/** How a write is asked for, beyond its body. */
export interface WriteOptions {
  readonly manager: string;
  readonly dryRun?: boolean;
  readonly subresource?: "status" | undefined;
}

/** Conditions of a DELETE (`meta/v1.Preconditions`). */
export interface Preconditions {
  readonly uid?: unknown;
  readonly resourceVersion?: unknown;
}

export type PatchType = "json" | "merge";

/** The writing half of the API: what happens between a decoded request and the store. Every method throws a `Refusal`. */
export class Writes {
  readonly #store: Store;
  readonly #now: () => number;
  #created = 0;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  create(resource: ResourceRow, namespace: string | undefined, body: unknown, options: WriteOptions): Stored {
    const object = decodeObject(resource, body);
    const given = fields(object, "metadata");
    matchNamespace(given, namespace);
    if (given.resourceVersion) throw badRequest("resourceVersion should not be set on objects to be created");
    if (namespace !== undefined && !this.#store.get(resourceOf("Namespace"), undefined, namespace))
      throw notFound({ group: "", kind: "namespaces", name: namespace });
    const metadata = this.#freshMetadata(resource, namespace, given);
    const status = initialStatus[resource.kind];
    const completed = applyDefaults(resource.kind, {
      ...object,
      metadata,
      ...(status ? { status } : {}),
    });
    const after = normalize({ ...completed, metadata }) as Stored;
    validate(resource, after, undefined);
    if (this.#store.get(resource, namespace, metadata.name)) throw alreadyExists(subject(resource, metadata.name));
    return this.#finish(resource, undefined, after, options);
  }

  update(resource: ResourceRow, namespace: string | undefined, name: string, body: unknown, options: WriteOptions) {
    const object = decodeObject(resource, body);
    const given = fields(object, "metadata");
    if (given.name !== undefined && given.name !== name)
      throw badRequest(`the name of the object (${given.name}) does not match the name on the URL (${name})`);
    matchNamespace(given, namespace);
    const before = this.#store.get(resource, namespace, name);
    if (!before) {
      if (!resource.createOnUpdate) throw notFound(subject(resource, name));
      const { resourceVersion: _, ...metadata } = { ...given, name } as Fields;
      return { created: true, object: this.create(resource, namespace, { ...object, metadata }, options) };
    }
    if (!given.resourceVersion && !resource.unconditional) {
      const cause = "Invalid value: 0: must be specified for an update";
      const causes = [{ reason: "FieldValueInvalid", message: cause, field: "metadata.resourceVersion" }];
      throw invalid(subject(resource, name), causes);
    }
    if (given.uid && given.uid !== before.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${String(given.uid)}, UID in object meta: ${before.metadata.uid}`;
      throw conflict(subject(resource, name), why);
    }
    return { created: false, object: this.#replace(resource, before, object, options) };
  }

  patch(
    resource: ResourceRow,
    namespace: string | undefined,
    name: string,
    type: PatchType,
    patch: unknown,
    options: WriteOptions,
  ): Stored {
    if (type === "json" && !Array.isArray(patch))
      throw badRequest(
        "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
      );
    const before = this.#store.get(resource, namespace, name);
    if (!before) throw notFound(subject(resource, name));
    const patched = type === "json" ? jsonPatched(before, patch as unknown[]) : applyMergePatch(before, patch);
    if (!isFields(patched)) throw unprocessable();
    const fault = typeFault(resource, patched);
    const wrong = (field: string, message: string) =>
      invalid({ group: field === "patch" ? "" : resource.group, kind: field === "patch" ? "" : resource.kind, name }, [
        { reason: "FieldValueInvalid", message: `Invalid value: ${message}`, field },
      ]);
    if (fault) throw wrong("patch", fault);
    const given = fields(patched, "metadata");
    if (given.name !== name)
      throw badRequest(`the name of the object (${String(given.name)}) does not match the name on the URL (${name})`);
    if (given.uid !== before.metadata.uid) throw wrong("metadata.uid", `"${String(given.uid)}": field is immutable`);
    return this.#replace(resource, before, knownFields(resource, patched), options);
  }

  /** Removes the object; gives what was removed. */
  remove(
    resource: ResourceRow,
    namespace: string | undefined,
    name: string,
    preconditions: Preconditions = {},
    dryRun = false,
  ): Stored {
    const object = this.#store.get(resource, namespace, name);
    if (!object) throw notFound(subject(resource, name));
    const { uid, resourceVersion } = object.metadata;
    const about = { ...subject(resource, name), kind: resource.kind };
    if (preconditions.uid && preconditions.uid !== uid) {
      const why = `the UID in the precondition (${String(preconditions.uid)}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
      throw conflict(about, why);
    }
    if (preconditions.resourceVersion && preconditions.resourceVersion !== resourceVersion) {
      const why = `the ResourceVersion in the precondition (${String(preconditions.resourceVersion)}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
      throw conflict(about, why);
    }
    if (!dryRun) this.#store.remove(resource, object);
    return object;
  }

  #replace(resource: ResourceRow, before: Stored, object: Fields, options: WriteOptions): Stored {
    const given = fields(object, "metadata");
    const { name, resourceVersion } = before.metadata;
    if (given.resourceVersion && given.resourceVersion !== resourceVersion)
      throw conflict(subject(resource, name), modified);
    const status = options.subresource === "status";
    const kept = status
      ? { ...before, status: object.status ?? {} }
      : { ...applyDefaults(resource.kind, object), ...(resource.status ? { status: before.status } : {}) };
    const metadata = keptMetadata(before.metadata, given, status);
    const after = normalize({ ...kept, metadata }) as Stored;
    const generation = status ? before.metadata.generation : nextGeneration(resource, before, after);
    if (generation !== undefined) after.metadata.generation = generation;
    if (!status) validate(resource, after, before);
    if (same(after, before)) return before;
    return this.#finish(resource, before, after, options);
  }

  #finish(resource: ResourceRow, before: Stored | undefined, after: Stored, options: WriteOptions): Stored {
    const time = timestamp(this.#now());
    const managedFields = updateManagedFields(before, after, {
      ...options,
      time,
      statusApart: resource.status,
    });
    const { managedFields: _, ...metadata } = after.metadata;
    const complete: Stored = {
      ...after,
      metadata: managedFields.length > 0 ? { ...metadata, managedFields } : metadata,
    };
    return options.dryRun ? complete : this.#store.put(resource, complete);
  }

  #freshMetadata(resource: ResourceRow, namespace: string | undefined, given: Fields): Meta {
    const { managedFields: _, uid: __, resourceVersion: ___, deletionTimestamp: ____, ...own } = given;
    const name = String(given.name ?? "");
    const generated = uuid(`${resource.plural} ${namespace} ${name} ${++this.#created}`);
    const labels = fields(given, "labels");
    return {
      ...own,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: generated,
      resourceVersion: "",
      ...(resource.generation.length > 0 ? { generation: 1 } : {}),
      creationTimestamp: timestamp(this.#now()),
      ...(resource.kind === "Namespace" ? { labels: { ...labels, "kubernetes.io/metadata.name": name } } : {}),
    } as Meta;
  }
}

/** The field manager of everything that Deployment, StatefulSet and DaemonSet controllers write. */
export const controllerManager = "kube-controller-manager";

function subject(resource: ResourceRow, name: string): Subject & { name: string } {
  return { group: resource.group, kind: resource.plural, name };
}

function matchNamespace(given: Fields, namespace: string | undefined): void {
  if (given.namespace && given.namespace !== namespace)
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}

function jsonPatched(before: Stored, patch: readonly unknown[]): unknown {
  try {
    return applyJsonPatch(before, patch);
  } catch (error) {
    if (error instanceof PatchFailure) throw unprocessable();
    throw error;
  }
}

/** What a client may change in metadata; through the status subresource only annotations. */
function keptMetadata(before: Meta, given: Fields, status: boolean): Fields {
  const { labels, annotations, ownerReferences, finalizers } = given;
  return status ? { ...before, annotations } : { ...before, labels, annotations, ownerReferences, finalizers };
}

function nextGeneration(resource: ResourceRow, before: Stored, after: Stored): number | undefined {
  const { generation } = before.metadata;
  const moved = resource.generation.some((what) =>
    what === "spec" ? !same(before.spec, after.spec) : !same(before.metadata.annotations, after.metadata.annotations),
  );
  return moved ? (generation ?? 0) + 1 : generation;
}
