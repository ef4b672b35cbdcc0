#!/usr/bin/env node
import { execute } from "./execute.ts";

const stop = new AbortController();
const hardEnd = new AbortController();
let signalExit: 143 | 130 | undefined;

/** kubelet waits 30 s by default, our CronJob 60 s, before it kills. */
const graceMs = 25_000;

for (const [signal, exitCode] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const) {
  process.on(signal, () => {
    if (signalExit !== undefined) process.exit(signalExit);
    signalExit = exitCode;
    stop.abort();
    setTimeout(() => hardEnd.abort(), graceMs).unref();
  });
}
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const exitCode = await execute(process.argv.slice(2), {
  env: process.env,
  pid: process.pid,
  versions: process.versions,
  stdoutIsTerminal: process.stdout.isTTY === true,
  stdoutColumns: process.stdout.columns,
  stderrIsTerminal: process.stderr.isTTY === true,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  stop: stop.signal,
  hardEnd: hardEnd.signal,
});
process.exitCode = signalExit ?? exitCode;
