import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sight } from "../../src/model/source.ts";
import type { SourceRecord, State } from "../../src/model/state.ts";
import { foldState, type RunFacts } from "../../src/record/fold.ts";
import { testDigester as digester } from "../support/digester.ts";
import { testPolicy } from "../support/policy.ts";

const at = "2026-11-23T02:00:00.000Z";
const now = "2026-11-23T03:00:00.000Z";
const ref = { kind: "ConfigMap", namespace: "shop", name: "settings" } as const;
const record: SourceRecord = {
  uid: "u",
  resourceVersion: "7",
  keyId: digester.currentId,
  digests: { a: "0123456789abcdef" },
  observedAt: at,
};
const state: State = {
  namespaces: { shop: { sources: { "ConfigMap/settings": record }, workloads: {}, ledger: [] } },
};

function factsOf(source: Partial<Extract<Sight, { is: "present" }>["source"]>): RunFacts {
  const header = { ref, uid: "u", resourceVersion: "7", createdAt: 0, lastWrite: 0, annotations: {} };
  const digests = new Map([[digester.currentId, { a: "0123456789abcdef" }]]);
  const observation = {
    headers: [],
    workloads: [],
    blind: [],
    absent: [],
    wanted: ["ConfigMap", "Secret", "Deployment"],
    issues: [],
    covers: () => true,
    policyOf: () => testPolicy(),
  };
  const sight = { is: "present", source: { ...header, digests, ...source } } as const;
  return { observation, sights: [{ ref, sight }], workloads: [], ledger: [], digester, now, readBy: now };
}

test("a run that saw nothing new gives the very state it began with, so that nothing is encoded or written", () => {
  assert.equal(foldState(state, factsOf({})), state);
});

test("a source that was only relabelled is remembered with its new resourceVersion, and when its content was first seen", () => {
  const { sources } = foldState(state, factsOf({ resourceVersion: "8" })).namespaces.shop ?? {};
  assert.deepEqual(sources, { "ConfigMap/settings": { ...record, resourceVersion: "8" } });
});
