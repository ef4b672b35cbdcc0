import { lineOf, packets } from "./pkt-line.ts";
import { serverSaid } from "./words.ts";

/** An answer taken apart by its side bands (gitprotocol-pack, "Packfile Data" and "Report Status"). */
export interface Bands {
  /** Lines outside of the bands. */
  readonly lines: readonly string[];
  /** Band 1. */
  readonly data: Buffer;
  /** Band 2: what the server, or a hook of it, tells people. */
  readonly messages: string;
}

/** Takes an answer apart. Fails with `bad-answer` where it is cut, and with the server's words where it gave up (band 3). */
export function readBands(answer: Buffer): Bands {
  const lines: string[] = [];
  const data: Buffer[] = [];
  const messages: Buffer[] = [];
  for (const { packet } of packets(answer)) {
    if (typeof packet === "string") continue;
    const band = packet[0];
    if (band === 1) data.push(packet.subarray(1));
    else if (band === 2) messages.push(packet.subarray(1));
    else if (band === 3) throw serverSaid(packet.toString("utf8", 1), "server-error");
    else lines.push(lineOf(packet));
  }
  const refused = lines.find((line) => line.startsWith("ERR "));
  if (refused !== undefined) throw serverSaid(refused.slice(4), "server-error");
  return { lines, data: Buffer.concat(data), messages: Buffer.concat(messages).toString() };
}
