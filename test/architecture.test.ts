import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "src");

/** Who may import whom inside src, and which packages. A file at the root of src is a room of its own. */
const house: Readonly<Record<string, { readonly rooms: readonly string[]; readonly packages: readonly string[] }>> = {
  model: { rooms: [], packages: [] },
  ports: { rooms: ["model"], packages: [] },
  edge: { rooms: [], packages: [] },
  snapshot: { rooms: ["model", "ports"], packages: ["node:crypto"] },
  diff: { rooms: ["model"], packages: [] },
  plan: { rooms: ["model"], packages: ["re2js"] },
  act: { rooms: ["model", "ports"], packages: [] },
  flux: { rooms: ["model", "ports"], packages: ["re2js"] },
  edit: { rooms: ["model"], packages: ["yaml"] },
  locate: { rooms: ["model", "ports"], packages: ["yaml", "fast-json-patch", "ignore", "re2js"] },
  place: { rooms: ["model", "ports", "edit", "locate"], packages: ["yaml"] },
  verify: { rooms: ["model", "ports"], packages: [] },
  record: { rooms: ["model", "ports"], packages: ["node:zlib"] },
  report: { rooms: ["model"], packages: ["diff"] },
  config: { rooms: ["model"], packages: ["yaml", "zod/mini", "zod/v4/core"] },
  io: {
    rooms: ["model", "ports"],
    packages: ["undici", "pino", "@kubernetes/client-node", "yaml", "isomorphic-git", "ssh2", "node:*"],
  },
  demo: { rooms: ["model"], packages: ["yaml", "fast-json-patch", "isomorphic-git", "node:*"] },
  survey: { rooms: ["model", "ports", "snapshot", "diff", "plan", "record"], packages: [] },
  run: { rooms: ["model", "ports", "survey", "snapshot", "act", "verify", "record", "flux", "place"], packages: [] },
  // Everything but the stages that act and judge: those are reached by way of a run.
  commands: {
    rooms: [
      ...["cli", "compose", "config", "demo", "edge", "io", "model", "plan"],
      ...["ports", "record", "report", "run", "snapshot", "survey"],
    ],
    packages: [],
  },
  cli: { rooms: ["config", "model"], packages: ["commander"] },
  compose: { rooms: ["config", "io", "model", "ports"], packages: ["node:os"] },
  execute: { rooms: ["cli", "commands", "config", "edge", "io", "model"], packages: [] },
  main: { rooms: ["execute"], packages: ["node:v8"] },
};

/** Rooms where time, timers, randomness and the process may be touched. */
const worldly = new Set(["io", "demo", "main"]);

interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function readSources(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const text = readFileSync(path, "utf8");
      const [first = ""] = relative(source, path).split(sep);
      const imports = [...text.matchAll(/(?:from\s+|import\s+|import\()"([^"]+)"/g)].map((match) => match[1] ?? "");
      return { path: relative(root, path), room: first.replace(/\.ts$/, ""), text, imports };
    });
}

const files = readSources(source);
const local = (file: SourceFile) => file.imports.filter((name) => name.startsWith("."));
const roomOf = (file: SourceFile, name: string) => {
  const target = relative(source, join(root, dirname(file.path), name));
  return target.startsWith("..") ? "(outside)" : (target.split(sep)[0] ?? "").replace(/\.ts$/, "");
};

test("every folder and root file of src is a room of the house", () => {
  const unknown = [...new Set(files.map(({ room }) => room))].filter((room) => !(room in house));
  assert.deepEqual(unknown, []);
});

test("rooms import only the rooms they may", () => {
  const wrong = files.flatMap((file) =>
    local(file)
      .map((name) => ({ name, room: roomOf(file, name) }))
      .filter(({ name, room }) => {
        const allowed = house[file.room]?.rooms ?? [];
        const ownManifest = file.path === "src/commands/version.ts" && name === "../../package.json";
        return room !== file.room && !allowed.includes(room) && !ownManifest;
      })
      .map(({ room }) => `${file.path} imports ${room}`),
  );
  assert.deepEqual(wrong, []);
});

test("rooms import only the packages they may", () => {
  const wrong = files.flatMap((file) => {
    const allowed = house[file.room]?.packages ?? [];
    const permitted = (name: string) =>
      allowed.some(
        (each) => each === name || name.startsWith(`${each}/`) || (each === "node:*" && name.startsWith("node:")),
      );
    return file.imports
      .filter((name) => !name.startsWith(".") && !permitted(name))
      .map((name) => `${file.path}: ${name}`);
  });
  assert.deepEqual(wrong, []);
  const bare = files.flatMap((file) => file.imports.filter((name) => builtinModules.includes(name)));
  assert.deepEqual(bare, []);
});

test("src never imports test", () => {
  assert.deepEqual(
    files.filter(({ imports }) => imports.some((name) => name.includes("/test/"))).map(({ path }) => path),
    [],
  );
});

test("no clock, timer, randomness or process outside io, demo and main", () => {
  const touches =
    /\bprocess\.|\bDate\.now\(|new Date\(\)|\bset(?:Timeout|Interval|Immediate)\(|Math\.random\(|randomBytes|performance\.now/;
  const wrong = files.filter(
    ({ room, text }) =>
      !worldly.has(room) &&
      touches.test(text.replaceAll(/\/\*\*[\s\S]*?\*\//g, "").replaceAll(/`process\.[a-z]+`/g, "")),
  );
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  );
});

test("no file of src is longer than 250 lines", () => {
  const long = files.filter(({ text }) => text.split("\n").length > 251).map(({ path }) => path);
  assert.deepEqual(long, []);
});

test("files stay small: the median is near 75 lines", () => {
  const lengths = files.map(({ text }) => text.split("\n").length).sort((a, b) => a - b);
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0;
  assert.ok(median <= 90, `median ${median}`);
});

test("every file of src is reachable from main", () => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const visit = (path: string) => {
    const file = byPath.get(path);
    if (!file || seen.has(path)) return;
    seen.add(path);
    for (const name of local(file)) visit(join(dirname(path), name));
  };
  visit(join("src", "main.ts"));
  const reachable = (path: string) => seen.has(path) || path.endsWith(".d.ts");
  assert.deepEqual(
    files.filter(({ path }) => !reachable(path)).map(({ path }) => path),
    [],
  );
});
