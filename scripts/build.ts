import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";
import manifest from "../package.json" with { type: "json" };

/** What to bundle and where to. */
export interface BuildOptions {
  readonly entry: string;
  readonly outdir: string;
}

/** One written file, bytes; `packages` says how many bytes of it each package takes. */
export interface BuiltFile {
  readonly path: string;
  readonly bytes: number;
  readonly packages: Readonly<Record<string, number>>;
}

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const sideEffectFree: Plugin = {
  name: "side-effect-free",
  setup(builder) {
    // Its package.json does not say so, and 360 KB of models stay in the bundle otherwise.
    builder.onResolve({ filter: /@kubernetes\/client-node|^\.\.?\// }, async (request) => {
      const fromClient = /@kubernetes[\\/]client-node/.test(request.path + request.resolveDir);
      if (request.pluginData === "seen" || !fromClient) return undefined;
      const { path, kind, importer, resolveDir } = request;
      const found = await builder.resolve(path, { kind, importer, resolveDir, pluginData: "seen" });
      return { ...found, sideEffects: false };
    });
  },
};

const onlyVersion: Plugin = {
  name: "only-version",
  setup(builder) {
    builder.onLoad({ filter: /package\.json$/ }, ({ path }) =>
      path === folder("../package.json")
        ? { contents: JSON.stringify({ version: manifest.version }), loader: "json" }
        : undefined,
    );
  },
};

const lateHttp2: Plugin = {
  name: "late-http2",
  setup(builder) {
    // undici loads Node's HTTP/2 at every start, and `dispatcher.ts` never allows it; an OpenID issuer may speak it.
    const contents = 'module.exports = (...all) => require("./client-h2.js?late")(...all);';
    builder.onLoad({ filter: /undici[\\/]lib[\\/]dispatcher[\\/]client-h2\.js$/ }, ({ suffix }) =>
      suffix === "" ? { contents } : undefined,
    );
  },
};

const shebang = "#!/usr/bin/env node\n";
// CommonJS packages inside the bundle ask for Node's modules by require().
const banner =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

function packageOf(input: string): string {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? "(own)";
}

function perPackage(output: Metafile["outputs"][string] | undefined): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const [input, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    sizes[packageOf(input)] = (sizes[packageOf(input)] ?? 0) + bytesInOutput;
  }
  return sizes;
}

/** What is read while it runs: the manifests of the demo, where `demo/fixtures.ts` looks for them. */
const data = ["fixtures/demo"];

/**
 * Bundles the entry into `reroll.mjs`, executable, with a chunk for each part that is imported lazily, and puts the data beside it. Replaces
 * the folder, which then works by itself, wherever it is copied to.
 */
export async function bundle({ entry, outdir }: BuildOptions): Promise<BuiltFile[]> {
  const { outputFiles, metafile } = await build({
    entryPoints: [{ in: entry, out: "reroll" }],
    outdir,
    absWorkingDir: folder(".."),
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node22",
    outExtension: { ".js": ".mjs" },
    chunkNames: "[name]-[hash]",
    minifyWhitespace: true,
    legalComments: "external",
    // Under Node's conditions esbuild would take its CommonJS, which cannot be shaken: 35 KB and some 5 ms a start.
    alias: { yaml: folder("../node_modules/yaml/browser/dist/index.js") },
    // undici's own word for being bundled: without it comes its experimental second parser, 175 KB.
    define: { esbuildDetection: "1" },
    banner: { js: banner },
    // Built by npm where scripts of packages may run; ssh2 does without them where they are absent, as they are beside a bundle.
    external: ["*.node"],
    plugins: [sideEffectFree, onlyVersion, lateHttp2],
    logLevel: "warning",
  });
  rmSync(outdir, { recursive: true, force: true });
  for (const path of data) cpSync(folder(`../${path}`), join(outdir, path), { recursive: true });
  return outputFiles.map(({ path, text }) => {
    const isEntry = relative(outdir, path) === "reroll.mjs";
    const written = isEntry && !text.startsWith("#!") ? shebang + text : text;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, written);
    if (isEntry) chmodSync(path, 0o755);
    return {
      path,
      bytes: Buffer.byteLength(written),
      packages: perPackage(metafile.outputs[relative(folder(".."), path).replaceAll("\\", "/")]),
    };
  });
}

function sizes(files: readonly BuiltFile[], outdir: string): string {
  const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1).padStart(8)} KiB`;
  const lines = files.flatMap(({ path, bytes, packages }) => [
    `${kib(bytes)}  ${relative(outdir, path)}`,
    ...Object.entries(packages)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 8)
      .map(([name, size]) => `${kib(size)}      ${name}`),
  ]);
  return `${lines.join("\n")}\n`;
}

if (import.meta.main) {
  const outdir = folder("../dist");
  process.stdout.write(sizes(await bundle({ entry: folder("../src/main.ts"), outdir }), outdir));
}
