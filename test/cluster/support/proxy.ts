import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";
import { readKubeconfig, renderKubeconfig } from "../harness/kubeconfig.ts";

/** When the proxy lets go of the client: at the n-th request, before it is sent on or after it was answered. */
export interface Cut {
  readonly request: number;
  readonly applied: boolean;
  readonly act: () => void;
}

/** A plain HTTP proxy to the API server that counts, and cuts one request off. */
export interface CuttingProxy {
  readonly kubeconfig: string;
  /** Requests seen since the last call of `cutAt`. */
  readonly seen: () => number;
  readonly cutAt: (cut: Cut | undefined) => void;
  readonly close: () => Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export async function startProxy(kubeconfig: string): Promise<CuttingProxy> {
  const { server: origin, authority, certificate, key, token } = readKubeconfig(kubeconfig);
  const agent = new Agent({
    connect: { ...(authority && { ca: authority }), ...(certificate && { cert: certificate }), ...(key && { key }) },
  });
  let seen = 0;
  let cut: Cut | undefined;
  const server = createServer(async (request, response) => {
    seen++;
    const due = cut && seen === cut.request ? cut : undefined;
    const body = await bodyOf(request);
    if (due && !due.applied) {
      due.act();
      request.socket.destroy();
      return;
    }
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const answer = await agent.request({
      origin,
      path: request.url ?? "/",
      method: (request.method ?? "GET") as "GET",
      headers: { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: body.length > 0 ? body : null,
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    if (due) {
      due.act();
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.statusCode, answer.headers as Record<string, string | string[]>);
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: renderKubeconfig({ server: `http://127.0.0.1:${port}` }).replace(
      /server: (\S+)/,
      "server: $1\n      insecure-skip-tls-verify: true",
    ),
    seen: () => seen,
    cutAt: (next) => {
      cut = next;
      seen = 0;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await agent.destroy();
    },
  };
}
