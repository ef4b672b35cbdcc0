/** What `npm run build` writes, copied to a folder of its own, against the sources. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { type BuiltFile, bundle } from "../../scripts/build.ts";
import { type DemoCluster, startDemoCluster } from "../../src/demo/cluster.ts";
import { demoManifests } from "../../src/demo/fixtures.ts";
import { type CommandLine, commandLine, listen } from "../support/command.ts";
import { root } from "../support/pages.ts";

/** Command lines whose every word on stdout and stderr, and whose exit code, must be the same. */
const lines = [
  "help explain",
  "plna -o json",
  "config --config no-such-file",
  "config",
  "-n shop plan -o json",
  "explain Deployment/shop/web",
  "run",
  "status",
  "doctor --context nowhere",
];

describe("the bundle, in a folder of its own", () => {
  const folder = mkdtempSync(join(tmpdir(), "reroll-bundle-"));
  const built = join(folder, "dist", "reroll.mjs");
  let cluster: DemoCluster;
  let bundled: CommandLine;
  let sources: CommandLine;
  let files: readonly BuiltFile[];

  before(async () => {
    files = await bundle({ entry: join(root, "src/main.ts"), outdir: join(folder, "dist") });
    cluster = await startDemoCluster();
    await cluster.load(demoManifests());
    await cluster.settle();
    bundled = commandLine({ cluster }, built);
    sources = commandLine({ cluster });
  });
  after(async () => {
    bundled[Symbol.dispose]();
    sources[Symbol.dispose]();
    rmSync(folder, { recursive: true });
    await cluster.close();
  });

  for (const line of lines) {
    it(`reroll ${line}: as the sources`, async () => {
      const words = line.split(" ");
      const ours = await bundled.spawned(...words, "--log-level", "error");
      const theirs = await sources.here(...words);
      // Each has a home of its own.
      const plain = (text: string) => text.replaceAll(/\S*reroll-test-\w+/g, "HOME");
      assert.deepEqual(
        { ...ours, stdout: plain(ours.stdout), stderr: plain(ours.stderr) },
        { ...theirs, stdout: plain(theirs.stdout), stderr: plain(theirs.stderr) },
      );
      assert.ok(ours.stdout + ours.stderr);
    });
  }

  it("loads at its start no YAML parser and one parser of HTTP", () => {
    const loaded = new Set([built]);
    for (const path of loaded)
      for (const [, name = ""] of readFileSync(path, "utf8").matchAll(/(?:from|import)"\.\/([^"]+)"/g))
        loaded.add(join(folder, "dist", name));
    const packages = files.filter(({ path }) => loaded.has(path)).map((file) => file.packages);
    assert.ok(packages.some(({ undici = 0 }) => undici > 0 && undici < 420_000));
    assert.deepEqual(
      packages.filter(({ yaml }) => yaml !== undefined),
      [],
    );
  });

  it("has its demo with it", async () => {
    const child = bundled.start("demo");
    const said = listen(child);
    child.stdout.once("data", () => child.kill("SIGTERM"));
    const { exitCode, stdout } = await said;
    assert.match(stdout, /^4 Deployment, 1 StatefulSet, 1 DaemonSet, /m);
    assert.ok(!stdout.includes("That was all of it"));
    assert.equal(exitCode, 143);
  });
});

describe("the package", () => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

  it("holds the bundle, the schema of the configuration and the CronJob, and builds before it is packed", async () => {
    const { stdout } = await promisify(execFile)("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: root,
    });
    const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const paths = packed.files.map(({ path }) => path);
    for (const path of ["schema/config.schema.json", "cronjob/kustomization.yaml", "README.md", "LICENSE"]) {
      assert.ok(paths.includes(path), path);
    }
    assert.ok(manifest.files.includes("dist"));
    assert.equal(manifest.bin.reroll, "dist/reroll.mjs");
    assert.match(manifest.scripts.prepack, /\bbuild\b/);
    assert.deepEqual(
      paths.filter((path) => /^(?:src|test|scripts|node_modules)\//.test(path)),
      [],
    );
  });

  it("names nothing in its manifest that is not there", () => {
    const made = ["dist"];
    const missing = (manifest.files as string[]).filter(
      (path) => !made.includes(path) && !existsSync(join(root, path)),
    );
    assert.deepEqual(missing, []);
  });
});
