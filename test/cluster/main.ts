/** Runs the tests that want a real control plane: on the cluster REROLL_TEST_KUBECONFIG names, else on one of its own. */
import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startControlPlane } from "./harness/control-plane.ts";
import { exitOnSignals } from "./harness/leftovers.ts";
import { resolveFlux, resolveKubectl } from "./harness/programs.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const REPORTER = fileURLToPath(new URL("../support/summary-reporter.ts", import.meta.url));
const ALL = ["test/cluster/**/*.test.ts"];
const DEFAULTS = ["--test-concurrency=2", "--test-timeout=300000", `--test-reporter=${REPORTER}`];

/** File patterns, and the options of `node --test` worth having here. */
function testArguments(argv: string[]): { options: string[]; patterns: string[] } {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      "test-name-pattern": { type: "string", multiple: true },
      "test-concurrency": { type: "string" },
      "test-timeout": { type: "string" },
    },
  });
  const options = Object.entries(values).flatMap(([name, value]) => [value].flat().map((one) => `--${name}=${one}`));
  return { options: ["--test", ...DEFAULTS, ...options], patterns: positionals.length > 0 ? positionals : ALL };
}

/** Builds what tests of git mode need before they start: their own time would be over. Where that fails they say so themselves. */
async function prepare(patterns: string[]): Promise<void> {
  const texts = globSync(patterns, { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), "utf8"));
  const wants = (what: string) => texts.some((text) => text.includes(what));
  try {
    if (wants("/git-stage.ts")) await resolveFlux();
    if (wants("/git-stage.ts") || wants("resolveKubectl")) await resolveKubectl();
  } catch (error) {
    process.stderr.write(`neighbours of git mode: ${error instanceof Error ? error.message : error}\n`);
  }
}

function runTests(args: string[], kubeconfig: string): Promise<number> {
  const env = { ...process.env, REROLL_TEST_KUBECONFIG: kubeconfig };
  return new Promise((resolve, reject) => {
    const tests = spawn(process.execPath, args, { cwd: ROOT, env, stdio: "inherit" });
    const kill = () => tests.kill();
    process.once("exit", kill);
    tests.once("error", reject);
    tests.once("exit", (code) => {
      process.off("exit", kill);
      resolve(code ?? 1);
    });
  });
}

async function main(): Promise<number> {
  exitOnSignals();
  const { options, patterns } = testArguments(process.argv.slice(2));
  const args = [...options, ...patterns];
  await prepare(patterns);
  const own = process.env.REROLL_TEST_KUBECONFIG;
  if (own) return runTests(args, own);
  const started = Date.now();
  const controlPlane = await startControlPlane();
  process.stderr.write(`control plane: ready after ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  try {
    return await runTests(args, controlPlane.kubeconfig);
  } finally {
    await controlPlane.stop();
  }
}

process.exitCode = await main();
