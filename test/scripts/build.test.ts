import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { bundle } from "../../scripts/build.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
const folder = mkdtempSync(join(tmpdir(), "reroll-build-"));
after(() => rmSync(folder, { recursive: true }));

const entry = join(folder, "entry.ts");
writeFileSync(join(folder, "lazy.ts"), 'export const lazy = "loaded when asked for";\n');
writeFileSync(
  entry,
  `
import { createRequire } from "node:module";
import manifest from ${JSON.stringify(join(root, "package.json"))} with { type: "json" };
import { parseArgv } from ${JSON.stringify(join(root, "src/cli.ts"))};
import { loadConfig } from ${JSON.stringify(join(root, "src/config/load.ts"))};
const parsed = parseArgv(process.argv.slice(2), { env: {}, isTerminal: false });
const loaded = loadConfig({ fileText: "concurrency: 7", env: {}, flags: {}, facts: {} });
const { lazy } = await import("./lazy.ts");
console.log(JSON.stringify({ version: manifest.version, parsed, concurrency: "config" in loaded && loaded.config.concurrency, lazy }));
`,
);

const outdir = join(folder, "dist");
const files = await bundle({ entry, outdir });
const built = join(outdir, "reroll.mjs");

test("the bundle runs by itself, as an executable, anywhere", () => {
  accessSync(built, constants.X_OK);
  assert.ok(readFileSync(built, "utf8").startsWith("#!/usr/bin/env node\n"));
  const output = execFileSync(process.execPath, [built, "plan", "-n", "web"], { cwd: tmpdir(), encoding: "utf8" });
  const { parsed, ...rest } = JSON.parse(output);
  assert.deepEqual(parsed.command, { name: "plan", catchUp: false });
  assert.deepEqual(rest, { version, concurrency: 7, lazy: "loaded when asked for" });
});

test("what is imported lazily is a chunk of its own", () => {
  const chunks = files.filter(({ path }) => path.endsWith(".mjs") && path !== built);
  assert.ok(chunks.some(({ path }) => basename(path).startsWith("lazy-")));
  assert.ok(!readFileSync(built, "utf8").includes("loaded when asked for"));
});

test("of package.json only the version is published in the bundle", () => {
  const text = readFileSync(built, "utf8");
  assert.ok(text.includes(version));
  assert.ok(!text.includes("optionalDependencies"));
});

test("the schema library costs little: its mini build, without locales", () => {
  const size = files.find(({ path }) => path === built)?.packages.zod ?? 0;
  assert.ok(size > 0 && size < 50_000, `${size} bytes of zod`);
});
