import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { GitError } from "../../model/git.ts";
import { applyDelta } from "./delta.ts";
import type { GitObject, ObjectType } from "./object.ts";

/** Where an object is in a pack. Nothing of it is unpacked yet. */
export interface PackedObject {
  readonly pack: Buffer;
  /** Where its compressed bytes begin. */
  readonly at: number;
  /** Bytes after decompression: of the object, or of the delta. */
  readonly size: number;
  /** What it is, or what it is a delta of: an entry of the same pack, or the id of an object. */
  readonly is: ObjectType | PackedObject | string;
}

const types: Readonly<Record<number, ObjectType>> = { 1: "commit", 2: "tree", 3: "blob", 4: "tag" };
const offsetDelta = 6;
const refDelta = 7;

/** Objects larger than this are not unpacked: everything is held in memory. */
export const largestObject: number = 64 * 1024 * 1024;

/**
 * Walks over a pack (gitformat-pack). `take` is given each entry with its decompressed bytes, in order. Fails with `bad-answer` where the
 * pack is cut or damaged, and with `too-large`.
 */
export function walkPack(pack: Buffer, take: (entry: PackedObject, inflated: Buffer) => void): void {
  const end = pack.length - 20;
  if (end < 12 || pack.toString("latin1", 0, 4) !== "PACK") throw damaged("it does not begin as one");
  if (!createHash("sha1").update(pack.subarray(0, end)).digest().equals(pack.subarray(end))) {
    throw damaged("its checksum does not match: it was cut");
  }
  const entries = new Map<number, PackedObject>();
  let at = 12;
  for (let count = pack.readUInt32BE(8); count > 0; count -= 1) {
    const offset = at;
    let byte = pack[at++] ?? 0;
    const code = (byte >> 4) & 7;
    let size = byte & 15;
    for (let scale = 16; byte >= 128; scale *= 128) {
      byte = pack[at++] ?? 0;
      size += (byte & 127) * scale;
    }
    if (size > largestObject) throw new GitError("too-large", `an object of the repository has ${size} bytes`);
    let is: PackedObject["is"] | undefined = types[code];
    if (code === refDelta) {
      is = pack.toString("hex", at, at + 20);
      at += 20;
    } else if (code === offsetDelta) {
      let distance = -1;
      do {
        byte = pack[at++] ?? 0;
        distance = (distance + 1) * 128 + (byte & 127);
      } while (byte >= 128);
      is = entries.get(offset - distance);
    }
    if (is === undefined) throw damaged("an entry is of no known kind");
    const entry = { pack, at, size, is };
    const { bytes, consumed } = inflate(entry);
    entries.set(offset, entry);
    take(entry, bytes);
    at += consumed;
  }
}

/** The bytes of an entry; of a delta its instructions. */
function inflate({ pack, at, size }: PackedObject): { readonly bytes: Buffer; readonly consumed: number } {
  // A buffer of the right size at once: zlib would keep 16 KiB for each small object.
  const chunkSize = Math.min(Math.max(size + 1, 64), 1024 * 1024);
  try {
    const options = { info: true, chunkSize, maxOutputLength: size + 1 } as const;
    const { buffer, engine } = inflateSync(pack.subarray(at), options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    if (buffer.length === size) return { bytes: buffer, consumed: engine.bytesWritten };
  } catch (error) {
    throw damaged("an object cannot be decompressed", error);
  }
  throw damaged("an object has not the size that it announces");
}

/** Unpacks an entry, and its bases by `base`. */
export function unpack(
  entry: PackedObject,
  base: (of: PackedObject | string) => GitObject,
  inflated: Buffer = inflate(entry).bytes,
): GitObject {
  const { is } = entry;
  if (typeof is === "string" && isType(is)) return { type: is, bytes: inflated };
  const { type, bytes } = base(is);
  return { type, bytes: applyDelta(bytes, inflated, largestObject) };
}

/** Whether an entry is whole, not a delta. */
function isType(is: string): is is ObjectType {
  return is.length < 40;
}

function damaged(how: string, cause?: unknown): GitError {
  return new GitError("bad-answer", `the pack is damaged: ${how}`, cause);
}
