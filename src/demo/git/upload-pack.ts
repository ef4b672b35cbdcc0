import git from "isomorphic-git";
import { channel, flush, packet, readLines, sideBand } from "./pkt-line.ts";
import { objectsOf, reach } from "./reach.ts";
import { type DemoRepository, gitdir } from "./repository.ts";

/**
 * Answers one request of a fetch (gitprotocol-pack): a list of wants, then lists of what the client has, and `done` once it has heard enough.
 * Requests stand for themselves: one without `done` is answered by what both have, and comes again with more.
 */
export async function uploadPack({ disk }: DemoRepository, body: Buffer): Promise<Buffer> {
  const [first = [], ...rounds] = readLines(body).lists;
  const { wants, shallow, depth, capabilities } = readWants(first);
  if (wants.length === 0) return Buffer.alloc(0);
  const objects = objectsOf(disk);
  for (const oid of wants) if (!(await objects.has(oid))) return packet(`ERR upload-pack: not our ref ${oid}`);
  const said = rounds.flat();
  const haves: string[] = [];
  for (const oid of idsAfter("have", said)) if (await objects.has(oid)) haves.push(oid);
  const done = said.includes("done");

  const reached = await reach(objects, { wants, haves, shallow, depth });
  const cut = [
    ...reached.shallow.map((oid) => packet(`shallow ${oid}\n`)),
    ...reached.unshallow.map((oid) => packet(`unshallow ${oid}\n`)),
  ];
  const answers = depth === undefined ? [] : [...cut, flush];
  // Clients read what is cut off before they ask the rest.
  if (rounds.length === 0) return Buffer.concat(answers);
  answers.push(...acknowledged(haves, done, capabilities.includes("multi_ack_detailed")));
  if (!done) return Buffer.concat(answers);
  const { packfile = new Uint8Array() } = await git.packObjects({
    ...{ fs: disk, gitdir, cache: {} },
    oids: [...reached.objects],
    write: false,
  });
  const banded = capabilities.includes("side-band-64k");
  return Buffer.concat([...answers, ...(banded ? [sideBand(channel.data, packfile), flush] : [packfile])]);
}

function readWants(lines: readonly string[]) {
  const [, , capabilities = ""] = /^want (\S+) (.*)$/.exec(lines[0] ?? "") ?? [];
  const depth = lines.map((line) => /^deepen (\d+)$/.exec(line)?.[1]).find((found) => found !== undefined);
  return {
    wants: idsAfter("want", lines),
    shallow: idsAfter("shallow", lines),
    depth: depth === undefined ? undefined : Number(depth),
    capabilities: capabilities.split(" "),
  };
}

function idsAfter(word: string, lines: readonly string[]): string[] {
  return lines.map((line) => line.split(" ")).flatMap(([said, id]) => (said === word && id ? [id] : []));
}

/** What both have. A client that knows no details hears of the first alone. */
function acknowledged(haves: readonly string[], done: boolean, detailed: boolean): Buffer[] {
  const last = haves.at(-1);
  if (last === undefined) return [packet("NAK\n")];
  if (!detailed) return [packet(`ACK ${haves[0]}\n`)];
  return [...haves.map((oid) => packet(`ACK ${oid} common\n`)), packet(done ? `ACK ${last}\n` : "NAK\n")];
}
