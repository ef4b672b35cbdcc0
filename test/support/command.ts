import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { execute } from "../../src/execute.ts";
import type { World } from "./world.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** What one command line left behind. */
export interface Said {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of reroll that is under way. */
export type Running = ChildProcessByStdio<null, Readable, Readable>;

/** `reroll` on the command line, pointed at a world by a kubeconfig. Goes away with its block. */
export interface CommandLine extends Disposable {
  readonly start: (...args: readonly string[]) => Running;
  /** In a process of its own, so that its log is heard too. */
  spawned(...args: readonly string[]): Promise<Said>;
  /** In this process, without its log. */
  here(...args: readonly string[]): Promise<Said>;
}

function hear(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

/** What a process says until it ends. */
export async function listen(child: Running): Promise<Said> {
  const [stdout, stderr] = [hear(child.stdout), hear(child.stderr)];
  await once(child, "close");
  return { exitCode: child.exitCode, stdout: stdout(), stderr: stderr() };
}

/** `program` is the script that is run: the sources, where nothing is said. */
export function commandLine({ cluster }: Pick<World, "cluster">, program = main): CommandLine {
  const folder = mkdtempSync(join(tmpdir(), "reroll-test-"));
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, cluster.kubeconfig);
  const env = { PATH: process.env.PATH, HOME: folder, KUBECONFIG: kubeconfig };
  const start = (...args: readonly string[]): Running =>
    spawn(process.execPath, [program, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  return {
    start,
    spawned: (...args) => listen(start(...args)),
    async here(...args) {
      const said = { stdout: "", stderr: "" };
      const { signal } = new AbortController();
      const exitCode = await execute([...args, "--log-level", "error"], {
        env,
        pid: process.pid,
        versions: process.versions,
        stdoutIsTerminal: false,
        stderrIsTerminal: false,
        stdout: (text) => {
          said.stdout += text;
        },
        stderr: (text) => {
          said.stderr += text;
        },
        stop: signal,
        hardEnd: signal,
      });
      return { exitCode, ...said };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
