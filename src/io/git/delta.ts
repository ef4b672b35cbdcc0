import { GitError } from "../../model/git.ts";

/** Applies the instructions of a delta to its base (gitformat-pack, "Deltified representation"). Fails with `bad-answer`. */
export function applyDelta(base: Buffer, delta: Buffer, largest: number): Buffer {
  let at = 0;
  const byte = (): number => {
    const value = delta[at];
    if (value === undefined) throw damaged();
    at += 1;
    return value;
  };
  const size = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const each = byte();
      value += (each & 127) * scale;
      if (each < 128) return value;
    }
  };
  /** Little-endian, only the bytes whose bits are set. */
  const sparse = (bits: number, count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index += 1) if (bits & (1 << index)) value += byte() * 256 ** index;
    return value;
  };
  if (size() !== base.length) throw damaged();
  const length = size();
  if (length > largest) throw new GitError("too-large", `an object of the repository has ${length} bytes`);
  const target = Buffer.allocUnsafe(length);
  let filled = 0;
  while (at < delta.length) {
    const code = byte();
    const copies = code >= 128;
    const from = copies ? sparse(code, 4) : at;
    const count = copies ? sparse(code >> 4, 3) || 0x10000 : code;
    const source = copies ? base : delta;
    if (count === 0 || from + count > source.length || filled + count > length) throw damaged();
    source.copy(target, filled, from, from + count);
    filled += count;
    if (!copies) at += count;
  }
  if (filled !== length) throw damaged();
  return target;
}

function damaged(): GitError {
  return new GitError("bad-answer", "the pack is damaged: a delta does not fit");
}
