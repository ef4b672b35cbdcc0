import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { imageEnvironment } from "./image.ts";

/** One request as it went over the wire. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly accept?: string;
  /** Bytes of the answer's body. */
  readonly bytes: number;
  /** When it was sent, and when the last of the answer came: milliseconds since the process began. */
  readonly from: number;
  readonly to: number;
}

/** What one process cost. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly requests: readonly Sent[];
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const usage = fileURLToPath(new URL("./usage.mjs", import.meta.url));

/** Runs a script under this Node with the image's settings, and asks the process itself at its end what it used and what it requested. */
export async function measure(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Cost> {
  const file = join(tmpdir(), `reroll-bench-${process.pid}-${Math.trunc(performance.now() * 1000)}.json`);
  const started = performance.now();
  const child = spawn(process.execPath, ["--import", usage, ...args], {
    env: { ...process.env, ...imageEnvironment(), ...env, REROLL_BENCH_USAGE: file },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const wallMs = performance.now() - started;
  const used = JSON.parse(readFileSync(file, "utf8")) as Pick<Cost, "cpuMs" | "peakMiB" | "requests">;
  rmSync(file);
  return { wallMs, exitCode, stdout, stderr, ...used };
}

/** The middle of several figures. */
export function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

/** The middle of several measurements, by CPU. */
export async function median(times: number, once: () => Promise<Cost>): Promise<Cost> {
  const all: Cost[] = [];
  for (let index = 0; index < times; index++) all.push(await once());
  return all.sort((a, b) => a.cpuMs - b.cpuMs)[Math.floor(times / 2)] as Cost;
}
