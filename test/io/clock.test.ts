import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { systemClock } from "../../src/io/clock.ts";

const run = promisify(execFile);
const clockModule = new URL("../../src/io/clock.ts", import.meta.url).href;

test("sleep ends when the time is over, or at once when aborted", async () => {
  const start = systemClock.now();
  await systemClock.sleep(20);
  assert(systemClock.now() - start >= 19);
  const controller = new AbortController();
  const long = systemClock.sleep(3_600_000, controller.signal);
  controller.abort();
  await long;
  await systemClock.sleep(3_600_000, controller.signal);
});

test("every calls back until it is stopped", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let calls = 0;
  const stop = systemClock.every(1, () => {
    calls += 1;
    if (calls === 3) resolve();
  });
  await Promise.all([promise, systemClock.sleep(10)]);
  stop();
  const before = calls;
  await systemClock.sleep(10);
  assert.equal(calls, before);
});

test("every does not keep a process alive, sleep does", async () => {
  const script = `const { systemClock } = await import(${JSON.stringify(clockModule)});
    systemClock.every(3_600_000, () => {});
    await systemClock.sleep(50);
    console.log("slept");`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { timeout: 30_000 });
  assert.equal(stdout.trim(), "slept");
});
