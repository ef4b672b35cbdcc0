import type { Dispatcher } from "undici";
import Agent from "undici/lib/dispatcher/agent.js";
import type { Connection, Credential } from "./connection.ts";

/** Limits of one call, milliseconds. */
export interface Timeouts {
  readonly connect: number;
  /** Until the answer begins. */
  readonly headers: number;
  /** Between two pieces of the answer. */
  readonly body: number;
  /** For all of the answer, however steadily its pieces come. */
  readonly whole: number;
}

/** The API server gives up after 60 s itself, and admission webhooks may use up to 30 of them. */
export const defaultTimeouts: Timeouts = { connect: 10_000, headers: 60_000, body: 30_000, whole: 300_000 };

/** HTTP/1.1 with kept-alive connections: one connection per call in flight, none for a call that follows another. */
const pooling = { allowH2: false, connections: 16, keepAliveTimeout: 30_000, keepAliveMaxTimeout: 120_000 } as const;

/**
 * The pool of connections to one API server, directly or through a proxy (http, https, socks5).
 * Without a `credential` certificate the pool serves every token.
 */
export async function createDispatcher(
  connection: Connection,
  credential: Credential,
  timeouts: Timeouts,
): Promise<Dispatcher> {
  const { trust, proxy } = connection;
  const tls = {
    ...(trust.ca === undefined ? {} : { ca: trust.ca }),
    ...(trust.serverName === undefined ? {} : { servername: trust.serverName }),
    ...(trust.insecure ? { rejectUnauthorized: false } : {}),
    ...(credential.cert === undefined ? {} : { cert: credential.cert }),
    ...(credential.key === undefined ? {} : { key: credential.key }),
  };
  const socket = { timeout: timeouts.connect, keepAlive: true, keepAliveInitialDelay: 30_000 };
  if (proxy === undefined) return new Agent({ ...pooling, connect: { ...socket, ...tls } });
  // The default export: a bundled CommonJS module that is imported lazily has no other.
  const { default: undici } = await import("undici");
  return new undici.ProxyAgent({
    ...pooling,
    uri: proxy,
    requestTls: { ...socket, ...tls },
    connectTimeout: timeouts.connect,
  });
}
