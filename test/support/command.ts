import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/** `reroll` on the command line, pointed at a world by a kubeconfig. Goes away with its block. */
export interface CommandLine extends Disposable {
  /** In a process of its own, so that its log is heard too. */
  spawned(...args: readonly string[]): Promise<Said>;
  /** In this process, without its log. */
  here(...args: readonly string[]): Promise<Said>;
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export function commandLine(world: World): CommandLine {
  const folder = mkdtempSync(join(tmpdir(), "reroll-test-"));
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, world.cluster.kubeconfig);
  const env = { PATH: process.env.PATH, HOME: folder, KUBECONFIG: kubeconfig };
  return {
    async spawned(...args) {
      const child = spawn(process.execPath, [main, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
      const [stdout, stderr] = await Promise.all([readAll(child.stdout), readAll(child.stderr), once(child, "close")]);
      return { exitCode: child.exitCode, stdout, stderr };
    },
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
