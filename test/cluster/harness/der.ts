/** Just enough of the DER encoding of ASN.1 to write X.509 certificates with. */

type Bytes = Uint8Array;

const [INTEGER, BIT_STRING, OCTET_STRING, OBJECT_ID, UTF8, UTC_TIME] = [0x02, 0x03, 0x04, 0x06, 0x0c, 0x17];
const [SEQUENCE, SET] = [0x30, 0x31];

/** A tag, the length of what follows, and what follows. */
export function der(tag: number, ...parts: Bytes[]): Bytes {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(tag, ...lengthOf(content.length)), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes = base(length, 256);
  return [0x80 | bytes.length, ...bytes];
}

export const sequence = (...parts: Bytes[]): Bytes => der(SEQUENCE, ...parts);
export const set = (...parts: Bytes[]): Bytes => der(SET, ...parts);
export const octets = (...parts: Bytes[]): Bytes => der(OCTET_STRING, ...parts);
export const utf8 = (text: string): Bytes => der(UTF8, Buffer.from(text));
export const TRUE: Bytes = der(0x01, Uint8Array.of(0xff));

/** A positive number: a first bit that is set would make it negative. */
export function integer(bytes: Bytes): Bytes {
  return der(INTEGER, (bytes[0] ?? 0) & 0x80 ? Uint8Array.of(0) : Uint8Array.of(), bytes);
}

export function bits(bytes: Bytes, unused = 0): Bytes {
  return der(BIT_STRING, Uint8Array.of(unused), bytes);
}

/** Two digits for the year: what X.509 wants until 2049. */
export function time(date: Date): Bytes {
  return der(
    UTC_TIME,
    Buffer.from(
      `${date
        .toISOString()
        .slice(2)
        .replace(/[-:T]|\..*/g, "")}Z`,
    ),
  );
}

/** `1.2.840…`: the first two numbers share a byte, the others are written in base 128. */
export function objectId(dotted: string): Bytes {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const tail = rest.flatMap((number) =>
    base(number, 128).map((digit, i, all) => digit | (i < all.length - 1 ? 0x80 : 0)),
  );
  return der(OBJECT_ID, Uint8Array.of(first * 40 + second, ...tail));
}

/** A field of a CHOICE or an optional one: `implicit` replaces the tag of a plain value, `explicit` wraps a whole one. */
export const implicit = (field: number, content: Bytes): Bytes => der(0x80 | field, content);
export const explicit = (field: number, ...parts: Bytes[]): Bytes => der(0xa0 | field, ...parts);

function base(number: number, radix: number): number[] {
  const digits = [number % radix];
  for (let rest = Math.floor(number / radix); rest > 0; rest = Math.floor(rest / radix)) digits.unshift(rest % radix);
  return digits;
}
