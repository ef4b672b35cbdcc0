import type { ObjectId, ObjectName } from "../model/flux.ts";

/** `Kind/namespace/name`, as everywhere. */
export function nameOf(kind: string, { namespace, name }: ObjectName): string {
  return `${kind}/${namespace}/${name}`;
}

/** The same of an object that is named by its id. */
export function idName(id: ObjectId): string {
  return nameOf(id.kind, id);
}

/** How inventories write an id (cli-utils object.ObjMetadata): names of namespaced objects hold no `_`. */
export function inventoryId({ namespace, name, group, kind }: ObjectId): string {
  return `${namespace}_${name}_${group}_${kind}`;
}
