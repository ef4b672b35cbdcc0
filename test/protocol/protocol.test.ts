import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createDigester } from "../../src/snapshot/digest.ts";
import { judgeHistory } from "./history.ts";

const digester = createDigester([{ id: "00000000", bytes: new Uint8Array(32) }]);
const histories = Number(process.env.REROLL_TEST_HISTORIES ?? 1500);

test("random histories of killed and overlapping runs, lost answers, partial lists, template edits, stripped stamps and lost state: nothing missed, nothing needless, always at rest", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
      const { fault, log } = judgeHistory(seed, digester);
      assert.equal(fault, undefined, `seed ${seed}\n${log.join("\n")}`);
    }),
    { numRuns: histories, endOnFailure: true },
  );
});
