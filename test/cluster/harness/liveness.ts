/** Tells whether a process noted down earlier still is the same one: ids are used again, ids with a start time are not. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process as it can be written to a file and recognised later. */
export interface Noted {
  pid: number;
  /** When it started, in whatever words this system has for it. */
  started: string;
}

/** A running process to write down; undefined when it is gone (a zombie counts as gone). */
export function note(pid: number): Noted | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

export function alive(noted: Noted): boolean {
  return startOf(noted.pid) === noted.started;
}

function startOf(pid: number): string | undefined {
  try {
    if (process.platform === "linux") {
      // The name in parentheses may contain anything: the fields that can be counted start behind it.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" ? undefined : fields[19];
    }
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
}
