/** The size that the state has to carry: 20,000 sources and 5,000 workloads. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { UsageError } from "../../src/model/errors.ts";
import type { NamespaceState, SourceRecord, State, WorkloadRecord } from "../../src/model/state.ts";
import type { StateStore, StoredDocument } from "../../src/ports.ts";
import { shardNames } from "../../src/record/codec.ts";
import { loadState, saveState } from "../../src/record/remember.ts";
import { type MemoryStore, memoryStore } from "../support/memory-store.ts";

const name = "reroll-state";
const namespaces = 50;
const sources = 20_000;
const workloads = 5_000;
const at = "2026-11-23T02:00:00.000Z";

/** Hex that does not compress, as digests and uids do not. */
const noise = (text: string, length: number) => createHash("sha256").update(text).digest("hex").slice(0, length);
const uid = (text: string) => noise(text, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
const localName = (index: number) => `${index % 2 === 0 ? "ConfigMap" : "Secret"}/settings-of-app-${index}`;
const numbered = <Item>(length: number, of: (index: number) => readonly [string, Item]): Record<string, Item> =>
  Object.fromEntries(Array.from({ length }, (_, index) => of(index)));

function sourceRecord(which: string): SourceRecord {
  const digests = Object.fromEntries(["a", "b", "c"].map((key) => [`${key}.yaml`, noise(which + key, 16)]));
  return { uid: uid(which), resourceVersion: noise(which, 8), keyId: "5a5d7876", digests, observedAt: at };
}

/** Uses four sources that nobody else does. */
function workloadRecord(which: string, index: number): WorkloadRecord {
  const used = Array.from({ length: sources / workloads }, (_, of) => localName((index * sources) / workloads + of));
  const rolledOut = (source: string) => ({ keyId: "5a5d7876", digest: noise(which + source, 12), keys: "*" as const });
  return {
    uid: uid(which),
    generation: 1 + (index % 9),
    uses: noise(`${which} uses`, 8),
    seen: { direct: index % 3 === 0 ? noise(`${which} stamp`, 8) : null, git: null },
    rolledOut: Object.fromEntries(used.map((source) => [source, rolledOut(source)])),
    template: { uses: Object.fromEntries(used.map((source) => [source, "*"])) },
    recordedAt: at,
  };
}

function namespaceOf(content: string): NamespaceState {
  return {
    sources: numbered(sources / namespaces, (index) => [localName(index), sourceRecord(`${content} ${index}`)]),
    workloads: numbered(workloads / namespaces, (index) => [
      `Deployment/app-${index}`,
      workloadRecord(`${content} app ${index}`, index),
    ]),
    ledger: [],
  };
}

const large: State = { namespaces: numbered(namespaces, (index) => [`team-${index}`, namespaceOf(`team ${index}`)]) };
const changed = (...teams: readonly string[]): State => ({
  namespaces: { ...large.namespaces, ...Object.fromEntries(teams.map((team) => [team, namespaceOf(`${team} anew`)])) },
});

const sizeOf = ({ data, binaryData }: StoredDocument) =>
  [...Object.values(data), ...Object.values(binaryData)].reduce((sum, value) => sum + Buffer.byteLength(value), 0);
const contentOf = ({ binaryData }: StoredDocument): Record<string, NamespaceState> =>
  JSON.parse(gunzipSync(binaryData["state.json.gz"] ?? new Uint8Array()).toString());

describe("a state of 20,000 sources and 5,000 workloads", () => {
  let stored: MemoryStore;
  /** A store of its own for each test: what one writes, no other sees. */
  const copy = () => memoryStore(stored.documents);
  const shards = () => {
    const manifest = stored.documents.get(name);
    assert.ok(manifest);
    return shardNames(manifest).map((shard) => stored.documents.get(shard) as StoredDocument);
  };
  /** Namespace -> the shard that holds it. */
  const homes = new Map<string, string>();
  const versions = (store: MemoryStore) => [...store.documents.values()].map((each) => `${each.name} ${each.version}`);
  const moved = (store: MemoryStore) => versions(store).filter((each) => !versions(stored).includes(each));
  const holds = async (store: MemoryStore, state: State) =>
    assert.deepEqual({ ...(await loadState(store, name)).state.namespaces }, state.namespaces);

  before(async () => {
    stored = memoryStore();
    await saveState(stored, await loadState(stored, name), large);
    for (const shard of shards()) for (const team of Object.keys(contentOf(shard))) homes.set(team, shard.name);
  });

  it("is read back whole from ConfigMaps that the API server takes, with room in them", async () => {
    await holds(copy(), large);
    assert.ok(shards().length >= 2);
    for (const document of stored.documents.values()) {
      assert.ok(sizeOf(document) < 0.8 * 1024 * 1024, `${document.name}: ${sizeOf(document)} bytes`);
    }
  });

  it("has every namespace whole in one shard, and nowhere else", () => {
    const all = shards().flatMap((shard) => Object.entries(contentOf(shard)));
    assert.equal(all.length, namespaces);
    assert.deepEqual(Object.fromEntries(all), large.namespaces);
  });

  it("that says nothing new is not written; where one namespace changed, its shard is, and no other document", async () => {
    const store = copy();
    await saveState(store, await loadState(store, name), changed());
    assert.equal(store.writes, 0);
    await saveState(store, await loadState(store, name), changed("team-7"));
    assert.deepEqual([store.writes, moved(store).map((each) => each.split(" ")[0])], [1, [homes.get("team-7")]]);
    await holds(store, changed("team-7"));
  });

  it("takes what two runs at once write into different shards, and of one shard what the first of them writes", async () => {
    const mine = "team-7";
    const [same, other] = [true, false].map((wanted) =>
      Object.keys(large.namespaces).find((team) => team !== mine && (homes.get(team) === homes.get(mine)) === wanted),
    );
    assert.ok(same && other);
    const store = copy();
    // What each of the three runs read, before any of them wrote.
    const read = await loadState(store, name);
    await saveState(store, read, changed(mine));
    await saveState(store, read, changed(other));
    await assert.rejects(saveState(store, read, changed(same)), { code: "conflict" });
    await holds(store, changed(mine, other));
  });

  it("with one shard missing is an error that names it and says what to do", async () => {
    const [first, last] = [shards().at(0), shards().at(-1)];
    for (const shard of [first?.name ?? "", last?.name ?? ""]) {
      const store = copy();
      store.documents.delete(shard);
      await assert.rejects(loadState(store, name), (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, new RegExp(`ConfigMap ${name} lists ${shard}, which does not exist`));
        assert.match(error.message, /Restore .* or delete every ConfigMap of the state to begin again/);
        return true;
      });
    }
  });

  it("of which everything is gone is a first run", async () => {
    const store = copy();
    store.documents.clear();
    assert.equal((await loadState(store, name)).first, true);
  });
});

describe("a state that grows into more shards", () => {
  /** So much that does not compress that a few of them fill a shard. */
  const heavy = (which: string): NamespaceState => {
    const bulk = Array.from({ length: 6_000 }, (_, index) => noise(`${which} ${index}`, 64)).join("");
    return { sources: { "ConfigMap/a": { ...sourceRecord(which), uid: bulk } }, workloads: {}, ledger: [] };
  };
  const all = numbered(12, (index) => [`team-${index}`, heavy(`team ${index}`)]);
  const small: State = { namespaces: Object.fromEntries(Object.entries(all).slice(0, 3)) };
  const big: State = { namespaces: all };

  it("killed before or after the manifest lists them: the next run reads a whole state, old or new, and can write its own", async () => {
    const stored = memoryStore();
    await saveState(stored, await loadState(stored, name), small);
    const grown = memoryStore(stored.documents);
    await saveState(grown, await loadState(grown, name), big);
    assert.ok(stored.documents.size > 2 && grown.documents.size > stored.documents.size);
    const shards = shardNames(grown.documents.get(name) as StoredDocument).length;
    // Before the manifest that lists the new ones, and before those of then are removed.
    for (const dieAt of [shards + 1, shards + 2]) {
      const store = memoryStore(stored.documents);
      store.dieAt = dieAt;
      await assert.rejects(saveState(store, await loadState(store, name), big), /killed/);
      store.dieAt = undefined;
      const read = await loadState(store, name);
      assert.ok([3, 12].includes(Object.keys(read.state.namespaces).length), `killed at write ${dieAt}`);
      await saveState(store, read, big);
      assert.deepEqual({ ...(await loadState(store, name)).state.namespaces }, all);
    }
  });

  it("while somebody reads it: the reader begins again, and has it whole", async () => {
    const store = memoryStore();
    await saveState(store, await loadState(store, name), small);
    let reads = 0;
    const slow: StateStore = {
      ...store,
      read: async (document) => {
        if (++reads === 3) await saveState(store, await loadState(store, name), big);
        return store.read(document);
      },
    };
    assert.deepEqual({ ...(await loadState(slow, name)).state.namespaces }, all);
  });

  it("a manifest from before that lists shards of another number is an error, and no state in which namespaces are missing", async () => {
    const store = memoryStore();
    await saveState(store, await loadState(store, name), small);
    const before = [...store.documents];
    await saveState(store, await loadState(store, name), big);
    const count = shardNames(store.documents.get(name) as StoredDocument).length;
    // The shards of now under the names of then, as somebody may have put them back.
    const mixed = memoryStore(
      before.map(([key, document]) => {
        const now = store.documents.get(key.replace(/-2-/, `-${count}-`));
        return [key, { ...(now ?? document), name: key, data: key === name ? document.data : (now ?? document).data }];
      }),
    );
    await assert.rejects(loadState(mixed, name), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, new RegExp(`reroll-state-2-0 .*it is shard 0 of ${count}, listed as 0 of 2`));
      assert.match(error.message, /Nothing was changed\. Restore/);
      return true;
    });
  });

  it("a namespace may fill a ConfigMap; what is too large for one is refused by name, with what to do", async () => {
    const bulk = (length: number): State => {
      const uid = Array.from({ length: length / 64 }, (_, index) => noise(`bulk ${index}`, 64)).join("");
      const crowd = numbered(5, (index) => [`other-${index}`, namespaceOf(`other ${index}`)]);
      const shop = { sources: { "ConfigMap/a": { ...sourceRecord("a"), uid } }, workloads: {}, ledger: [] };
      return { namespaces: { ...crowd, shop } };
    };
    const store = memoryStore();
    await saveState(store, await loadState(store, name), bulk(1_760_000));
    const largest = Math.max(...[...store.documents.values()].map(sizeOf));
    assert.ok(largest > 900_000 && largest <= 1024 * 1024, String(largest));
    await assert.rejects(saveState(store, await loadState(store, name), bulk(2_000_000)), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /namespace shop does not fit into a ConfigMap: \d+ bytes.*Watch less: .*selector/);
      return true;
    });
  });
});
