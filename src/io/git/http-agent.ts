import type { Dispatcher } from "undici";
import Agent from "undici/lib/dispatcher/agent.js";
import { type GitCredential, GitError } from "../../model/git.ts";

const pooling = { allowH2: false, connections: 1, keepAliveTimeout: 30_000, keepAliveMaxTimeout: 120_000 } as const;

/**
 * The connections to one Git server, directly or through a proxy (http, https, socks5). Fails with `unsupported` for other proxies and with
 * `tls` where a certificate or a key is no PEM.
 */
export async function createAgent(
  credential: GitCredential | undefined,
  proxy: string | undefined,
  connectTimeout: number,
): Promise<Dispatcher> {
  const { authority, client } = credential ?? {};
  const tls = {
    ...(authority === undefined ? {} : { ca: authority }),
    ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
  };
  try {
    const connect = { timeout: connectTimeout, ...tls };
    if (proxy === undefined) return new Agent({ ...pooling, connect });
    const { uri, token } = readProxy(proxy, credential?.proxy);
    // The default export: a bundled CommonJS module that is imported lazily has no other.
    const { default: undici } = await import("undici");
    return new undici.ProxyAgent({
      ...pooling,
      uri,
      ...(token === undefined ? {} : { token }),
      requestTls: connect,
      connectTimeout,
      // Plain http is asked of the proxy itself: many open tunnels to port 443 only.
      proxyTunnel: false,
    });
  } catch (error) {
    if (error instanceof GitError) throw error;
    throw new GitError("tls", "the certificate, its key or the authority of the credential cannot be read", error);
  }
}

function readProxy(address: string, credential: GitCredential["proxy"]): { uri: string; token: string | undefined } {
  if (!URL.canParse(address) || !/^(https?|socks5?):$/.test(new URL(address).protocol)) {
    throw new GitError("unsupported", "the proxy is not an http, https or socks5 URL");
  }
  const url = new URL(address);
  const username = credential?.username ?? decodeURIComponent(url.username);
  const password = credential?.password ?? decodeURIComponent(url.password);
  if (/^socks/.test(url.protocol)) return { uri: address, token: undefined };
  url.username = "";
  url.password = "";
  const token = username === "" ? undefined : `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  return { uri: url.href, token };
}
