import { createHash } from "node:crypto";
import type { GitHttpResponse, HttpClient } from "isomorphic-git";
import { GitError } from "../../model/git.ts";
import { type Advertisement, readAdvertisement, tipOf } from "./advertisement.ts";
import { flush, lineOf, packet, packetLength, packets } from "./pkt-line.ts";
import { type Bands, readBands } from "./side-band.ts";
import type { Exchange, Service, Transport } from "./transport.ts";
import { serverSaid } from "./words.ts";

const service: Service = "git-upload-pack";

/** Where isomorphic-git believes the repository is: the transport knows better, and credentials stay out of its sight. */
export const pluginUrl = "http://repository";

/** An `http` plugin of isomorphic-git for one call that reads. */
export interface Plugin extends HttpClient {
  /** Ends what is open. */
  end(): void;
}

/**
 * Carries the requests of isomorphic-git by a transport. What it is handed is checked first and kept small, since it reports a cut or
 * hostile answer badly, and gives up on a repository whose HEAD names no branch: of the refs it sees the one branch, as HEAD too. Packs
 * are taken out of its hands (`takePack`): its index of a pack costs more than everything else together.
 */
export function createPlugin(
  transport: Transport,
  branch: string,
  signal: AbortSignal,
  takePack: (pack: Buffer) => void,
): Plugin {
  let exchange: Exchange | undefined;
  let version: Advertisement["version"] = 0;
  let capabilities: Advertisement["capabilities"] = new Set();

  async function discover(headers: Readonly<Record<string, string>>): Promise<Buffer> {
    exchange?.end();
    exchange = await transport.open(service, headers["Git-Protocol"] === "version=2", signal);
    const advertisement = readAdvertisement(exchange.announced);
    ({ version, capabilities } = advertisement);
    if (version === 2) return exchange.announced;
    return narrowed(advertisement, branch);
  }

  async function pass(body: Buffer): Promise<Buffer> {
    if (exchange === undefined) throw new GitError("bad-answer", "nothing was announced");
    if (version === 2) return checked(await exchange.request(body));
    const answer = await exchange.request(asking(body, capabilities));
    const bands = readBands(answer);
    if (bands.data.length === 0) throw new GitError("bad-answer", "the server sent no pack");
    takePack(bands.data);
    return withoutPack(bands);
  }

  return {
    async request({ url, method, headers = {}, body }): Promise<GitHttpResponse> {
      const parts: Uint8Array[] = [];
      for await (const part of body ?? []) parts.push(part);
      const discovers = method === "GET";
      const answer = discovers ? await discover(headers) : await pass(Buffer.concat(parts));
      const type = `application/x-${service}-${discovers ? "advertisement" : "result"}`;
      return { url, statusCode: 200, statusMessage: "OK", headers: { "content-type": type }, body: once(answer) };
    },
    end: () => exchange?.end(),
  };
}

async function* once(answer: Buffer): AsyncIterableIterator<Uint8Array> {
  yield answer;
}

/** Fails with `no-branch`. */
function narrowed({ refs, capabilities }: Advertisement, branch: string): Buffer {
  const tip = tipOf(refs, branch);
  const known = [...capabilities].filter((each) => !each.startsWith("symref="));
  return Buffer.concat([
    packet(`# service=${service}\n`),
    flush,
    packet(`${tip} HEAD\0${[...known, `symref=HEAD:refs/heads/${branch}`].join(" ")}\n`),
    packet(`${tip} refs/heads/${branch}\n`),
    flush,
  ]);
}

/**
 * Asks for more than isomorphic-git does. Only for a thin pack does a server leave out, where a depth is given, what a commit that the
 * client has already brought (`--objects-edge-aggressive` of git pack-objects).
 */
function asking(body: Buffer, capabilities: ReadonlySet<string>): Buffer {
  const more = ["thin-pack", "no-progress"].filter((each) => capabilities.has(each));
  const end = packetLength(body);
  const first = body.toString("latin1", 4, end).trimEnd();
  return Buffer.concat([packet(`${[first, ...more].join(" ")}\n`), body.subarray(end)]);
}

/** An answer of protocol version 2 that is whole and no refusal. */
function checked(answer: Buffer): Buffer {
  for (const { packet: each } of packets(answer)) {
    const line = typeof each === "string" ? "" : lineOf(each);
    if (line.startsWith("ERR ")) throw serverSaid(line.slice(4));
  }
  return answer;
}

/** The answer of upload-pack with an empty pack in place of its own. */
function withoutPack({ lines }: Bands): Buffer {
  const head = Buffer.from("PACK\0\0\0\x02\0\0\0\0", "latin1");
  const pack = Buffer.concat([head, createHash("sha1").update(head).digest()]);
  const band = Buffer.concat([Buffer.from([1]), pack]);
  return Buffer.concat([...lines.map((line) => packet(`${line}\n`)), packet(band), flush]);
}
