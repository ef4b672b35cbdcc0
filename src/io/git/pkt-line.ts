import { GitError } from "../../model/git.ts";

/** One packet of the Git protocol (gitprotocol-common): a payload, or one of the packets that only separate. */
export type Packet = Buffer | "flush" | "delimiter" | "end";

const separators: readonly Packet[] = ["flush", "delimiter", "end"];

/** `0000`. */
export const flush: Buffer = Buffer.from("0000");

/** A packet with that payload. */
export function packet(content: string | Buffer): Buffer {
  const payload = Buffer.from(content);
  return Buffer.concat([Buffer.from((payload.length + 4).toString(16).padStart(4, "0")), payload]);
}

/** Length of the packet whose first four bytes these are, header included: 0 to 2 for separators. Fails with `bad-answer`. */
export function packetLength(head: Buffer): number {
  const text = head.toString("latin1", 0, 4);
  const length = /^[0-9a-f]{4}$/i.test(text) ? Number.parseInt(text, 16) : 3;
  if (length === 3) throw new GitError("bad-answer", "the answer is not of the Git protocol");
  return length;
}

/** The packets of a whole answer and where each ends. Fails with `bad-answer` where the answer is cut or not of the Git protocol. */
export function* packets(answer: Buffer, from = 0): Generator<{ readonly packet: Packet; readonly end: number }> {
  for (let at = from; at < answer.length; ) {
    if (at + 4 > answer.length) throw cut();
    const length = packetLength(answer.subarray(at, at + 4));
    const separator = separators[length];
    const end = at + Math.max(length, 4);
    if (end > answer.length) throw cut();
    yield { packet: separator ?? answer.subarray(at + 4, end), end };
    at = end;
  }
}

/** The text of a packet without its end of line. */
export function lineOf(payload: Buffer): string {
  return payload.toString().replace(/\n$/, "");
}

function cut(): GitError {
  return new GitError("bad-answer", "the answer was cut");
}
