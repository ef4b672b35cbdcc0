/** Ends a list of packets (gitprotocol-common, pkt-line). */
export const flush: Buffer = Buffer.from("0000");

/** One packet: four hex digits of length, themselves counted, and the data. */
export function packet(data: string | Uint8Array): Buffer {
  const bytes = Buffer.from(data as Uint8Array);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, "0")), bytes]);
}

/** The channels of the side band: the answer itself, and words for people. */
export const channel = { data: 1, words: 2 } as const;

/** A packet holds 65,520 bytes, of which four are its length and one is the channel. */
const most = 65_515;

/** Bytes as packets of the side band (gitprotocol-capabilities, side-band-64k). */
export function sideBand(on: (typeof channel)[keyof typeof channel], bytes: Uint8Array): Buffer {
  const packets: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += most)
    packets.push(packet(Buffer.concat([Buffer.from([on]), bytes.subarray(at, at + most)])));
  return Buffer.concat(packets);
}

/** What a request begins with: lists of lines, each ended by a flush packet, and whatever comes after `lists` of them. */
export interface Lines {
  readonly lists: readonly (readonly string[])[];
  readonly rest: Buffer;
}

/** Reads packets up to the end, or until that many lists are read. Throws where the lengths are none. */
export function readLines(body: Buffer, lists = Number.POSITIVE_INFINITY): Lines {
  const read: string[][] = [];
  let list: string[] = [];
  let at = 0;
  while (at < body.length && read.length < lists) {
    const length = Number.parseInt(body.toString("latin1", at, at + 4), 16);
    if (length === 0) {
      read.push(list);
      list = [];
      at += 4;
      continue;
    }
    if (!(length > 4) || at + length > body.length) throw new Error("protocol error: bad line length");
    list.push(body.toString("utf8", at + 4, at + length).replace(/\n$/, ""));
    at += length;
  }
  return { lists: list.length > 0 ? [...read, list] : read, rest: body.subarray(at) };
}
