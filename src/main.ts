#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import { execute } from "./execute.ts";

// V8 lets its heap double before it looks for garbage, and then marks while the program goes on and makes more. Nobody waits for a
// frame here: it stops, and looks often (docs/decisions, memory).
for (const flag of [
  "heap-growing-percent=12",
  "optimize-for-size",
  "no-incremental-marking",
  "no-concurrent-sweeping",
]) {
  setFlagsFromString(`--${flag}`);
}

// isomorphic-git compresses by Web streams where there are some. Node needs longer to load them than for all the rest of a commit; without
// them it has compression of its own. It looks once, so they are gone before anything else begins.
for (const name of ["CompressionStream", "DecompressionStream"]) Reflect.deleteProperty(globalThis, name);

const stop = new AbortController();
const hardEnd = new AbortController();

/** kubelet waits 30 s by default, our CronJob 60 s, before it kills. */
const graceMs = 25_000;

for (const [signal, exitCode] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(stop.signal.reason);
    stop.abort(exitCode);
    setTimeout(() => hardEnd.abort(), graceMs).unref();
  });
}
/** Whoever reads may stop reading, as `head` does; what it did not want is no failure. */
process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
  if (code === "EPIPE") return;
  process.stderr.write(`reroll: stdout cannot be written: ${message}\n`);
  process.exit(1);
});
process.stderr.on("error", () => {});

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
process.exitCode = exitCode;
