import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import ssh2, { type ServerChannel } from "ssh2";
import { readIdentity } from "../../../src/io/git/ssh-key.ts";
import { gitEnvironment } from "./run.ts";

/** A key pair in OpenSSH's forms. */
export interface SshKeyPair {
  readonly private: string;
  /** `type base64`, as in known_hosts and authorized_keys. */
  readonly public: string;
}

/** Makes a key pair on the spot. */
export function makeSshKey(kind: "ed25519" | "ecdsa" | "rsa" = "ed25519", passphrase?: string): SshKeyPair {
  const secret = { passphrase: passphrase ?? "", cipher: "aes256-ctr", rounds: 4 };
  const locked = passphrase === undefined ? undefined : secret;
  const { generateKeyPairSync: make } = ssh2.utils;
  const pair = {
    rsa: () => make("rsa", { bits: 2048, ...(locked as typeof secret) }),
    ecdsa: () => make("ecdsa", { bits: 384, ...(locked as typeof secret) }),
    ed25519: () => make("ed25519", locked as typeof secret),
  }[kind]();
  return { private: pair.private, public: pair.public.trim().split(" ").slice(0, 2).join(" ") };
}

/** The public half of a private key in any form, as in authorized_keys. */
export function publicOf(identity: string, passphrase?: string): string {
  const parsed = ssh2.utils.parseKey(readIdentity(identity, passphrase), passphrase);
  if (parsed instanceof Error) throw parsed;
  const [key] = [parsed].flat();
  return `${key?.type} ${key?.getPublicSSH().toString("base64")}`;
}

/** An SSH server on this machine that runs the real `git-upload-pack` and `git-receive-pack`. */
export interface GitSshServer extends AsyncDisposable {
  readonly port: number;
  /** `ssh://git@127.0.0.1:port` and the path of a repository. */
  readonly url: (path: string) => string;
  /** Of this server, as a line for known_hosts. */
  readonly knownHosts: string;
  readonly commands: readonly string[];
  /** Words on standard error instead of git, with which the command fails. */
  refuse: ((command: string) => string | undefined) | undefined;
  /** Accepts commands and never answers. */
  hang: boolean;
  /** Cuts every connection. */
  readonly disconnect: () => void;
  readonly connections: () => number;
  readonly processes: () => number;
  readonly close: () => Promise<void>;
}

/** Serves every repository of this machine to who has that key. */
export async function serveGitBySsh(authorized: SshKeyPair, hostKeys: readonly SshKeyPair[]): Promise<GitSshServer> {
  const allowed = ssh2.utils.parseKey(authorized.public);
  if (allowed instanceof Error) throw allowed;
  const running = new Set<ChildProcess>();
  const sockets = new Set<Socket>();
  const commands: string[] = [];

  function run(command: string, channel: ServerChannel, protocol: string | undefined): void {
    commands.push(command);
    const words = served.refuse?.(command);
    if (words !== undefined) {
      channel.stderr.write(words);
      channel.exit(1);
      channel.end();
      return;
    }
    if (served.hang) return;
    const env = { ...gitEnvironment, ...(protocol === undefined ? {} : { GIT_PROTOCOL: protocol }) };
    const child = spawn("sh", ["-c", command], { env });
    running.add(child);
    child.stdin.on("error", () => {});
    channel.pipe(child.stdin);
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    channel.on("close", () => child.kill());
    child.on("close", (code) => {
      running.delete(child);
      channel.exit(code ?? 1);
      channel.end();
    });
  }

  const ssh = new ssh2.Server({ hostKeys: hostKeys.map((key) => key.private) }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (context) => {
      const mine = context.method === "publickey" && context.key.data.equals(allowed.getPublicSSH());
      const proved =
        mine &&
        (!context.signature || allowed.verify(context.blob ?? "", context.signature, context.hashAlgo) === true);
      if (proved) context.accept();
      else context.reject(["publickey"]);
    });
    client.on("ready", () =>
      client.on("session", (accept) => {
        const session = accept();
        let protocol: string | undefined;
        session.on("env", (ok, _reject, { key, val }) => {
          if (key === "GIT_PROTOCOL") protocol = val;
          ok?.();
        });
        session.on("exec", (ok, _reject, { command }) => run(command, ok(), protocol));
      }),
    );
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    ssh.injectSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    for (const child of running) child.kill();
    await new Promise((resolve) => server.close(resolve));
  };
  const served: GitSshServer = {
    port,
    url: (path) => `ssh://git@127.0.0.1:${port}${path}`,
    knownHosts: hostKeys.map((key) => `[127.0.0.1]:${port} ${key.public}\n`).join(""),
    commands,
    refuse: undefined,
    hang: false,
    disconnect: () => {
      for (const socket of sockets) socket.destroy();
    },
    connections: () => sockets.size,
    processes: () => running.size,
    close,
    [Symbol.asyncDispose]: close,
  };
  return served;
}
