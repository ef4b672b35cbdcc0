import { randomUUID } from "node:crypto";
import git from "isomorphic-git";
import { channel, flush, packet, readLines, sideBand } from "./pkt-line.ts";
import { objectsOf } from "./reach.ts";
import { type DemoRepository, gitdir } from "./repository.ts";

/** What the owner of a server does before refs are moved: gives the words with which a push is declined, or `undefined`. */
export type PreReceive = (commands: readonly Command[]) => Promise<string | undefined>;

/** A ref that is to be moved; without `from` it is made, without `to` deleted. */
export interface Command {
  readonly name: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** What becomes of a push: of the pack, and of each command, `ok` or why not. */
interface Told {
  readonly unpack: string;
  readonly commands: readonly { readonly name: string; readonly failure: string | undefined }[];
  /** For people. */
  readonly words?: string;
}

/** Answers a push (gitprotocol-pack, report-status): takes the objects in, and moves each ref that is where the client believes it to be. */
export async function receivePack(
  repository: DemoRepository,
  body: Buffer,
  preReceive: PreReceive | undefined,
): Promise<Buffer> {
  const { lists, rest } = readLines(body, 1);
  const [lines = []] = lists;
  // What a shallow clone has cut off comes before the commands.
  const capabilities =
    lines
      .find((line) => line.includes("\0"))
      ?.split("\0")[1]
      ?.trim()
      .split(" ") ?? [];
  const commands = lines.flatMap(readCommand);
  if (commands.length === 0) return Buffer.alloc(0);
  const {
    unpack,
    commands: results,
    words,
  } = await receive(repository, commands, rest, {
    preReceive,
    atomic: capabilities.includes("atomic"),
  });
  if (!capabilities.includes("report-status")) return Buffer.alloc(0);
  const report = Buffer.concat([
    packet(`unpack ${unpack}\n`),
    ...results.map(({ name, failure }) => packet(failure === undefined ? `ok ${name}\n` : `ng ${name} ${failure}\n`)),
    flush,
  ]);
  if (!capabilities.includes("side-band-64k")) return report;
  const said = words === undefined ? [] : [sideBand(channel.words, Buffer.from(`${words}\n`))];
  return Buffer.concat([...said, sideBand(channel.data, report), flush]);
}

function readCommand(line: string): Command[] {
  const [, from, to, name] = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0]+)/.exec(line) ?? [];
  if (from === undefined || to === undefined || name === undefined) return [];
  const given = (id: string) => (/^0+$/.test(id) ? undefined : id);
  return [{ name, from: given(from), to: given(to) }];
}

async function receive(
  repository: DemoRepository,
  commands: readonly Command[],
  pack: Buffer,
  { preReceive, atomic }: { readonly preReceive: PreReceive | undefined; readonly atomic: boolean },
): Promise<Told> {
  const all = (unpack: string, failure: string, words?: string): Told => ({
    unpack,
    commands: commands.map(({ name }) => ({ name, failure })),
    ...(words === undefined ? {} : { words }),
  });
  const arrived = await unpacked(repository, pack);
  if (!arrived) return all("index-pack abnormal exit", "unpacker error");
  try {
    const tips = commands.flatMap(({ to }) => to ?? []);
    if (!(await complete(repository, tips))) return all("ok", "missing necessary objects");
    const words = await preReceive?.(commands);
    if (words !== undefined) return all("ok", "pre-receive hook declined", words);
    await arrived.keep();
    return { unpack: "ok", commands: move(repository, commands, atomic) };
  } finally {
    arrived.drop();
  }
}

/** Moves the refs in one go: nobody else's push comes between. */
function move({ refs }: DemoRepository, commands: readonly Command[], atomic: boolean): Told["commands"] {
  const free = commands.every(({ name, from }) => refs.get(name) === from);
  return commands.map(({ name, from, to }) => {
    if (!/^refs\/(heads|tags)\/[^\s~^:?*[\\]+$/.test(name)) return { name, failure: "funny refname" };
    if (atomic && !free) return { name, failure: "atomic push failure" };
    return { name, failure: refs.move(name, from, to) ? undefined : "failed to update ref" };
  });
}

/** The objects of a pack, readable beside those of the repository until they are kept or dropped; `undefined` where the pack is broken. */
async function unpacked({ disk }: DemoRepository, pack: Buffer) {
  const nothing = { keep: async () => {}, drop: () => {} };
  if (pack.length === 0 || pack.readUInt32BE(8) === 0) return nothing;
  const filepath = `objects/pack/pack-${randomUUID()}.pack`;
  const path = `${gitdir}/${filepath}`;
  const at = { fs: disk, gitdir, cache: {} };
  disk.files.set(path, pack);
  const drop = () => {
    disk.files.delete(path);
    disk.files.delete(path.replace(/pack$/, "idx"));
  };
  try {
    const { oids } = await git.indexPack({ ...at, dir: gitdir, filepath });
    if (oids.length !== pack.readUInt32BE(8)) throw new Error("objects of the pack cannot be read");
    // The pack of a push may lean on objects that are not in it, which no pack at rest may.
    const keep = async () => {
      for (const oid of oids) {
        const { type, object } = await git.readObject({ ...at, oid, format: "content" });
        if (type !== "blob" && type !== "tree" && type !== "commit" && type !== "tag") continue;
        await git.writeObject({ ...at, type, object, format: "content" });
      }
    };
    return { keep, drop };
  } catch {
    drop();
    return undefined;
  }
}

/** Whether everything that those objects reach is there. */
async function complete({ disk, refs }: DemoRepository, tips: readonly string[]): Promise<boolean> {
  const objects = objectsOf(disk);
  const old = new Set(refs.all().map(([, id]) => id));
  const known = new Set<string>(old);
  try {
    const open = (await Promise.all(tips.map(objects.peel))).filter(({ type }) => type === "commit");
    const commits = open.map(({ oid }) => oid);
    for (let oid = commits.pop(); oid !== undefined; oid = commits.pop()) {
      if (known.has(oid)) continue;
      known.add(oid);
      const { tree, parent } = await objects.commit(oid);
      await objects.collect(tree, known);
      commits.push(...parent);
    }
    return true;
  } catch {
    return false;
  }
}
