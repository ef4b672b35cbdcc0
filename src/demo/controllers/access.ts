import { type Fields, fields, type Meta, type Stored, same } from "../object.ts";
import { apiVersion, type ResourceRow, resourceOf } from "../resources.ts";
import type { Store } from "../store.ts";
import { controllerManager, type Writes } from "../write.ts";
import type { Owned } from "./owned.ts";

/** What the controllers see of the cluster, and how they change it: through the same door as every client. */
export interface Access {
  readonly store: Store;
  readonly writes: Writes;
  readonly owned: Owned;
  /** Names of the nodes. */
  readonly nodes: readonly string[];
  /** Milliseconds since the epoch. */
  now(): number;
  /** Looks at a workload once more after so many milliseconds, because time alone changes its status. */
  again(object: Stored, ms: number): void;
}

/** The field manager of status that nodes report. */
export const kubelet = "kubelet";

/** The parts of a new object that its controller decides. */
export interface Draft {
  readonly metadata: Partial<Meta> & { readonly name: string };
  readonly [field: string]: unknown;
}

/** Creates an object that `owner` controls, in the owner's namespace. */
export function createOwned(access: Access, kind: string, owner: Stored, draft: Draft): Stored {
  const resource = resourceOf(kind);
  const { name, uid, namespace } = owner.metadata;
  const reference = {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  const metadata = { ...draft.metadata, ownerReferences: [reference] };
  const body = { ...draft, apiVersion: apiVersion(resource), kind, metadata };
  return access.writes.create(resource, namespace, body, { manager: controllerManager });
}

/** Writes an object back with changed parts, as the controller that read it; the same again changes nothing. */
export function replace(access: Access, before: Stored, changed: Fields): Stored {
  const differs = Object.entries(changed).some(([field, value]) => !same(value, before[field]));
  return differs ? write(access, { ...before, ...changed }, controllerManager) : before;
}

/** Writes status, and annotations where they are given; the same again changes nothing. */
export function writeStatus(
  access: Access,
  object: Stored,
  status: Fields,
  { manager = controllerManager, annotations }: { manager?: string; annotations?: Record<string, string> } = {},
): Stored {
  const metadata = annotations ? { ...object.metadata, annotations } : object.metadata;
  if (same(status, object.status) && same(metadata.annotations, object.metadata.annotations)) return object;
  return write(access, { ...object, metadata, status }, manager, "status");
}

function write(access: Access, object: Stored, manager: string, subresource?: "status"): Stored {
  const { namespace, name } = object.metadata;
  return access.writes.update(resourceOf(object.kind), namespace, name, object, { manager, subresource }).object;
}

/** Deletes an object unless it is gone already. */
export function removeObject(access: Access, object: Stored): void {
  const { namespace, name } = object.metadata;
  const resource: ResourceRow = resourceOf(object.kind);
  if (access.store.get(resource, namespace, name)) access.writes.remove(resource, namespace, name);
}

/** Counters without those that are zero, which the API leaves out of a status (`omitempty`). */
export function counted(counters: Readonly<Record<string, number>>): Fields {
  return Object.fromEntries(Object.entries(counters).filter(([, count]) => count !== 0));
}

/** `spec.replicas`; the API server's default is 1. */
export function wantedReplicas(object: Stored): number {
  const { replicas } = fields(object, "spec");
  return typeof replicas === "number" ? replicas : 1;
}

/** A number or a percentage of `total` (`intstr.GetScaledValueFromIntOrPercent`). */
export function scaled(value: unknown, total: number, round: (value: number) => number): number {
  if (typeof value === "number") return value;
  const percent = /^(\d+)%$/.exec(String(value ?? ""))?.[1];
  return percent === undefined ? 0 : round((Number(percent) * total) / 100);
}
