import { PortError } from "../../src/model/errors.ts";
import type { StateStore, StoredDocument } from "../../src/ports.ts";

/** A `StateStore` in memory, with compare-and-swap as the API server does it. */
export interface MemoryStore extends StateStore {
  readonly documents: Map<string, StoredDocument>;
  /** Writes and removals so far. */
  writes: number;
  /** The write or removal of that number is not done, as if the process had been killed just before; counted from 1. */
  dieAt: number | undefined;
  /** The write or removal of that number is done, and its answer is lost. */
  loseAnswerAt: number | undefined;
}

/** An empty store, or a copy of another one's documents. */
export function memoryStore(documents: Iterable<readonly [string, StoredDocument]> = []): MemoryStore {
  const held = new Map(documents);
  let version = 100;
  const effect = <Result>(work: () => Result): Result => {
    store.writes++;
    if (store.writes === store.dieAt) throw new Error("killed");
    const result = work();
    if (store.writes === store.loseAnswerAt) throw new PortError("unreachable", "the answer was lost");
    return result;
  };
  const store: MemoryStore = {
    namespace: "reroll-system",
    documents: held,
    writes: 0,
    dieAt: undefined,
    loseAnswerAt: undefined,
    read: async (name) => held.get(name),
    names: async () => [...held.keys()].sort(),
    write: async (document, expected) =>
      effect(() => {
        const before = held.get(document.name)?.version;
        if (expected === undefined && before !== undefined) throw new PortError("already-exists", document.name);
        if (expected !== undefined && before !== expected) throw new PortError("conflict", document.name);
        const next = String(version++);
        held.set(document.name, { ...document, version: next });
        return next;
      }),
    remove: async (name, expected) =>
      effect(() => {
        const before = held.get(name)?.version;
        if (before !== undefined && before !== expected) throw new PortError("conflict", name);
        held.delete(name);
      }),
    namespaceExists: async () => true,
  };
  return store;
}
