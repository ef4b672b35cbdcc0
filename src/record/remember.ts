import { UsageError } from "../model/errors.ts";
import { emptyState, type State } from "../model/state.ts";
import type { StateStore, StoredDocument } from "../ports.ts";
import { decodeState, emptyManifest, encodeState, type StateDocument, shardNames } from "./codec.ts";

/** The state as it was read, with what compare-and-swap needs to write it again. */
export interface Remembered {
  readonly state: State;
  readonly name: string;
  readonly documents: ReadonlyMap<string, StoredDocument>;
  /** There was no state at all. */
  readonly first: boolean;
}

/** Reads manifest and shards. No manifest and no shards: a first run. Fails with a `UsageError` where something is broken or missing. */
export async function loadState(store: StateStore, name: string): Promise<Remembered> {
  const manifest = await store.read(name);
  if (!manifest) {
    const orphans = (await store.names()).filter((each) => each.startsWith(`${name}-`));
    if (orphans.length > 0) throw orphaned(store.namespace, name, orphans);
    return { state: emptyState, name, documents: new Map(), first: true };
  }
  const documents = new Map([[name, manifest]]);
  const shards = shardNames(manifest);
  for (const shard of shards) {
    const document = await store.read(shard);
    if (document) documents.set(shard, document);
  }
  // A run beside this one may have put the state into more shards meanwhile, and removed those it was in.
  const movedOn = documents.size <= shards.length && (await store.read(name))?.version !== manifest.version;
  if (movedOn) return loadState(store, name);
  return { state: decodeState(manifest, [...documents.values()]), name, documents, first: false };
}

function orphaned(namespace: string, name: string, orphans: readonly string[]): UsageError {
  return new UsageError(
    `the state is incomplete: ConfigMap ${namespace}/${name} is missing, but ${orphans.join(", ")} exist. Restore it from a backup, or delete them too to begin again. Nothing was changed.`,
  );
}

/**
 * Writes what changed, each document by compare-and-swap on the version that was read; nothing is even encoded where the state is the very
 * object that was read. Shards come before the manifest that lists them. Fails with `conflict` or `already-exists` where another run wrote meanwhile: its knowledge stands, and the stamps tell the rest.
 */
export async function saveState(store: StateStore, before: Remembered, state: State): Promise<Remembered> {
  const manifest = before.documents.get(before.name);
  if (manifest && state === before.state) return before;
  const inUse = manifest ? shardNames(manifest) : [];
  const next = encodeState(state, before.name, inUse.length);
  const documents = new Map(before.documents);
  const write = async (document: StateDocument) => {
    const known = documents.get(document.name) ?? (await abandoned(store, before.name, document.name));
    const version = await store.write(document, known?.version);
    documents.set(document.name, { ...document, version });
  };
  if (!manifest && next.length > 1) await write(emptyManifest(before.name));
  for (const document of next) if (!isWritten(document, documents.get(document.name))) await write(document);
  const current = new Set(next.map(({ name }) => name));
  for (const [name, { version }] of documents) {
    if (current.has(name)) continue;
    await store.remove(name, version);
    documents.delete(name);
  }
  return { state, name: before.name, documents, first: false };
}

/** A shard that no manifest lists was left by a run that was killed while the state grew; nobody reads it, so it may be written over. */
async function abandoned(store: StateStore, manifest: string, name: string): Promise<StoredDocument | undefined> {
  return name === manifest ? undefined : store.read(name);
}

function isWritten(document: StateDocument, stored: StoredDocument | undefined): boolean {
  return (
    stored !== undefined &&
    sameEntries(document.data, stored.data, (a, b) => a === b) &&
    sameEntries(document.binaryData, stored.binaryData, sameBytes)
  );
}

function sameEntries<Value>(
  a: Readonly<Record<string, Value>>,
  b: Readonly<Record<string, Value>>,
  same: (a: Value, b: Value) => boolean,
): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && same(a[name] as Value, b[name] as Value))
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
