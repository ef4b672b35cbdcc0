/** What takes too long for every commit: the same properties with many more histories and inputs. `npm run test:full`. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const reporter = fileURLToPath(new URL("../support/summary-reporter.ts", import.meta.url));
const args = [
  "--test",
  "--test-concurrency=2",
  `--test-reporter=${reporter}`,
  "test/{protocol,pipeline,snapshot,plan,record,diff,config}/*.test.ts",
  "test/cli.test.ts",
  ...process.argv.slice(2),
];
const env = { REROLL_TEST_HISTORIES: "100000", REROLL_TEST_EFFORT: "50", ...process.env };
const tests = spawn(process.execPath, args, { cwd: root, env, stdio: "inherit" });
process.exitCode = await new Promise<number>((resolve) => tests.on("exit", (code) => resolve(code ?? 1)));
