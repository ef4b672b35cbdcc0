import { GitError } from "../../model/git.ts";
import { type Advertisement, readAdvertisement } from "./advertisement.ts";
import { delimiter, flush, lineOf, packet, packets } from "./pkt-line.ts";
import { readBands } from "./side-band.ts";
import type { Exchange, Transport } from "./transport.ts";

/** How reroll names itself to servers; some take only what begins with `git/` for Git. */
export const agent = "git/reroll";

/** The commit that a branch is at, by protocol version 2 where the server knows it: the names of other branches are not sent then. */
export async function readTip(transport: Transport, branch: string, signal: AbortSignal): Promise<string> {
  const exchange = await transport.open("git-upload-pack", true, signal);
  try {
    const { version, refs, capabilities } = readAdvertisement(exchange.announced);
    if (version === 0) return tipOf(refs, branch);
    return tipOf(await listRefs(exchange, capabilities, branch), branch);
  } finally {
    exchange.end();
  }
}

async function listRefs(exchange: Exchange, capabilities: ReadonlySet<string>, branch: string) {
  const format = capabilities.has("object-format=sha1") ? [packet("object-format=sha1\n")] : [];
  const asked = [packet("command=ls-refs\n"), packet(`agent=${agent}\n`), ...format, delimiter];
  // A server may ignore the prefix. HEAD tells an empty repository from one without the branch.
  const wanted = [packet(`ref-prefix refs/heads/${branch}\n`), packet("ref-prefix HEAD\n"), flush];
  const answer = await exchange.request(Buffer.concat([...asked, ...wanted]));
  const refs = new Map<string, string>();
  for (const { packet: each } of packets(answer)) {
    if (typeof each === "string") continue;
    const [id = "", name = ""] = lineOf(each).split(" ");
    refs.set(name, id);
  }
  return refs;
}

/** What `fetchPack` got: the tip, and the pack where there was something new. */
export interface FetchedPack {
  readonly tip: string;
  readonly pack: Buffer | undefined;
}

/**
 * The tip of a branch and a pack with what is new in it, without history. `have`: commits that are there with all their files, and
 * without their parents.
 */
export async function fetchPack(
  transport: Transport,
  branch: string,
  have: readonly string[],
  signal: AbortSignal,
): Promise<FetchedPack> {
  const exchange = await transport.open("git-upload-pack", false, signal);
  try {
    const advertisement = readAdvertisement(exchange.announced);
    const tip = tipOf(advertisement.refs, branch);
    if (have.includes(tip)) return { tip, pack: undefined };
    const { data, lines } = readBands(await exchange.request(packRequest(advertisement, tip, have)));
    if (data.length === 0) {
      throw new GitError("bad-answer", `the server sent no pack${lines.length > 0 ? ` (${lines.at(-1)})` : ""}`);
    }
    return { tip, pack: data };
  } finally {
    exchange.end();
  }
}

/** Some servers (Azure DevOps) insist on `multi_ack_detailed`; without `thin-pack` every pack is whole. */
const wantedCapabilities = ["multi_ack_detailed", "no-done", "side-band-64k", "ofs-delta", "no-progress"];

function packRequest({ capabilities }: Advertisement, tip: string, have: readonly string[]): Buffer {
  if (!capabilities.has("side-band-64k")) {
    throw new GitError("unsupported", "the server is too old: it does not know side-band-64k");
  }
  const used = [...wantedCapabilities.filter((each) => capabilities.has(each)), `agent=${agent}`];
  const shallow = capabilities.has("shallow")
    ? [...have.map((id) => packet(`shallow ${id}\n`)), packet("deepen 1\n")]
    : [];
  const had = have.map((id) => packet(`have ${id}\n`));
  return Buffer.concat([packet(`want ${tip} ${used.join(" ")}\n`), ...shallow, flush, ...had, packet("done\n")]);
}

/** The commit of a branch among refs. Fails with `no-branch`. */
export function tipOf(refs: ReadonlyMap<string, string>, branch: string): string {
  const tip = refs.get(`refs/heads/${branch}`);
  if (tip !== undefined) return tip;
  throw new GitError(
    "no-branch",
    refs.size === 0 ? "the repository is empty, or has no such branch" : "the repository has no such branch",
  );
}
