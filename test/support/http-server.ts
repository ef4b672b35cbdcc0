import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

/** A request as the server read it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Handler = (request: Received, response: ServerResponse) => void;

/** A server on this machine that lives as long as its `using` block. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly requests: readonly Received[];
  /** Connections opened so far. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

/** Starts a server that hands every request, read to its end, to `handler`. */
export async function startServer(handler: Handler, tls?: ServerOptions): Promise<TestServer> {
  const requests: Received[] = [];
  let connections = 0;
  const server = tls ? createTlsServer(tls) : createServer();
  server.on(tls ? "secureConnection" : "connection", () => {
    connections += 1;
  });
  server.on("request", async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    const received = { method, url, headers, body: Buffer.concat(chunks).toString() };
    requests.push(received);
    handler(received, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    port,
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

/** Answers as the API server says no. */
export function refuse(
  response: ServerResponse,
  status: number,
  reason: string,
  more: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): void {
  json(
    response,
    { kind: "Status", apiVersion: "v1", status: "Failure", code: status, reason, ...more },
    status,
    headers,
  );
}
