import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";

const algorithms = ["md5", "sha1", "sha256", "sha512"] as const;
/** Lengths to which tools cut hashes. */
const cuts = [12, 16] as const;

/** One way in which a value could have come to light. */
export interface Trace {
  readonly what: string;
  readonly text: string;
}

function encodings(bytes: Buffer, what: string): Trace[] {
  const plain = bytes.toString();
  const base64 = bytes.toString("base64");
  return [
    { what, text: plain },
    { what: `${what}, JSON`, text: JSON.stringify(plain).slice(1, -1) },
    { what: `${what}, base64`, text: base64.replace(/=+$/, "") },
    { what: `${what}, base64url`, text: bytes.toString("base64url") },
    { what: `${what}, base64 twice`, text: Buffer.from(base64).toString("base64").replace(/=+$/, "") },
    { what: `${what}, hex`, text: bytes.toString("hex") },
    { what: `${what}, url-encoded`, text: encodeURIComponent(plain) },
    { what: `${what}, reversed`, text: [...plain].reverse().join("") },
  ];
}

function hashes(bytes: string | Buffer, what: string): Trace[] {
  return algorithms.flatMap((algorithm) => {
    const digest = createHash(algorithm).update(bytes).digest();
    return [digest.toString("hex"), digest.toString("base64"), digest.toString("base64url")].flatMap((text) =>
      [text, ...cuts.map((length) => text.slice(0, length))].map((cut) => ({
        what: `${algorithm} of ${what}`,
        text: cut,
      })),
    );
  });
}

/** Every usual trace of one entry of a ConfigMap or Secret: the value itself, encoded, and hashed without a key. */
export function tracesOf(key: string, value: string): Trace[] {
  const bytes = Buffer.from(value);
  const base64 = bytes.toString("base64");
  const hashed: readonly (readonly [string, string | Buffer])[] = [
    ["the value", bytes],
    ["its base64", base64],
    ["key=value", `${key}=${value}`],
    ["key=base64", `${key}=${base64}`],
    ["key and value", `${key}${value}`],
    ["its JSON", JSON.stringify({ [key]: value })],
    ["the JSON of its base64", JSON.stringify({ [key]: base64 })],
  ];
  return [...encodings(bytes, "the value"), ...hashed.flatMap(([what, input]) => hashes(input, what))];
}

/** The text, and whatever it carries in base64, unzipped where it is zipped. */
function unfolded(text: string): string {
  const blobs = [...text.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)].map(([blob]) => Buffer.from(blob, "base64"));
  const zipped = blobs
    .filter((blob) => blob[0] === 0x1f && blob[1] === 0x8b)
    .map((blob) => gunzipSync(blob).toString());
  return [text, ...blobs.map((blob) => blob.toString()), ...zipped].join("\n");
}

/** What of the traces shows up in the text, in words that do not repeat it. */
export function findTraces(text: string, traces: readonly Trace[]): string[] {
  const lower = unfolded(text).toLowerCase();
  return traces.filter((trace) => lower.includes(trace.text.toLowerCase())).map(({ what }) => what);
}
