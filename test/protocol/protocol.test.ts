import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { judgeHistory } from "./history.ts";

const histories = Number(process.env.REROLL_TEST_HISTORIES ?? 1000);

test("random histories of killed and overlapping runs, lost answers, refused patches, partial lists, template edits, undone rollouts, stripped stamps, changed options, rotated and lost keys, lost state: nothing missed, nothing needless, always at rest", () => {
  let restarts = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
      const judgement = judgeHistory(seed);
      restarts += judgement.restarts;
      assert.equal(judgement.fault, undefined, `seed ${seed}\n${judgement.log.join("\n")}`);
    }),
    { numRuns: histories, endOnFailure: true },
  );
  assert.ok(restarts > histories / 4, `only ${restarts} restarts in ${histories} histories`);
});
