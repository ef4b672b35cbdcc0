import { GitError } from "../../model/git.ts";
import { readAdvertisement, tipOf } from "./advertisement.ts";
import { flush, lineOf, packet, packets } from "./pkt-line.ts";
import { type Call, readTip } from "./protocol.ts";
import { type Bands, readBands } from "./side-band.ts";
import { agent, type Exchange } from "./transport.ts";
import { presentable, saysContended, serverSaid } from "./words.ts";

/** What is to become of the branch: from one commit to another, by way of a pack. */
export interface RefUpdate {
  readonly from: string;
  readonly to: string;
  readonly pack: Uint8Array;
}

/**
 * `push` of isomorphic-git walks all trees of both commits to find what the server lacks: seconds for a repository of 5,000 files. What is
 * new is known here.
 *
 * Moves a branch by compare-and-swap: the old commit is part of the request, and the server compares. Fails with `moved` where the branch
 * is elsewhere, before or while it is pushed; with `declined` where the server or a hook of it says no.
 */
export async function pushPack({ transport, branch, signal }: Call, update: RefUpdate): Promise<void> {
  const exchange = await transport.open("git-receive-pack", false, signal);
  let bands: Bands;
  try {
    bands = readReport(await exchange.request(request(exchange, branch, update)));
  } finally {
    exchange.end();
  }
  const refusal = refusalIn(bands, branch);
  if (refusal === undefined) return;
  // A lost race and a refusal are told apart by where the branch is, not by what the server says about it.
  comparePosition(await readTip({ transport, branch, signal }), update.from);
  throw refusal;
}

function request({ announced }: Exchange, branch: string, { from, to, pack }: RefUpdate): Buffer {
  const { refs, capabilities } = readAdvertisement(announced);
  comparePosition(tipOf(refs, branch), from);
  if (!capabilities.has("report-status")) {
    throw new GitError("unsupported", "the server is too old: it does not report what became of a push");
  }
  const used = ["report-status", "side-band-64k"].filter((each) => capabilities.has(each));
  // CodeCommit ends a push that names an agent it did not ask for.
  if ([...capabilities].some((each) => each.startsWith("agent="))) used.push(`agent=${agent}`);
  return Buffer.concat([packet(`${from} ${to} refs/heads/${branch}\0 ${used.join(" ")}\n`), flush, pack]);
}

function comparePosition(tip: string, expected: string): void {
  if (tip === expected) return;
  throw new GitError("moved", `the branch is at ${tip.slice(0, 12)}, no longer at ${expected.slice(0, 12)}`);
}

/** A report comes in band 1 where the server knows bands, and plainly where it does not. */
function readReport(answer: Buffer): Bands {
  const bands = readBands(answer);
  return bands.data.length === 0 ? { ...bands, data: answer } : bands;
}

function refusalIn({ data, messages }: Bands, branch: string): GitError | undefined {
  const lines = [...packets(data)].flatMap(({ packet: each }) => (typeof each === "string" ? [] : [lineOf(each)]));
  const unpacked = lines.find((line) => line.startsWith("unpack "));
  const ref = `refs/heads/${branch}`;
  const refused = lines.find((line) => line.startsWith(`ng ${ref} `))?.slice(`ng ${ref} `.length);
  if (unpacked === "unpack ok" && lines.includes(`ok ${ref}`)) return undefined;
  const said = presentable(messages);
  if (unpacked !== undefined && unpacked !== "unpack ok") {
    return serverSaid(`${unpacked.slice("unpack ".length)} ${said}`, "server-error");
  }
  if (refused === undefined) return new GitError("bad-answer", "the server did not say what became of the push");
  const words = `the server says: ${presentable(refused)}${said === "" ? "" : `: ${said}`}`;
  if (saysContended(refused)) return new GitError("moved", words);
  return new GitError(serverSaid(words).code === "read-only" ? "read-only" : "declined", words);
}
