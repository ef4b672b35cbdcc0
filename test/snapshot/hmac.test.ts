import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { hmacHex, sha256Hex } from "../../src/snapshot/hmac.ts";

test("HMAC-SHA-256 of RFC 4231, test cases 1, 2 and 6", () => {
  const hex = (key: Buffer, text: string) => hmacHex(key, [text], 64, false);
  assert.equal(
    hex(Buffer.alloc(20, 0x0b), "Hi There"),
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  );
  assert.equal(
    hex(Buffer.from("Jefe"), "what do ya want for nothing?"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
  assert.equal(
    hex(Buffer.alloc(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First"),
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  );
});

test("the same as node:crypto says, for any key and any pieces, short and long, one after the other", () => {
  const long = fc.integer({ min: 4_000, max: 40_000 });
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.string({ unit: "binary", maxLength: 40 }),
    long.map((length) => new Uint8Array(length).fill(7)),
    long.map((length) => "ж".repeat(length)),
  );
  const key = fc.uint8Array({ minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(key, fc.array(piece, { maxLength: 4 }), fc.boolean(), (key, pieces, lengths) => {
      const hmac = createHmac("sha256", key);
      for (const piece of pieces) {
        const bytes = Buffer.from(piece as string);
        const prefix = Buffer.alloc(lengths ? 4 : 0);
        if (lengths) prefix.writeUInt32BE(bytes.length);
        hmac.update(prefix).update(bytes);
      }
      assert.equal(hmacHex(key, pieces, 16, lengths), hmac.digest("hex").slice(0, 16));
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(sha256Hex(text, 8), createHash("sha256").update(text).digest("hex").slice(0, 8));
    }),
  );
});
