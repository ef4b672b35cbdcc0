import { type GitCredential, GitError, type RepositoryAddress } from "../../model/git.ts";
import type { GitServers } from "../../ports.ts";
import { proxyFromEnvironment } from "../kubernetes/proxy.ts";
import { type Remote, readRemote } from "./address.ts";
import { createHider } from "./hide.ts";
import { createRepository } from "./repository.ts";
import type { Limits, Transport } from "./transport.ts";

/** How Git servers are called. */
export interface GitOptions {
  /** Milliseconds for one call: listing, fetching or pushing. */
  readonly timeout: number;
  /** Ends every call at once. */
  readonly signal?: AbortSignal;
  /** For HTTPS_PROXY, HTTP_PROXY and NO_PROXY, where the credential names no proxy. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Most bytes that one answer may have. Default 128 MiB. */
  readonly largestAnswer?: number;
}

const longestConnect = 10_000;

/** Git servers over http, https and ssh. Nothing is sent before the first call of a repository. */
export function createGitServers(options: GitOptions): GitServers {
  const limits: Limits = { timeout: options.timeout, bytes: options.largestAnswer ?? 128 * 1024 * 1024 };
  return {
    open(address: RepositoryAddress, credential: GitCredential | undefined) {
      const remote = () => readRemote(address.url);
      return createRepository(address, {
        remote,
        connect: () => connect(remote(), credential, limits, options.environment ?? {}),
        hide: createHider(credential),
        timeout: options.timeout,
        signal: options.signal,
      });
    },
  };
}

async function connect(
  remote: Remote,
  credential: GitCredential | undefined,
  limits: Limits,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Transport> {
  const connectTimeout = Math.min(limits.timeout, longestConnect);
  if (remote.scheme === "ssh") return connectBySsh(remote, credential, limits, connectTimeout);
  const proxy = credential?.proxy?.address ?? proxyFromEnvironment(remote.url, environment);
  const [{ createAgent }, { createHttpTransport }] = await Promise.all([
    import("./http-agent.ts"),
    import("./http-transport.ts"),
  ]);
  const dispatcher = await createAgent(credential, proxy, connectTimeout);
  return createHttpTransport(remote, credential, dispatcher, limits);
}

async function connectBySsh(
  remote: Remote,
  credential: GitCredential | undefined,
  limits: Limits,
  connectTimeout: number,
): Promise<Transport> {
  if (credential?.ssh === undefined) {
    throw new GitError("unauthorized", "an ssh address needs a credential with identity and known_hosts");
  }
  if (credential.proxy !== undefined) throw new GitError("unsupported", "a proxy is used for http and https only");
  const [{ createSshConnection }, { createSshTransport }] = await Promise.all([
    import("./ssh-connection.ts"),
    import("./ssh-transport.ts"),
  ]);
  return createSshTransport(remote, createSshConnection(remote.url, credential.ssh, connectTimeout), limits);
}
