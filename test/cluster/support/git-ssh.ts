import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import ssh2 from "ssh2";
import { reapLeftovers, register } from "../harness/leftovers.ts";
import { resolveOpenSsh } from "../harness/openssh.ts";
import { freePorts } from "../harness/ports.ts";
import { type Process, startProcess, until } from "../harness/processes.ts";
import { cacheDirectory } from "../harness/programs.ts";

/** A pair of keys as people keep them. */
export interface KeyPair {
  /** In the form of OpenSSH; encrypted where there is a passphrase. */
  readonly identity: string;
  /** A line of `authorized_keys`. */
  readonly public: string;
}

/** ECDSA on P-384 is what `flux bootstrap` makes unless told otherwise. */
export type KeyType = "ed25519" | "ecdsa" | "rsa";

/** Makes a pair of keys. */
export function makeKeyPair(type: KeyType = "ed25519", passphrase?: string): KeyPair {
  const cipher = passphrase === undefined ? {} : { passphrase, cipher: "aes256-ctr", rounds: 16 };
  const bits = { ed25519: {}, ecdsa: { bits: 384 }, rsa: { bits: 3072 } }[type];
  const made = ssh2.utils.generateKeyPairSync(type, { ...bits, ...cipher } as never);
  return { identity: made.private, public: made.public };
}

export interface GitSshOptions {
  /** Public keys that may fetch and push. */
  readonly readWrite: readonly string[];
  /** Public keys that may fetch: a push is refused with the words of a forge. */
  readonly readOnly?: readonly string[];
}

/** An SSH server on this machine that lets keys at git, and at whatever else the account may do. */
export interface GitSshServer extends AsyncDisposable {
  readonly port: number;
  /** The address of a repository on this machine, from its absolute path. */
  readonly urlOf: (path: string) => string;
  /** The line of `known_hosts` for it. */
  readonly knownHosts: string;
  /** What it wrote down. */
  readonly log: () => Promise<string>;
  /** Gives it another host key, as after a new installation; connections from now on see that one. */
  readonly replaceHostKey: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const START_TIMEOUT_MS = 20_000;
const LIMITS = "restrict";
const READ_ONLY = `#!/bin/sh
case "$SSH_ORIGINAL_COMMAND" in
  git-upload-pack\\ *|git\\ upload-pack\\ *) exec sh -c "$SSH_ORIGINAL_COMMAND" ;;
esac
echo 'ERROR: The key you are authenticating with has been marked as read only.' >&2
exit 1
`;

/** Starts a real sshd as the user of this process on a free port, with a host key and authorized keys of its own. */
export async function startGitSsh({ readWrite, readOnly = [] }: GitSshOptions): Promise<GitSshServer> {
  const openSsh = await resolveOpenSsh();
  const cache = cacheDirectory();
  reapLeftovers(cache);
  const directory = await mkdtemp(join(tmpdir(), "reroll-sshd-"));
  const children = register(cache, directory);
  const [port = 0] = await freePorts(1);
  const file = (name: string, content: string, mode = 0o600) => writeFile(join(directory, name), content, { mode });
  const forced = join(directory, "read-only");
  await file("read-only", READ_ONLY, 0o700);
  await file(
    "authorized_keys",
    [
      ...readWrite.map((key) => `${LIMITS} ${key.trim()}\n`),
      ...readOnly.map((key) => `${LIMITS},command="${forced}" ${key.trim()}\n`),
    ].join(""),
  );
  const { username, uid } = userInfo();
  const asRoot = uid === 0;
  if (asRoot) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  await file("passwd", await madeUp(username, directory));
  await file("group", await readFile("/etc/group", "utf8"));
  await file(
    "sshd_config",
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${join(directory, "host_key")}`,
      `AuthorizedKeysFile ${join(directory, "authorized_keys")}`,
      "PidFile none",
      "StrictModes no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "LogLevel VERBOSE",
      ...openSsh.config,
      "",
    ].join("\n"),
  );
  const env = {
    ...{ PATH: process.env.PATH, LANG: "C.UTF-8", ...openSsh.env },
    NSS_WRAPPER_PASSWD: join(directory, "passwd"),
    NSS_WRAPPER_GROUP: join(directory, "group"),
  };
  let host = makeKeyPair();
  let running: Process | undefined;
  let starts = 0;
  const begin = async () => {
    starts += 1;
    await file("host_key", host.identity);
    await chmod(join(directory, "host_key"), 0o600);
    const args = ["-D", "-e", "-f", join(directory, "sshd_config")];
    const sshd = startProcess("sshd", openSsh.sshd, args, directory, env);
    running = sshd;
    children.add(sshd.pid);
    const listens = async () => sshd.tail().split("Server listening").length > starts;
    await until(sshd, listens, "sshd did not get ready", START_TIMEOUT_MS);
  };
  const close = async () => {
    await running?.stop();
    children.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await begin();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    port,
    urlOf: (path) => `ssh://${username}@127.0.0.1:${port}${path}`,
    get knownHosts() {
      return `[127.0.0.1]:${port} ${host.public.split(" ").slice(0, 2).join(" ").trim()}\n`;
    },
    log: () => readFile(join(directory, "sshd.log"), "utf8"),
    async replaceHostKey() {
      await running?.stop();
      host = makeKeyPair();
      await begin();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * The users of this machine, the one that tests run as with an empty home and a plain shell, and the one sshd gives its rights away to when
 * root starts it, which only its package makes.
 */
async function madeUp(username: string, home: string): Promise<string> {
  const users = (await readFile("/etc/passwd", "utf8")).trimEnd().split("\n");
  const more = users.some((user) => user.startsWith("sshd:"))
    ? []
    : ["sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin"];
  const here = users.map((user) => {
    const fields = user.split(":");
    return fields[0] === username ? [...fields.slice(0, 5), home, "/bin/sh"].join(":") : user;
  });
  return `${[...here, ...more].join("\n")}\n`;
}
