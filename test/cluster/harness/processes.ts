/** Child processes with their output in a file each, stopped by id and waited for. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const GRACE_MS = 15_000;
const TAIL_LINES = 25;

/** One running program. */
export interface Process {
  readonly name: string;
  readonly pid: number;
  /** True until it has gone. */
  running(): boolean;
  /** Asks it to end, insists after a while, and returns once it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** What it said last, for an error message. */
  tail(): string;
}

export function startProcess(
  name: string,
  file: string,
  args: string[],
  directory: string,
  env: NodeJS.ProcessEnv = process.env,
): Process {
  const log = join(directory, `${name}.log`);
  const output = openSync(log, "a");
  let failure = "";
  const child = spawn(file, args, { cwd: directory, env, stdio: ["ignore", output, output] });
  closeSync(output);
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", (error) => {
      failure = error.message;
      resolve();
    });
  });
  const running = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  // A test runner that is done must be able to end even if somebody forgot to stop this: the exit handler then does.
  child.unref();
  return {
    name,
    pid: child.pid ?? 0,
    running,
    async stop(signal = "SIGTERM") {
      child.ref();
      if (running()) child.kill(signal);
      await goneOrKilled(child, gone, running);
    },
    tail: () => `${failure}${readFileSync(log, "utf8").trimEnd().split("\n").slice(-TAIL_LINES).join("\n")}`,
  };
}

async function goneOrKilled(child: ChildProcess, gone: Promise<void>, running: () => boolean): Promise<void> {
  const patience = new AbortController();
  const late = sleep(GRACE_MS, "late", { signal: patience.signal }).catch(() => undefined);
  const first = await Promise.race([gone, late]);
  patience.abort();
  if (first !== "late" || !running()) return;
  child.kill("SIGKILL");
  await gone;
}

/**
 * Waits until `ready` says yes. Gives up when the time is over or the program has ended, and then shows its last words.
 */
export async function until(program: Process, ready: () => Promise<boolean>, what: string, timeoutMs: number) {
  const deadline = Date.now() + timeoutMs;
  while (!(await ready())) {
    const ended = !program.running();
    if (ended || Date.now() > deadline) {
      const how = ended ? `${program.name} ended` : `waited ${timeoutMs / 1000} s in vain`;
      throw new Error(`${what}: ${how}. The end of its log:\n${program.tail()}`);
    }
    await sleep(50);
  }
}

/** Whether something answers there, and with success: what `until` asks of programs with a health endpoint. */
export async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}
