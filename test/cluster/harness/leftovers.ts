/** Nothing survives its test run: what runs is written down, stopped at exit, and reaped by the next run if that failed. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { alive, type Noted, note } from "./liveness.ts";

/** What one control plane left on this machine. */
interface Entry {
  owner: Noted | undefined;
  children: Noted[];
  /** A temporary directory that goes with it. */
  directory: string;
}

export interface Register {
  /** Notes a child that must not outlive this process. */
  add(pid: number): void;
  /** Everything was stopped in good order. */
  close(): void;
}

/** Opens the note about one control plane, and makes sure that it ends with this process. */
export function register(cache: string, directory: string): Register {
  const folder = join(cache, "running");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${process.pid}-${Date.now()}-${opened++}.json`);
  const entry: Entry = { owner: note(process.pid), children: [], directory };
  const save = () => {
    writeFileSync(`${file}.new`, JSON.stringify(entry));
    renameSync(`${file}.new`, file);
  };
  const endAll = () => {
    endEntry(entry);
    rmSync(file, { force: true });
  };
  save();
  process.once("exit", endAll);
  exitOnSignals();
  return {
    add(pid) {
      const noted = note(pid);
      if (noted) entry.children.push(noted);
      save();
    },
    close() {
      process.off("exit", endAll);
      endAll();
    },
  };
}

let opened = 0;

/** Ends what runs of test runners that are gone; gives the number of processes ended. */
export function reapLeftovers(cache: string): number {
  const folder = join(cache, "running");
  mkdirSync(folder, { recursive: true });
  let ended = 0;
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(".json")) continue;
    const file = join(folder, name);
    const entry = read(file);
    if (entry?.owner && alive(entry.owner)) continue;
    if (entry) ended += endEntry(entry);
    rmSync(file, { force: true });
  }
  return ended;
}

function read(file: string): Entry | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Entry;
  } catch {
    return undefined;
  }
}

function endEntry({ children, directory }: Entry): number {
  const running = children.filter(alive);
  for (const { pid } of running) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone between the look and the signal, which is all that was wanted.
    }
  }
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  return running.length;
}

let listening = false;

/** Without a listener a signal ends Node without running its exit handlers, and the children would stay. */
export function exitOnSignals(): void {
  if (listening) return;
  listening = true;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}
