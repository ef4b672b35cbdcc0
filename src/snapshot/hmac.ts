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
 * HMAC-SHA-256 (RFC 2104) over pieces, as the first `length` hex digits. What `createHmac` makes is an object of OpenSSL that lives until
 * it is collected: tens of thousands in one run are megabytes nobody sees, and most of the time. Short messages do without.
 */
export function hmacHex(key: Uint8Array, pieces: readonly Uint8Array[], length: number): string {
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (size > small) {
    const hmac = createHmac("sha256", key);
    for (const piece of pieces) hmac.update(piece);
    return hmac.digest().toString("hex", 0, length / 2);
  }
  const pads = pad(key);
  inner.set(pads.inner, 0);
  let at = block;
  for (const piece of pieces) {
    inner.set(piece, at);
    at += piece.length;
  }
  outer.set(pads.outer, 0);
  outer.set(hash("sha256", inner.subarray(0, at), "buffer"), block);
  // By way of the bytes: a piece of a longer text would keep all of it in memory.
  return hash("sha256", outer, "buffer").toString("hex", 0, length / 2);
}

/** The first `length` hex digits of SHA-256 over a text. */
export function sha256Hex(text: string, length: number): string {
  return hash("sha256", text, "buffer").toString("hex", 0, length / 2);
}
