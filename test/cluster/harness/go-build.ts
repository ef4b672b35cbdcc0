/** Builds Go programs from published modules, each module graph on its own, into files that appear whole or not at all. */
import { type SpawnOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { constants, setPriority, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { withLock } from "./lock.ts";

const GO = "go";
const UNFINISHED = ".build-";

/** A published Go module and the programs made from it. */
export interface GoModule<Name extends string> {
  path: string;
  version: string;
  /** Program -> the package with its `main`. */
  packages: Partial<Record<Name, string>>;
  ldflags: string;
  /** Which version of the modules that its go.mod replaces with `./staging/…` folders to take. */
  stagingVersion?: string;
  /** Lines of its own go.mod that do not count for whoever requires it: module -> the `module@version` to take instead. */
  replace?: Readonly<Record<string, string>>;
  /** A folder of the module with CustomResourceDefinitions; they are kept as one file beside each program, see `crdsOf`. */
  crds?: string;
}

/** The file with the CustomResourceDefinitions that came with a program. */
export function crdsOf(program: string): string {
  return `${program}.crds.yaml`;
}

/** One module and the files wanted from it. */
export interface Build<Name extends string> {
  module: GoModule<Name>;
  wanted: Partial<Record<Name, string>>;
}

/** Builds every wanted file that is not there yet. Two processes that do this at once build once. */
export async function buildMissing<Name extends string>(
  folder: string,
  builds: Build<Name>[],
  { what, minutes }: { what: string; minutes: number },
): Promise<void> {
  if (builds.every((build) => missing(build).length === 0)) return;
  await mkdir(folder, { recursive: true });
  await withLock(join(folder, ".lock"), `${what} is being built`, async () => {
    const todo = builds.filter((build) => missing(build).length > 0);
    if (todo.length === 0) return;
    await requireGo();
    say(`building ${what} with Go; this happens once and takes about ${minutes} minutes on two cores`);
    await removeInterrupted(folder);
    const work = await mkdtemp(join(folder, UNFINISHED));
    try {
      // Downloads overlap with compiling; compiling one module after the other is what keeps every core busy.
      const prepared = todo.map((build, index) => prepare(build, join(work, String(index))));
      for (const rest of prepared) rest.catch(() => {});
      for (const [index, build] of todo.entries()) {
        await prepared[index];
        await compile(build, join(work, String(index)));
      }
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
}

/** Whoever holds the lock is the only one at work here: other unfinished builds were killed. */
async function removeInterrupted(folder: string): Promise<void> {
  for (const entry of await readdir(folder)) {
    if (entry.startsWith(UNFINISHED)) await rm(join(folder, entry), { recursive: true, force: true });
  }
}

interface Program {
  name: string;
  file: string;
  package: string;
}

function missing<Name extends string>({ module, wanted }: Build<Name>): Program[] {
  return (Object.keys(wanted) as Name[]).flatMap((name) => {
    const [file, main] = [wanted[name], module.packages[name]];
    return file && main && !existsSync(file) ? [{ name, file, package: main }] : [];
  });
}

/** Makes a module of its own that requires the program, its dependencies downloaded. */
async function prepare<Name extends string>(build: Build<Name>, directory: string): Promise<void> {
  const { path, version, stagingVersion } = build.module;
  const started = Date.now();
  await mkdir(directory, { recursive: true });
  await go(directory, "mod", "init", `reroll.test/${basename(path)}`);
  if (stagingVersion) {
    const download = JSON.parse(await go(directory, "mod", "download", "-json", `${path}@${version}`)) as {
      GoMod: string;
    };
    const staged = stagedModules(await readFile(download.GoMod, "utf8"));
    await go(directory, "mod", "edit", ...staged.map((name) => `-replace=${name}=${name}@${stagingVersion}`));
  }
  const replaced = Object.entries(build.module.replace ?? {});
  if (replaced.length > 0)
    await go(directory, "mod", "edit", ...replaced.map(([from, to]) => `-replace=${from}=${to}`));
  const packages = missing(build).map((program) => `${program.package}@${version}`);
  await go(directory, "get", "-tool", ...packages);
  say(`downloaded ${path}@${version} in ${seconds(started)}`);
}

/** The modules a go.mod replaces with folders below `./staging`. */
function stagedModules(goMod: string): string[] {
  return [...goMod.matchAll(/^\s*(?:replace\s+)?(\S+)\s+=>\s+\.\/staging\//gm)].map((match) => match[1] as string);
}

async function compile<Name extends string>(build: Build<Name>, directory: string): Promise<void> {
  const programs = missing(build);
  for (const program of programs) {
    const started = Date.now();
    say(`building ${program.name} ${build.module.version}`);
    const made = join(directory, "made");
    await go(directory, "build", "-ldflags", build.module.ldflags, "-o", made, program.package);
    if (build.module.crds) await writeFile(crdsOf(program.file), await readCrds(build, directory));
    // The program comes last: where it is, everything else is.
    await rename(made, program.file);
    say(`built ${program.name} in ${seconds(started)}`);
  }
}

async function readCrds<Name extends string>({ module }: Build<Name>, directory: string): Promise<string> {
  const root = (await go(directory, "list", "-m", "-f", "{{.Dir}}", module.path)).trim();
  const folder = join(root, module.crds ?? "");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml")).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return texts.map((text) => (text.startsWith("---") ? text : `---\n${text}`)).join("\n");
}

async function requireGo(): Promise<void> {
  try {
    await go(tmpdir(), "version");
  } catch (cause) {
    throw new Error(
      "Go was not found: install Go 1.26 or newer, or set KUBEBUILDER_ASSETS to a folder with kube-apiserver, etcd, " +
        "kube-controller-manager, kube-scheduler and kwok, or set REROLL_TEST_KUBECONFIG to a cluster you own",
      { cause },
    );
  }
}

/** Runs go and gives what it prints; what it complains about becomes the error. */
function go(cwd: string, ...args: string[]): Promise<string> {
  // No C compiler is needed this way, and a workspace around the cache folder does not interfere.
  const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GO111MODULE: "on" };
  const options: SpawnOptions = { cwd, env, stdio: ["ignore", "pipe", "pipe"] };
  return new Promise((resolve, reject) => {
    const child = spawn(GO, args, options);
    const kill = () => child.kill();
    process.once("exit", kill);
    const [out, complaints]: [Buffer[], Buffer[]] = [[], []];
    child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => complaints.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      process.off("exit", kill);
      if (code === 0) return resolve(Buffer.concat(out).toString());
      const tail = Buffer.concat(complaints).toString().trim().split("\n").slice(-20).join("\n");
      reject(new Error(`go ${args.join(" ")} failed (${code ?? "killed"}):\n${tail}`));
    });
    if (child.pid) beNice(child.pid);
  });
}

function beNice(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Gone already, or not ours to slow down: it only means that it runs at the usual priority.
  }
}

function seconds(since: number): string {
  return `${Math.round((Date.now() - since) / 1000)} s`;
}

function say(line: string): void {
  process.stderr.write(`control plane: ${line}\n`);
}
