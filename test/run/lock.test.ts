import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LeaseReading } from "../../src/ports.ts";
import { holderOf } from "../../src/run/lock.ts";

const at = Date.parse("2026-11-23T02:00:00Z");
const reading = (changes: Partial<LeaseReading>): LeaseReading => ({
  holder: "pod-a",
  renewedAt: at,
  ranAt: at,
  durationSeconds: 60,
  version: "1",
  serverTime: at + 1000,
  ...changes,
});

describe("who holds the lock is judged by the API server's clock of the same answer", () => {
  test("somebody else, as long as their Lease lasts", () => {
    assert.deepEqual(holderOf(reading({ serverTime: at + 60_000 }), "pod-b"), {
      holder: "pod-a",
      until: "2026-11-23T02:01:00.000Z",
    });
  });
  test("nobody, once renewal and duration lie in the past", () => {
    assert.equal(holderOf(reading({ serverTime: at + 60_001 }), "pod-b"), undefined);
  });
  test("nobody, when it was released, never taken, or is our own", () => {
    assert.equal(holderOf(reading({ holder: undefined }), "pod-b"), undefined);
    assert.equal(holderOf(reading({ renewedAt: undefined }), "pod-b"), undefined);
    assert.equal(holderOf(reading({}), "pod-a"), undefined);
  });
});
