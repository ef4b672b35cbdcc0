import type { Meta, Stored } from "../object.ts";
import type { ResourceRow } from "../resources.ts";
import type { Change } from "../store.ts";

/** An object before the API server has filled in its metadata. */
export interface Draft {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Partial<Meta> & { readonly name: string };
  readonly [field: string]: unknown;
}

/** What the controllers can do in the cluster: the rights of kube-controller-manager and kubelet. */
export interface Access {
  /** Milliseconds since the epoch. */
  now(): number;
  get(resource: ResourceRow, namespace: string | undefined, name: string): Stored | undefined;
  /** Every object of a resource in key order. */
  all(resource: ResourceRow): readonly Stored[];
  /** Stores a new object with uid, creationTimestamp, defaults and managedFields. */
  create(resource: ResourceRow, object: Draft, manager: string): Stored;
  /** Replaces the object; with `status` its status and annotations only. The same again changes nothing. */
  update(resource: ResourceRow, object: Stored, manager: string, subresource?: "status"): Stored;
  remove(resource: ResourceRow, object: Stored): void;
  /** Calls back after every write, in order, at once. */
  watch(listener: (change: Change) => void): void;
}
