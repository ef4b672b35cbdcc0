/** Debian's sshd: the one that is installed, or the package unpacked into the cache folder, which needs no rights and changes no system. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "./find-program.ts";
import { withLock } from "./lock.ts";
import { programsFolder } from "./programs.ts";

const run = promisify(execFile);

/** How to start it. */
export interface OpenSsh {
  sshd: string;
  /** What its environment needs in addition. */
  env: NodeJS.ProcessEnv;
  /** Lines of its configuration that name parts of it. */
  config: string[];
}

const PACKAGES = ["openssh-server", "libnss-wrapper"];

/** Finds sshd, or unpacks it once. */
export async function resolveOpenSsh(): Promise<OpenSsh> {
  const installed = findProgram("sshd");
  // For root it insists on a user of its own, that only its package makes: then that is installed whole.
  if (installed) return { sshd: installed, env: {}, config: [] };
  const root = join(programsFolder(), `openssh-${process.platform}-${process.arch}`);
  if (!existsSync(root)) await unpack(root);
  const libraries = await libraryFolders(root);
  const wrapper = libraries.map((folder) => join(folder, "libnss_wrapper.so")).find((file) => existsSync(file));
  // Since OpenSSH 9.8 sshd is several programs, and knows the others by where they would be installed.
  const parts = { SshdSessionPath: "sshd-session", SshdAuthPath: "sshd-auth" };
  return {
    sshd: join(root, "usr/sbin/sshd"),
    env: { LD_LIBRARY_PATH: libraries.join(delimiter), ...(wrapper && { LD_PRELOAD: wrapper }) },
    config: Object.entries(parts)
      .map(([option, name]) => [option, join(root, "usr/lib/openssh", name)] as const)
      .filter(([, file]) => existsSync(file))
      .map(([option, file]) => `${option} ${file}`),
  };
}

/** Downloads what apt would install, and unpacks it in a folder that appears whole or not at all. */
async function unpack(root: string): Promise<void> {
  const folder = programsFolder();
  await mkdir(folder, { recursive: true });
  await withLock(join(folder, ".lock-openssh"), "sshd is being unpacked", async () => {
    if (existsSync(root)) return;
    const work = await mkdtemp(join(folder, ".openssh-"));
    try {
      await download(work).catch(async () => {
        // Images of containers come without lists of packages; only root can have them.
        await run("apt-get", ["-qq", "update"]);
        await download(work);
      });
      for (const file of await readdir(work)) await run("dpkg", ["-x", file, "root"], { cwd: work });
      await rename(join(work, "root"), root);
    } catch (cause) {
      throw new Error(
        "sshd was not found, and its package could not be unpacked: install openssh-server, or run `apt-get update`",
        { cause },
      );
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
}

async function download(folder: string): Promise<void> {
  await run("apt-get", ["-qq", "download", ...(await missing())], { cwd: folder });
}

/** The packages themselves and those of their dependencies that are not on this machine. */
async function missing(): Promise<string[]> {
  const { stdout } = await run("apt-get", ["-qq", "-s", "install", "--no-install-recommends", ...PACKAGES]);
  const names = [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, name = ""]) => name);
  return [...new Set([...PACKAGES, ...names])];
}

async function libraryFolders(root: string): Promise<string[]> {
  const found = ["usr/lib", "lib"].map((folder) => join(root, folder)).filter((folder) => existsSync(folder));
  const below = await Promise.all(
    found.map(async (folder) => {
      const names = (await readdir(folder)).filter((name) => name.includes("-linux-"));
      return names.map((name) => join(folder, name));
    }),
  );
  return below.flat();
}
