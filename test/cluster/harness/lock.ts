/** A lock between processes: a file that names its holder, and that is taken over when the holder is gone. */
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { alive, type Noted, note } from "./liveness.ts";

const POLL_MS = 500;

export async function withLock<T>(file: string, why: string, work: () => Promise<T>): Promise<T> {
  const self = note(process.pid);
  for (let waited = false; !(await take(file, self)); waited = true) {
    if (!waited) process.stderr.write(`waiting: ${why} by another process\n`);
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string, self: Noted | undefined): Promise<boolean> {
  const written = `${file}.${process.pid}`;
  await writeFile(written, JSON.stringify(self));
  try {
    // A link appears with its content or not at all: nobody ever reads half a lock.
    await link(written, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(written, { force: true });
  }
  const holder = await readHolder(file);
  if (holder && !alive(holder)) await rm(file, { force: true });
  return false;
}

/** Undefined when the lock was let go just now: ask again. */
async function readHolder(file: string): Promise<Noted | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Noted;
  } catch {
    return undefined;
  }
}
