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
/** A shard is split before it reaches this many bytes; the API server refuses a ConfigMap over 1,048,576. */
const shardLimit = 786_432;
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
 * The manifest comes last, so that whoever writes in this order never lists a shard that is not there.
 */
export function encodeState(state: State, manifestName: string, atLeast: number): StateDocument[] {
  const json = toJson(state.namespaces, 1);
  if (atLeast === 0 && json.length <= readableLimit) return [manifest(manifestName, [], { [stateField]: json })];
  for (let shards = Math.max(atLeast, 2); shards <= largestShardCount; shards *= 2) {
    const documents = encodeShards(state, manifestName, shards);
    if (documents.every(({ binaryData }) => (binaryData[shardField]?.length ?? 0) <= shardLimit)) {
      return [
        ...documents,
        manifest(
          manifestName,
          documents.map(({ name }) => name),
          {},
        ),
      ];
    }
  }
  throw new UsageError(
    `the state of one namespace does not fit into a ConfigMap (${shardLimit} bytes, compressed). Watch fewer sources: leave namespaces out, or set a selector.`,
  );
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

function encodeShards(state: State, manifestName: string, shards: number): StateDocument[] {
  const parts = Array.from({ length: shards }, (): Record<string, NamespaceState> => ({}));
  for (const [namespace, content] of Object.entries(state.namespaces)) {
    (parts[crc32(namespace) % shards] as Record<string, NamespaceState>)[namespace] = content;
  }
  return parts.map((part, index) => ({
    name: `${manifestName}-${shards}-${index}`,
    data: { [manifestField]: JSON.stringify({ version: stateVersion, shard: index, of: shards }) },
    binaryData: { [shardField]: gzipSync(toJson(part, 0)) },
  }));
}

/** Reads a state back. `documents` are the manifest and every shard it lists, in any order. Throws a `UsageError` that says what is broken and what to do. */
export function decodeState(manifestDocument: StateDocument, shards: readonly StateDocument[]): State {
  const names = shardNames(manifestDocument);
  if (names.length === 0) {
    return { namespaces: readNamespaces(manifestDocument, stateField, manifestDocument.data[stateField]) };
  }
  const namespaces = names.map((name) => {
    const shard = shards.find((each) => each.name === name);
    if (!shard) throw missingShard(manifestDocument, name);
    return readShard(shard);
  });
  return { namespaces: Object.assign(Object.create(null), ...namespaces) };
}

function readShard(shard: StateDocument): State["namespaces"] {
  const { version } = parseJson(shard, manifestField, shard.data[manifestField]) as { version?: unknown };
  if (version !== stateVersion) throw wrongVersion(shard, version);
  return readNamespaces(shard, shardField, unfold(shard));
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
