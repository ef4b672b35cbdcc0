import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { parse } from "yaml";
import { UsageError } from "../../src/model/errors.ts";
import type { NamespaceState, State } from "../../src/model/state.ts";
import { decodeState, encodeState, type StateDocument, shardNames } from "../../src/record/codec.ts";
import { runs } from "../support/effort.ts";
import { seeded } from "../support/interleave.ts";
import { mutated } from "../support/mutate.ts";

const name = "reroll-state";
const fixture = new URL("../../fixtures/state/v1-readable.yaml", import.meta.url);
const readable = (): StateDocument => ({ name, data: parse(readFileSync(fixture, "utf8")), binaryData: {} });
const withData = (data: Record<string, string>): StateDocument => ({
  ...readable(),
  data: { ...readable().data, ...data },
});

function manifestOf(documents: readonly StateDocument[]): StateDocument {
  const found = documents.find((document) => document.name === name);
  assert.ok(found);
  return found;
}

const roundTrip = (state: State, atLeast = 0) => {
  const documents = encodeState(state, name, atLeast);
  return decodeState(manifestOf(documents), documents);
};

function bigNamespace(entries: number): NamespaceState {
  const hex = (index: number) => index.toString(16).padStart(16, "0");
  const sources = Array.from({ length: entries }, (_, index) => [
    `ConfigMap/source-${index}`,
    {
      uid: hex(index * 7919),
      resourceVersion: String(index),
      keyId: "5a5d7876",
      digests: { key: hex(index * 104729) },
      observedAt: "2026-11-23T02:00:00.000Z",
    },
  ]);
  return { sources: Object.fromEntries(sources), workloads: {}, ledger: [] };
}

test("the released format v1 reads back and is written as it was read", () => {
  const state = decodeState(readable(), []);
  assert.equal(state.namespaces.web?.workloads["Deployment/web"]?.pending?.reason, "paused");
  assert.deepEqual(roundTrip(state), state);
});

test("a state is the same text whatever order it was put together in", () => {
  const { web } = decodeState(readable(), []).namespaces;
  assert.ok(web);
  const one = encodeState({ namespaces: { a: web, b: web } }, name, 0);
  const other = encodeState({ namespaces: { b: web, a: { ...web, sources: { ...web.sources } } } }, name, 0);
  assert.deepEqual(one, other);
});

test("names and keys at their limits and in any script are read back as they were, whole and in shards", () => {
  const keys = ["K".repeat(253), "ключ", "🔑", "caf\u00e9", "cafe\u0301", "__proto__", "constructor"];
  const digests = Object.fromEntries(keys.map((key) => [key, "0123456789abcdef"]));
  const [[, record] = []] = Object.entries(bigNamespace(1).sources);
  assert.ok(record);
  const sources = { [`Secret/${"s".repeat(253)}`]: { ...record, digests } };
  const state: State = { namespaces: { ["n".repeat(63)]: { sources, workloads: {}, ledger: [] } } };
  assert.deepEqual(roundTrip(state), state);
  assert.deepEqual({ ...roundTrip(state, 2).namespaces }, state.namespaces);
});

test("a large state goes into shards, the manifest last, and reads back from them in any order", () => {
  const namespaces = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`team-${index}`, bigNamespace(200)]));
  const documents = encodeState({ namespaces }, name, 0);
  const manifest = manifestOf(documents);
  assert.equal(documents.at(-1), manifest);
  assert.deepEqual(
    shardNames(manifest),
    documents.slice(0, -1).map((document) => document.name),
  );
  assert.deepEqual({ ...decodeState(manifest, documents.toReversed()).namespaces }, namespaces);
});

test("once sharded, a namespace stays in its shard: a change elsewhere leaves the other shards alone", () => {
  const namespaces = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`team-${index}`, bigNamespace(200)]));
  const before = encodeState({ namespaces }, name, 0);
  const shards = before.length - 1;
  const after = encodeState({ namespaces: { ...namespaces, "team-3": bigNamespace(201) } }, name, shards);
  const moved = after.filter((document, index) => JSON.stringify(document) !== JSON.stringify(before[index]));
  assert.equal(moved.length, 1);
  assert.equal(encodeState({ namespaces: {} }, name, shards).length, shards + 1);
});

describe("broken state is an error that says what and where, never an empty state", () => {
  const state = readable().data["state.json"] ?? "";
  const cases: Record<string, readonly [StateDocument, RegExp]> = {
    "cut off": [withData({ "state.json": state.slice(0, 300) }), /reroll-state.*state\.json is no JSON.*cut off/s],
    "a newer version": [withData({ "manifest.json": '{"version":2,"shards":[]}' }), /version 2.*reads version 1/s],
    "no version": [withData({ "manifest.json": '{"shards":[]}' }), /version undefined/],
    "a digest edited by hand": [
      withData({ "state.json": state.replace("1cff3b2d6a883eb2", "abc") }),
      /digests\.LOG_LEVEL/,
    ],
    "an unknown field": [
      withData({ "state.json": state.replace('"uid": "u-1"', '"uid": "u-1", "note": "mine"') }),
      /note is unknown/,
    ],
    "a missing field": [withData({ "state.json": state.replace('"generation": 3,', "") }), /generation is missing/],
    "a date that is none": [withData({ "state.json": state.replace("2026-11-22T02", "yesterday") }), /is no date/],
    "no state at all": [
      { ...readable(), data: { "manifest.json": '{"version":1,"shards":[]}' } },
      /state\.json is missing/,
    ],
    "a list where a map belongs": [withData({ "state.json": "[]" }), /is no map/],
    "shards that are no list": [withData({ "manifest.json": '{"version":1,"shards":"x"}' }), /shards is no list/],
    "a shard that is not there": [
      withData({ "manifest.json": '{"version":1,"shards":["reroll-state-2-0"]}' }),
      /lists reroll-state-2-0, which does not exist/,
    ],
  };
  for (const [what, [document, message]] of Object.entries(cases)) {
    test(what, () => {
      assert.throws(
        () => decodeState(document, []),
        (error) =>
          error instanceof UsageError && message.test(error.message) && /Nothing was changed/.test(error.message),
      );
    });
  }

  test("a shard that is no gzip, or unfolds without end", () => {
    const manifest = withData({ "manifest.json": '{"version":1,"shards":["s"]}' });
    const shard = (bytes: Uint8Array): StateDocument => ({
      name: "s",
      data: { "manifest.json": '{"version":1,"shard":0,"of":1}' },
      binaryData: { "state.json.gz": bytes },
    });
    assert.throws(() => decodeState(manifest, [shard(new Uint8Array([1, 2, 3]))]), /ConfigMap s .*state\.json\.gz/);
    const bomb = gzipSync(Buffer.alloc(300_000_000));
    assert.throws(() => decodeState(manifest, [shard(bomb)]), /ConfigMap s .*state\.json\.gz/);
  });
});

test("no text in place of the state makes anything but a state or a UsageError", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.oneof(fc.string(), fc.json()), (manifest, state) => {
      try {
        decodeState({ name, data: { "manifest.json": manifest, "state.json": state }, binaryData: {} }, []);
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
      }
    }),
    { numRuns: runs(300) },
  );
});

test("a state with anything wrong in it, whole or in shards, is a UsageError that says so, or reads back as it is then written", () => {
  const [web] = Object.values(decodeState(readable(), []).namespaces);
  assert.ok(web);
  const sharded = encodeState({ namespaces: { a: web, b: web } }, name, 2);
  const damaged = (documents: readonly StateDocument[], seed: number, times: number): StateDocument[] => {
    const random = seeded(seed);
    const victim = Math.floor(random() * documents.length);
    return documents.map((document, index) => {
      if (index !== victim) return document;
      const { data, binaryData } = document;
      const unfolded = Object.entries(binaryData).map(([field, bytes]) => [field, gunzipSync(bytes).toString()]);
      const both = mutated({ ...data, ...Object.fromEntries(unfolded) }, random, times);
      const texts = Object.entries(both ?? {}).filter(
        (entry): entry is [string, string] => typeof entry[1] === "string",
      );
      const folded = ([field]: readonly [string, string]) => field in binaryData;
      return {
        ...document,
        data: Object.fromEntries(texts.filter((entry) => !folded(entry))),
        binaryData: Object.fromEntries(texts.filter(folded).map(([field, text]) => [field, gzipSync(text)])),
      };
    });
  };
  fc.assert(
    fc.property(
      fc.constantFrom([readable()], sharded),
      fc.nat(),
      fc.integer({ min: 1, max: 4 }),
      (whole, seed, times) => {
        const documents = damaged(whole, seed, times);
        const started = process.cpuUsage();
        try {
          const state = decodeState(manifestOf(documents), documents);
          assert.deepEqual(roundTrip(state, documents.length > 1 ? 2 : 0), state);
        } catch (error) {
          assert.ok(error instanceof UsageError && /Nothing was changed/.test(error.message), String(error));
        }
        const { user, system } = process.cpuUsage(started);
        assert.ok(user + system < 1e6, `took ${user + system} microseconds of CPU`);
      },
    ),
    { numRuns: runs(200) },
  );
});
