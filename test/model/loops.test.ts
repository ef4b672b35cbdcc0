import assert from "node:assert/strict";
import { test } from "node:test";
import { countText, endText, loopText } from "../../src/model/loops.ts";

test("why restarts are held back is said in few words, with times that people read", () => {
  assert.equal(
    loopText({ rule: "returns", source: "Secret/tls", count: 1 }),
    "Secret/tls keeps changing back and forth: it came back to the same content once",
  );
  assert.equal(countText({ rule: "restarts", count: 12 }), "it was restarted 12 times within an hour");
  assert.equal(
    endText({ until: "2026-10-01T05:45:00.000Z" }, "reroll retry Secret/shop/tls"),
    "until 2026-10-01 05:45:00 UTC, if nothing changes by then, or until reroll retry Secret/shop/tls",
  );
});
