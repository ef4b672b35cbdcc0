import type { Stored } from "./object.ts";
import type { ResourceRow } from "./resources.ts";

/** One write that was stored. `before` is absent for a new object, `after` for a removed one. */
export interface Change {
  readonly resource: ResourceRow;
  readonly before: Stored | undefined;
  readonly after: Stored | undefined;
}

interface Table {
  readonly objects: Map<string, Stored>;
  /** Objects in key order, made when asked for and dropped at the next write. */
  sorted: readonly Stored[] | undefined;
}

/** Order of keys in etcd: bytes of `namespace/name`. */
function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The key an object is stored and listed under. */
export function storeKey(object: Stored): string {
  return keyOf(object.metadata.namespace, object.metadata.name);
}

/** All objects, and the one counter that every write raises. */
export class Store {
  readonly #tables = new Map<ResourceRow, Table>();
  readonly #listeners = new Set<(change: Change) => void>();
  #revision = 100;

  /** The resourceVersion of the newest write. */
  get revision(): number {
    return this.#revision;
  }

  get(resource: ResourceRow, namespace: string | undefined, name: string): Stored | undefined {
    return this.#tables.get(resource)?.objects.get(keyOf(namespace, name));
  }

  /** Every object of a resource in key order. The array is never changed later: it is a snapshot. */
  all(resource: ResourceRow): readonly Stored[] {
    const table = this.#tables.get(resource);
    if (!table) return [];
    table.sorted ??= [...table.objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    return table.sorted;
  }

  /** Stores the object under the next resourceVersion and gives it back with it. */
  put(resource: ResourceRow, object: Stored): Stored {
    const after = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } };
    const table = this.#table(resource);
    const before = table.objects.get(storeKey(after));
    table.objects.set(storeKey(after), after);
    table.sorted = undefined;
    this.#tell({ resource, before, after });
    return after;
  }

  remove(resource: ResourceRow, object: Stored): void {
    const table = this.#table(resource);
    if (!table.objects.delete(storeKey(object))) return;
    table.sorted = undefined;
    this.#revision += 1;
    this.#tell({ resource, before: object, after: undefined });
  }

  /** Calls back after every write, in order, at once. */
  watch(listener: (change: Change) => void): void {
    this.#listeners.add(listener);
  }

  #table(resource: ResourceRow): Table {
    let table = this.#tables.get(resource);
    if (!table) {
      table = { objects: new Map(), sorted: undefined };
      this.#tables.set(resource, table);
    }
    return table;
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}
