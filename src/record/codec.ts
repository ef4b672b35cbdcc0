import { crc32, gunzipSync, gzipSync } from "node:zlib";
import { UsageError } from "../model/errors.ts";
import type { NamespaceState, State } from "../model/state.ts";
import { namespacesShape, stateVersion } from "./format.ts";

/** A document of the state, before it has a version. */
export interface StateDocument {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  readonly binaryData: Readonly<Record<string, Uint8Array>>;
}

/** Up to this many characters the state stands in one ConfigMap, as JSON that kubectl shows. */
const readableLimit = 262_144;
/** Shards are split before one has more bytes than this, so that what they hold has room to grow. */
const shardLimit = 786_432;
/** A namespace alone may fill a ConfigMap: the API server takes 1,048,576 bytes of values (`ValidateConfigMap` in kubernetes/pkg/apis/core/validation). */
const fullShardLimit = 1_040_000;
const largestShardCount = 1024;
/** What a shard may unfold to. */
const unfoldedLimit = 268_435_456;

const manifestField = "manifest.json";
const stateField = "state.json";
const shardField = "state.json.gz";

/** Names of the shards that the manifest lists; empty while the manifest holds the state itself. */
export function shardNames(manifest: StateDocument): string[] {
  const parsed = parseJson(manifest, manifestField, manifest.data[manifestField]);
  const { version, shards } = parsed as { version?: unknown; shards?: unknown };
  if (version !== stateVersion) throw wrongVersion(manifest, version);
  if (!Array.isArray(shards) || !shards.every((name) => typeof name === "string" && name !== "")) {
    throw unreadable(manifest, `${manifestField}: shards is no list of names`);
  }
  return shards;
}

/**
 * The documents that hold a state. `atLeast` is the number of shards in use before, which never shrinks: a namespace stays where it is.
 * The manifest comes last, so that whoever writes in this order never lists a shard that is not there. Throws a `UsageError` where one
 * namespace alone is too large.
 */
export function encodeState(state: State, manifestName: string, atLeast: number): StateDocument[] {
  if (atLeast === 0) {
    const json = toJson(state.namespaces, 1);
    if (json.length <= readableLimit) return [manifest(manifestName, [], { [stateField]: json })];
  }
  for (let count = Math.max(atLeast, 2); count <= largestShardCount; count *= 2) {
    const shards = encodeShards(state, manifestName, count);
    const large = shards.filter(({ bytes }) => bytes > shardLimit);
    for (const { part } of large) refuseTooLarge(part);
    if (large.some(({ part }) => Object.keys(part).length > 1)) continue;
    const documents = shards.map(({ document }) => document);
    const names = documents.map(({ name }) => name);
    return [...documents, manifest(manifestName, names, {})];
  }
  throw new UsageError(`the state does not fit into ${largestShardCount} ConfigMaps. ${watchLess}`);
}

/** The manifest of a state without content: written first of all, so that shards never stand without one. */
export function emptyManifest(manifestName: string): StateDocument {
  return manifest(manifestName, [], { [stateField]: toJson({}, 1) });
}

function manifest(name: string, shards: readonly string[], data: Readonly<Record<string, string>>): StateDocument {
  return {
    name,
    data: { [manifestField]: JSON.stringify({ version: stateVersion, shards }), ...data },
    binaryData: {},
  };
}

interface Shard {
  readonly document: StateDocument;
  readonly part: State["namespaces"];
  /** Of its content, compressed. */
  readonly bytes: number;
}

function encodeShards(state: State, manifestName: string, shards: number): Shard[] {
  const parts = Array.from({ length: shards }, (): Record<string, NamespaceState> => ({}));
  for (const [namespace, content] of Object.entries(state.namespaces)) {
    (parts[shardOf(namespace, shards)] as Record<string, NamespaceState>)[namespace] = content;
  }
  return parts.map((part, shard) => {
    const content = gzipSync(toJson(part, 0));
    const data = { [manifestField]: JSON.stringify({ version: stateVersion, shard, of: shards }) };
    const name = `${manifestName}-${shards}-${shard}`;
    return { document: { name, data, binaryData: { [shardField]: content } }, part, bytes: content.length };
  });
}

function shardOf(namespace: string, shards: number): number {
  return crc32(namespace) % shards;
}

function refuseTooLarge(part: State["namespaces"]): void {
  for (const [namespace, content] of Object.entries(part)) {
    const bytes = gzipSync(toJson({ [namespace]: content }, 0)).length;
    if (bytes > fullShardLimit) throw tooLarge(namespace, bytes);
  }
}

/** Reads a state back. `documents` are the manifest and every shard it lists, in any order. Throws a `UsageError` that says what is broken and what to do. */
export function decodeState(manifestDocument: StateDocument, shards: readonly StateDocument[]): State {
  const names = shardNames(manifestDocument);
  if (names.length === 0) {
    return { namespaces: readNamespaces(manifestDocument, stateField, manifestDocument.data[stateField]) };
  }
  const namespaces = names.map((name, index) => {
    const shard = shards.find((each) => each.name === name);
    if (!shard) throw missingShard(manifestDocument, name);
    return readShard(shard, index, names.length);
  });
  return { namespaces: Object.assign(Object.create(null), ...namespaces) };
}

function readShard(document: StateDocument, shard: number, of: number): State["namespaces"] {
  const said = parseJson(document, manifestField, document.data[manifestField]) as Record<string, unknown>;
  if (said.version !== stateVersion) throw wrongVersion(document, said.version);
  // Of another number of shards it holds other namespaces: some would be there twice, and others not at all.
  if (said.shard !== shard || said.of !== of) {
    const whose = `${JSON.stringify(said.shard)} of ${JSON.stringify(said.of)}, listed as ${shard} of ${of}`;
    throw unreadable(document, `${manifestField}: it is shard ${whose}`);
  }
  const namespaces = readNamespaces(document, shardField, unfold(document));
  const stray = Object.keys(namespaces).find((namespace) => shardOf(namespace, of) !== shard);
  if (stray !== undefined) throw unreadable(document, `${shardField}: namespace ${stray} belongs to another shard`);
  return namespaces;
}

function unfold(shard: StateDocument): string | undefined {
  const bytes = shard.binaryData[shardField];
  try {
    return bytes && gunzipSync(bytes, { maxOutputLength: unfoldedLimit }).toString("utf8");
  } catch (error) {
    throw unreadable(shard, `${shardField}: ${error instanceof Error ? error.message : "not gzip"}`);
  }
}

function readNamespaces(document: StateDocument, field: string, json: string | undefined): State["namespaces"] {
  const parsed = parseJson(document, field, json);
  const faults = namespacesShape(parsed, field);
  if (faults.length > 0) throw unreadable(document, faults.slice(0, 3).join("; "));
  return parsed as State["namespaces"];
}

function parseJson(document: StateDocument, field: string, json: string | undefined): unknown {
  if (json === undefined) throw unreadable(document, `${field} is missing`);
  try {
    const parsed: unknown = JSON.parse(json);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    throw unreadable(document, `${field} is no JSON; it may have been cut off`);
  }
  throw unreadable(document, `${field} holds no map`);
}

/** Sorted keys: two equal states are equal text. With an indent of one, one line per entry: people can read a difference. */
function toJson(value: unknown, indent: 0 | 1): string {
  const sorted = (_key: string, entry: unknown) =>
    typeof entry === "object" && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry;
  return JSON.stringify(value, sorted, indent);
}

/** What to do where a state is too large. */
export const watchLess =
  "Watch less: leave namespaces out (namespaces, namespaceSelector), or set a selector for sources (selector).";

function tooLarge(namespace: string, bytes: number): UsageError {
  return new UsageError(
    `the state of namespace ${namespace} does not fit into a ConfigMap: ${bytes} bytes, compressed, of at most ${fullShardLimit}. ${watchLess}`,
  );
}

const wayOut =
  "Nothing was changed. Restore the ConfigMap from a backup, or delete every ConfigMap of the state to begin again: the stamps on the workloads still tell what they rolled out with.";

function unreadable(document: StateDocument, fault: string): UsageError {
  return new UsageError(`the state in ConfigMap ${document.name} cannot be read: ${fault}. ${wayOut}`);
}

function wrongVersion(document: StateDocument, version: unknown): UsageError {
  return new UsageError(
    `the state in ConfigMap ${document.name} has version ${JSON.stringify(version)}, this reroll reads version ${stateVersion}. Use the newer reroll that wrote it. Nothing was changed.`,
  );
}

function missingShard(document: StateDocument, name: string): UsageError {
  return new UsageError(
    `the state is incomplete: ConfigMap ${document.name} lists ${name}, which does not exist. ${wayOut}`,
  );
}
