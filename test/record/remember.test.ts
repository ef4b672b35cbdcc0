import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PortError } from "../../src/model/errors.ts";
import type { NamespaceState, State } from "../../src/model/state.ts";
import { loadState, saveState } from "../../src/record/remember.ts";
import { type MemoryStore, memoryStore } from "../support/memory-store.ts";

const name = "reroll-state";
const hex = (text: string) => Buffer.from(text).toString("hex").padStart(16, "0").slice(-16);

/** So many sources that one ConfigMap that people can read does not hold them. */
function namespaceOf(sources: number, version: string): NamespaceState {
  const entries = Array.from({ length: sources }, (_, index) => [
    `ConfigMap/source-${index}`,
    {
      uid: `uid-${index}`,
      resourceVersion: version,
      keyId: "5a5d7876",
      digests: { key: hex(`${index}`) },
      observedAt: "2026-11-23T02:00:00.000Z",
    },
  ]);
  return { sources: Object.fromEntries(entries), workloads: {}, ledger: [] };
}

const stateOf = (sources: number, version: string): State => ({
  namespaces: { shop: namespaceOf(sources, version), other: namespaceOf(sources, version) },
});
const small = stateOf(2, "1");
const large = stateOf(1500, "2");

async function save(store: MemoryStore, state: State): Promise<void> {
  await saveState(store, await loadState(store, name), state);
}

async function assertHolds(store: MemoryStore, state: State): Promise<void> {
  assert.deepEqual({ ...(await loadState(store, name)).state.namespaces }, { ...state.namespaces });
}

describe("a state that is written when the run before was killed while writing", () => {
  for (const [what, before] of [
    ["the first state ever", undefined],
    ["a state that outgrows one ConfigMap", small],
  ] as const) {
    test(`${what}: whatever write it died at, the next run reads a whole state and can write its own`, async () => {
      const fresh = async () => {
        const store = memoryStore();
        if (before) await save(store, before);
        store.writes = 0;
        return store;
      };
      const whole = await fresh();
      await save(whole, large);
      assert.ok(whole.writes > 2, "it takes several writes");
      for (let at = 1; at <= whole.writes; at++) {
        const store = await fresh();
        store.dieAt = at;
        await assert.rejects(save(store, large), /killed/);
        store.dieAt = undefined;
        const read = await loadState(store, name);
        const known = Object.keys(read.state.namespaces);
        assert.ok(before ? known.length === 2 : [0, 2].includes(known.length), `killed at write ${at}`);
        await saveState(store, read, stateOf(1500, "3"));
        await assertHolds(store, stateOf(1500, "3"));
      }
    });
  }
});

describe("two runs that write at the same time", () => {
  test("the slower one is refused, and the faster one's knowledge stands", async () => {
    const store = memoryStore();
    await save(store, small);
    const slow = await loadState(store, name);
    await save(store, stateOf(3, "9"));
    await assert.rejects(saveState(store, slow, stateOf(4, "8")), { code: "conflict" });
    await assertHolds(store, stateOf(3, "9"));
  });

  test("two first runs: one of them is refused", async () => {
    const store = memoryStore();
    const [one, other] = [await loadState(store, name), await loadState(store, name)];
    await saveState(store, one, small);
    await assert.rejects(saveState(store, other, small), { code: "already-exists" });
  });
});

test("a state that says nothing new is not written", async () => {
  for (const state of [small, large]) {
    const store = memoryStore();
    await save(store, state);
    store.writes = 0;
    await save(store, { namespaces: Object.fromEntries(Object.entries(state.namespaces).reverse()) });
    assert.equal(store.writes, 0);
  }
});

test("a write that failed leaves no piece that the same run could not write again", async () => {
  const store = memoryStore();
  await save(store, large);
  const read = await loadState(store, name);
  store.writes = 0;
  store.loseAnswerAt = 1;
  const failure = await saveState(store, read, stateOf(1500, "5")).catch((error: unknown) => error);
  assert.ok(failure instanceof PortError);
  store.loseAnswerAt = undefined;
  await saveState(store, await loadState(store, name), stateOf(1500, "6"));
  await assertHolds(store, stateOf(1500, "6"));
});
