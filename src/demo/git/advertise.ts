import { flush, packet } from "./pkt-line.ts";
import { objectsOf } from "./reach.ts";
import type { DemoRepository } from "./repository.ts";

/** What is asked of the server: to read, or to push. */
export type Service = "git-upload-pack" | "git-receive-pack";

const capabilities: Readonly<Record<Service, readonly string[]>> = {
  "git-upload-pack": ["multi_ack_detailed", "side-band-64k", "ofs-delta", "shallow", "no-progress"],
  "git-receive-pack": ["report-status", "delete-refs", "side-band-64k", "quiet", "atomic", "ofs-delta"],
};

const none = "0".repeat(40);

/**
 * The refs of a repository and what the service can do with them, in protocol version 0 of smart HTTP (gitprotocol-http), which a client that
 * asks for a newer one has to take as well.
 */
export async function advertise({ refs, disk }: DemoRepository, service: Service): Promise<Buffer> {
  const objects = objectsOf(disk);
  const head = refs.get("refs/heads/main");
  const named = refs.all().map(async ([name, id]) => {
    const { tags, oid } = await objects.peel(id);
    return tags.length > 0 && service === "git-upload-pack"
      ? [
          [id, name],
          [oid, `${name}^{}`],
        ]
      : [[id, name]];
  });
  const listed = (await Promise.all(named)).flat();
  const lines = head !== undefined && service === "git-upload-pack" ? [[head, "HEAD"], ...listed] : listed;
  if (lines.length === 0) lines.push([none, "capabilities^{}"]);
  const symref = lines !== listed ? ["symref=HEAD:refs/heads/main"] : [];
  const words = [...capabilities[service], ...symref, "object-format=sha1", "agent=reroll-demo"].join(" ");
  const packets = lines.map(([id, name], index) => packet(`${id} ${name}${index === 0 ? `\0${words}` : ""}\n`));
  return Buffer.concat([packet(`# service=${service}\n`), flush, ...packets, flush]);
}
