import { GitError } from "../../model/git.ts";
import { lineOf, packets } from "./pkt-line.ts";
import { serverSaid } from "./words.ts";

/** What a server says first (gitprotocol-pack, gitprotocol-v2). */
export interface Advertisement {
  /** With version 2 there are no refs yet: they are asked for. */
  readonly version: 0 | 2;
  readonly refs: ReadonlyMap<string, string>;
  /** `name` or `name=value`. */
  readonly capabilities: ReadonlySet<string>;
}

/**
 * Reads the advertisement of a service, of the smart HTTP form or as it comes over SSH. Fails with `bad-answer`, with `unsupported` for
 * repositories of SHA-256, and by the words of an `ERR` packet.
 */
export function readAdvertisement(answer: Buffer): Advertisement {
  const lines: string[] = [];
  let announced = false;
  for (const { packet } of packets(answer)) {
    if (typeof packet === "string") {
      // Smart HTTP puts one line and a flush before what SSH begins with.
      if (announced || packet !== "flush") break;
      announced = true;
      continue;
    }
    const line = lineOf(packet);
    if (line.startsWith("ERR ")) throw serverSaid(line.slice(4));
    if (line.startsWith("# service=")) continue;
    announced = true;
    lines.push(line);
  }
  const [first] = lines;
  if (!announced) throw new GitError("bad-answer", "the server announced nothing");
  if (first === "version 2") return supported({ version: 2, refs: new Map(), capabilities: new Set(lines.slice(1)) });
  return supported(withRefs(first?.startsWith("version ") ? lines.slice(1) : lines));
}

function withRefs(lines: readonly string[]): Advertisement {
  const refs = new Map<string, string>();
  let capabilities: readonly string[] = [];
  for (const line of lines) {
    const [ref = "", announced] = line.split("\0", 2);
    if (announced !== undefined) capabilities = announced.split(" ").filter((each) => each !== "");
    const [, id, name] = /^([0-9a-f]{40,64}) (.+)$/.exec(ref) ?? [];
    if (id === undefined || name === undefined) {
      if (ref.startsWith("shallow ")) continue;
      throw new GitError("bad-answer", "the answer is not a list of branches");
    }
    // An empty repository announces its capabilities by a ref of that name.
    if (name !== "capabilities^{}") refs.set(name, id);
  }
  return { version: 0, refs, capabilities: new Set(capabilities) };
}

function supported(advertisement: Advertisement): Advertisement {
  const format = [...advertisement.capabilities].find((each) => each.startsWith("object-format="));
  if (format === undefined || format === "object-format=sha1") return advertisement;
  throw new GitError(
    "unsupported",
    `the repository names its objects by ${format.slice(14)}, and only sha1 is supported`,
  );
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
