import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../support/effort.ts";
import { judgeHistory } from "./history.ts";

const histories = Number(process.env.REROLL_TEST_HISTORIES ?? runs(1000));
/** Histories that showed a fault once: of reroll, or of the model that judges it. */
const caught = [158601732, 237174050, 1414544597, 1666139146, 2061645682];

test("random histories of killed and overlapping runs, lost answers, refused patches, partial lists, template edits, undone rollouts, stripped stamps, changed options, rotated and lost keys, lost state, writers that do not agree, quarantines that begin and end: nothing missed, nothing needless, always at rest", () => {
  const sum = { restarts: 0, quarantined: 0, released: 0 };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
      const judgement = judgeHistory(seed);
      for (const word of ["restarts", "quarantined", "released"] as const) sum[word] += judgement[word];
      assert.equal(judgement.fault, undefined, `seed ${seed}\n${judgement.log.join("\n")}`);
    }),
    { numRuns: histories, endOnFailure: true, examples: caught.map((seed) => [seed]) },
  );
  assert.ok(sum.restarts > histories / 4, `only ${sum.restarts} restarts in ${histories} histories`);
  assert.ok(
    Math.min(sum.quarantined, sum.released) > histories / 50,
    `only ${sum.quarantined} times held back, ${sum.released} released`,
  );
});
