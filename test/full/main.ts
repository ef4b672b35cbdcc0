/**
 * What takes too long for every commit: the same properties with many more histories and inputs, and hundreds of runs on a real control
 * plane. `npm run test:full`; one part of it by its name.
 */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const reporter = fileURLToPath(new URL("../support/summary-reporter.ts", import.meta.url));
const effort = new URL("../support/effort.ts", import.meta.url).href;
const seed = process.env.REROLL_TEST_SEED || String(randomInt(2 ** 31));
const env = { REROLL_TEST_HISTORIES: "100000", REROLL_TEST_EFFORT: "50", ...process.env, REROLL_TEST_SEED: seed };

const local = (...files: readonly string[]) => [
  "--test",
  "--test-concurrency=2",
  // Every process of a test file draws from the seed, whether the file asks for effort or not.
  `--import=${effort}`,
  `--test-reporter=${reporter}`,
  ...files,
];

/** Parts, in the order in which they run: a name, and what Node is told. */
const parts: Readonly<Record<string, readonly string[]>> = {
  protocol: local("test/protocol/*.test.ts"),
  inputs: local("test/{snapshot,plan,record,diff,config,verify}/*.test.ts", "test/cli.test.ts"),
  pipeline: local("test/pipeline/*.test.ts"),
  // One after the other: what memory and time a run takes is looked at here.
  cluster: [
    "test/cluster/main.ts",
    "--test-concurrency=1",
    "--test-timeout=3600000",
    "test/cluster/soak.test.ts",
    "test/cluster/scenarios-*.test.ts",
  ],
};

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Runs a part, passing on what it says. A part that fails without a count is one failure. */
async function play(args: readonly string[]): Promise<Counts> {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (data) => {
    said = (said + data).slice(-10_000);
    process.stdout.write(data);
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const [, passed = "0", failed = "0"] = [...said.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) ?? [];
  return { passed: Number(passed), failed: code === 0 ? Number(failed) : Math.max(1, Number(failed)) };
}

async function main(): Promise<number> {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !(name in parts));
  if (unknown.length > 0) {
    process.stderr.write(`no such part: ${unknown.join(", ")}. Parts are ${Object.keys(parts).join(", ")}\n`);
    return 2;
  }
  process.stdout.write(`REROLL_TEST_SEED=${seed}\n`);
  const total = { passed: 0, failed: 0 };
  for (const [name, args] of Object.entries(parts)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const started = performance.now();
    process.stdout.write(`\n=== ${name}\n`);
    const { passed, failed } = await play(args);
    total.passed += passed;
    total.failed += failed;
    process.stdout.write(`=== ${name}: ${((performance.now() - started) / 60_000).toFixed(1)} min\n`);
  }
  process.stdout.write(`\nREROLL_TEST_SEED=${seed}\n${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

process.exitCode = await main();
