import ssh2, { type ClientChannel, type ServerHostKeyAlgorithm } from "ssh2";
import { type GitCredential, GitError } from "../../model/git.ts";
import { hostKeyAlgorithms, isKnown, type KnownHost, readKnownHosts } from "./known-hosts.ts";
import { readIdentity } from "./ssh-key.ts";

/** One SSH connection, opened when it is needed and again where the server closed it. */
export interface SshConnection {
  /** Starts a command. Everything ends when the signal is aborted. */
  exec(command: string, environment: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ClientChannel>;
  close(): void;
}

/**
 * Connects as the user of the URL, or `git`. The key of the host is always checked. Fails with `host-key`, `unauthorized`, `timeout`, and with
 * errors of the network.
 */
export function createSshConnection(
  url: URL,
  credential: NonNullable<GitCredential["ssh"]>,
  connectTimeout: number,
): SshConnection {
  // Node's URL keeps the brackets of IPv6 addresses, and `:22` of ssh, whose default it does not know.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || 22);
  let current: Promise<ssh2.Client> | undefined;
  let closeCurrent = () => {};

  function connect(): Promise<ssh2.Client> {
    const known = knownKeys(credential.knownHosts, host, port);
    const privateKey = readIdentity(credential.identity, credential.passphrase);
    const client = new ssh2.Client();
    let verdict: "known" | "revoked" | "other" = "known";
    closeCurrent = () => {
      current = undefined;
      client.end();
      client.destroy();
    };
    const opening = new Promise<ssh2.Client>((resolve, reject) => {
      client.on("ready", () => resolve(client));
      client.on("error", (error) => reject(connectionError(error, verdict, `${host}:${port}`)));
      client.on("close", () => {
        if (current === opening) current = undefined;
        reject(new GitError("unreachable", "the server closed the connection"));
      });
      client.connect({
        host,
        port,
        username: decodeURIComponent(url.username || "git"),
        privateKey,
        ...(credential.passphrase === undefined ? {} : { passphrase: credential.passphrase }),
        readyTimeout: connectTimeout,
        algorithms: { serverHostKey: hostKeyAlgorithms(known) as ServerHostKeyAlgorithm[] },
        hostVerifier: (key: Buffer) => {
          verdict = isKnown(known, key);
          return verdict === "known";
        },
      });
    });
    return opening;
  }

  async function start(command: string, environment: Readonly<Record<string, string>>): Promise<ClientChannel> {
    current ??= connect();
    const opening = current;
    let client: ssh2.Client;
    try {
      client = await opening;
    } catch (error) {
      if (current === opening) current = undefined;
      throw error;
    }
    return new Promise<ClientChannel>((resolve, reject) => {
      const lost = () => reject(new GitError("unreachable", "the server closed the connection"));
      client.once("close", lost);
      try {
        client.exec(command, { env: environment }, (error, channel) => {
          client.off("close", lost);
          // A reason comes with a refusal by the server; a lost connection has none.
          if (error === undefined) resolve(channel);
          else if ("reason" in error) reject(new GitError("declined", "the server starts no command for this key"));
          else lost();
        });
      } catch {
        // Thrown where the connection is known to be gone.
        lost();
      }
    });
  }

  return {
    async exec(command, environment, signal) {
      const end = () => closeCurrent();
      signal.throwIfAborted();
      signal.addEventListener("abort", end, { once: true });
      const reused = current !== undefined;
      try {
        const channel = await start(command, environment).catch((error: unknown) => {
          const stale = reused && error instanceof GitError && error.code === "unreachable" && !signal.aborted;
          if (!stale) throw error;
          // The server closed a connection that waited: nothing was started on it.
          current = undefined;
          return start(command, environment);
        });
        channel.once("close", () => signal.removeEventListener("abort", end));
        return channel;
      } catch (error) {
        signal.removeEventListener("abort", end);
        throw error;
      }
    },
    close: () => closeCurrent(),
  };
}

function knownKeys(text: string, host: string, port: number): KnownHost {
  const known = readKnownHosts(text, host, port);
  if (hostKeyAlgorithms(known).length > 0) return known;
  const name = port === 22 ? host : `[${host}]:${port}`;
  if (known.authority && known.keys.length === 0) {
    throw new GitError(
      "host-key",
      `known_hosts has an authority (@cert-authority) of ${name}, which is not supported: name the key itself`,
    );
  }
  const why = known.keys.length === 0 ? "has no key of" : "has only keys of kinds that are not supported of";
  throw new GitError("host-key", `known_hosts ${why} ${name}`);
}

function connectionError(
  error: Error & { readonly level?: string },
  verdict: "known" | "revoked" | "other",
  where: string,
): unknown {
  if (verdict === "revoked") return new GitError("host-key", `the key that ${where} shows is revoked in known_hosts`);
  if (verdict === "other") return new GitError("host-key", `${where} shows another key than known_hosts has of it`);
  if (error.level === "client-timeout") return new GitError("timeout", "no SSH connection in time");
  if (error.level === "client-authentication") {
    return new GitError("unauthorized", "the server did not accept the SSH identity");
  }
  if (/host key|server host key format/i.test(error.message)) {
    return new GitError("host-key", `${where} shows no key of the kinds that known_hosts has of it`);
  }
  if (error.level === "handshake" || error.level === "protocol") {
    return new GitError("unreachable", `the SSH connection failed: ${error.message.slice(0, 200)}`);
  }
  return error;
}
