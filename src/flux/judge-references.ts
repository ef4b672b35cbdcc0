import type { Digester } from "../model/digest.ts";
import { formatRef, localName, type SourceRef } from "../model/ref.ts";
import type { ReadSource } from "./read-references.ts";
import type { Reader } from "./references.ts";
import { formatRemembered, parseRemembered, type Remembered, type RememberedSource } from "./remembered.ts";

/** What is to be done about one reader. */
export interface JudgedReader {
  readonly reader: Reader;
  /** Sources whose content is not what the reader was last asked to read: it is to be asked again. */
  readonly changed: readonly SourceRef[];
  /** What it is to remember; `undefined`: it does already. */
  readonly remember: string | undefined;
}

/**
 * Compares what sources hold with what their reader remembers. A source that it does not remember is new to it: Flux read it when that was
 * written, so there is nothing to ask for. What could not be looked at stays as it was.
 */
export function judgeReader(
  reader: Reader,
  read: ReadonlyMap<string, ReadSource>,
  { currentId, knows }: Pick<Digester, "currentId" | "knows">,
): JudgedReader {
  const told = parseRemembered(reader.object.references);
  // What another key digested cannot be compared once that is gone: today's content is the baseline.
  const before = told && knows(told.keyId) ? told : undefined;
  const changed: SourceRef[] = [];
  const sources = new Map<string, RememberedSource>();
  let keyId = currentId;
  for (const ref of reader.sources) {
    const name = localName(ref);
    const was = before?.sources.get(name);
    const now = read.get(formatRef(ref));
    if (now === undefined || now.is === "watched") continue;
    if (now.is === "unread" || now.is === "unmoved") {
      // Its digest is of the key that was, and must stay readable.
      if (was !== undefined && before) keyId = before.keyId;
      if (was !== undefined) sources.set(name, was);
      continue;
    }
    if (isAnother(now, was, before)) changed.push(ref);
  }
  for (const ref of reader.sources) {
    const now = read.get(formatRef(ref));
    const digest = now?.is === "present" ? now.digests.get(keyId) : undefined;
    if (now?.is === "present" && digest !== undefined) sources.set(localName(ref), { digest, version: now.version });
    if (now?.is === "absent") sources.set(localName(ref), "absent");
  }
  const value = sources.size > 0 ? formatRemembered({ keyId, sources }) : undefined;
  return { reader, changed, remember: value === reader.object.references ? undefined : value };
}

function isAnother(
  now: Extract<ReadSource, { is: "absent" | "present" }>,
  was: RememberedSource | undefined,
  before: Remembered | undefined,
): boolean {
  if (was === undefined) return false;
  if (now.is === "absent") return was !== "absent";
  return was === "absent" || now.digests.get(before?.keyId ?? "") !== was.digest;
}
