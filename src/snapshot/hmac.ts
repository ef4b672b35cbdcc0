import { createHmac, hash } from "node:crypto";

/** Bytes that SHA-256 takes at a time (RFC 2104: `B`). */
const block = 64;
/** Up to this length a message is put together in one piece, which is kept for the next one. */
const small = 16_384;
/** The inner padded key, the message; then the outer padded key and the inner digest. */
const inner = Buffer.alloc(block + small);
const outer = Buffer.alloc(block + 32);

interface Padded {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

const padded = new WeakMap<Uint8Array, Padded>();

function pad(key: Uint8Array): Padded {
  const known = padded.get(key);
  if (known) return known;
  const short = key.length > block ? hash("sha256", key, "buffer") : key;
  const filled = (mask: number) => Buffer.from(Array.from({ length: block }, (_, index) => (short[index] ?? 0) ^ mask));
  const made = { inner: filled(0x36), outer: filled(0x5c) };
  padded.set(key, made);
  return made;
}

/**
 * HMAC-SHA-256 (RFC 2104) over pieces, text as UTF-8, as the first `length` hex digits; with `lengths` each piece comes after its length in
 * bytes, four bytes big-endian. What `createHmac` makes is an object of OpenSSL that lives until it is collected: tens of thousands in
 * one run are megabytes nobody sees, and most of the time. Short messages do without.
 */
export function hmacHex(
  key: Uint8Array,
  pieces: readonly (string | Uint8Array)[],
  length: number,
  lengths: boolean,
): string {
  // A character is up to three bytes of UTF-8.
  const most = pieces.reduce((sum, piece) => sum + 4 + (typeof piece === "string" ? 3 : 1) * piece.length, 0);
  if (most > small) return longHmac(key, pieces, lengths).toString("hex", 0, length / 2);
  const pads = pad(key);
  inner.set(pads.inner, 0);
  let at = block;
  for (const piece of pieces) {
    const from = lengths ? at + 4 : at;
    if (typeof piece !== "string") inner.set(piece, from);
    const size = typeof piece === "string" ? inner.write(piece, from, "utf8") : piece.length;
    if (lengths) inner.writeUInt32BE(size, at);
    at = from + size;
  }
  outer.set(pads.outer, 0);
  outer.set(hash("sha256", inner.subarray(0, at), "buffer"), block);
  // By way of the bytes: a piece of a longer text would keep all of it in memory.
  return hash("sha256", outer, "buffer").toString("hex", 0, length / 2);
}

function longHmac(key: Uint8Array, pieces: readonly (string | Uint8Array)[], lengths: boolean): Buffer {
  const hmac = createHmac("sha256", key);
  for (const piece of pieces) {
    const bytes = typeof piece === "string" ? Buffer.from(piece, "utf8") : piece;
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(bytes.length);
    hmac.update(lengths ? prefix : "").update(bytes);
  }
  return hmac.digest();
}

/** The first `length` hex digits of SHA-256 over a text. */
export function sha256Hex(text: string, length: number): string {
  return hash("sha256", text, "buffer").toString("hex", 0, length / 2);
}
