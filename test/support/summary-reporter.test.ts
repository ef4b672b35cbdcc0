import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const REPORTER = fileURLToPath(new URL("./summary-reporter.ts", import.meta.url));

/** Runs one test file in a process of its own and gives what the reporter made of it. */
function report(source: string, ...options: string[]): { lines: string[]; status: number | null } {
  const directory = mkdtempSync(join(tmpdir(), "reroll-reporter-"));
  try {
    writeFileSync(join(directory, "one.test.mjs"), `import { describe, it } from "node:test";\n${source}`);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const args = ["--test", `--test-reporter=${REPORTER}`, ...options, "one.test.mjs"];
    const { stdout, status } = spawnSync(process.execPath, args, { cwd: directory, env, encoding: "utf8" });
    return { lines: stdout.trimEnd().split("\n"), status };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

for (const isolation of ["none", "process"]) {
  const option = `--test-isolation=${isolation}`;
  describe(`the summary of a run with ${option}`, () => {
    it("counts what passed, and is a success", () => {
      const { lines, status } = report("it('a', () => {}); describe('s', () => { it('b', () => {}); });", option);
      assert.deepEqual([lines.at(-1), status], ["2 passed, 0 failed", 0]);
    });

    it("shows a failure with its place and its reason", () => {
      const { lines, status } = report("describe('s', () => it('a', () => { throw new Error('why'); }));", option);
      assert.deepEqual([lines.at(-1), status], ["0 passed, 1 failed", 1]);
      assert.deepEqual(lines.slice(0, 2), ["FAILED s > a (one.test.mjs)", "  Error: why"]);
    });

    it("takes tests that are skipped or to be done for failures", () => {
      const hidden = ["it.skip('a')", "it.todo('b')", "it('c', { skip: 'later' })", "describe.skip('d')"];
      const { lines, status } = report(`${hidden.join(";")};\nit('e', () => {});`, option);
      assert.deepEqual([lines.at(-1), status], ["1 passed, 4 failed", 1]);
      assert.equal(lines.filter((line) => line === "  skipped tests are not allowed here").length, 4);
    });

    it("takes a run without a test for no success", () => {
      const empty = report("", option);
      assert.deepEqual([empty.lines.at(-1), empty.status], ["0 passed, 1 failed", 1]);
      const filtered = report("it('a', () => {});", option, "--test-name-pattern=b");
      assert.deepEqual([filtered.lines.at(-1), filtered.status], ["0 passed, 0 failed", 1]);
    });

    it("takes a run that ends itself early for no success", () => {
      assert.equal(report("it('a', () => process.exit(0));", option).status, 1);
    });
  });
}
