import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";
import { refuse } from "../../support/http-server.ts";
import { readKubeconfig, renderKubeconfig } from "../harness/kubeconfig.ts";

/** When the proxy lets go of the client: at the n-th request, before it is sent on or after it was answered. */
export interface Cut {
  readonly request: number;
  readonly applied: boolean;
  readonly act: () => void;
}

/** A request on its way. */
export interface Asked {
  /** Counted from 1, since the last call of `cutAt` or `meddle`. */
  readonly nth: number;
  readonly method: string;
  readonly path: string;
}

/** What becomes of a request instead of being answered. */
export type Meddling =
  /** The connection is closed, before the request is sent on or after it was answered. */
  | { readonly cut: "before" | "after"; readonly act?: () => void }
  /** The proxy answers, and the API server hears nothing. */
  | { readonly status: number }
  /** The first half of the answer, then the connection is closed. */
  | { readonly half: true };

/** A plain HTTP proxy to the API server that counts, and meddles with what it is told to. */
export interface CuttingProxy {
  readonly kubeconfig: string;
  /** Requests seen since the last call of `cutAt` or `meddle`. */
  readonly seen: () => number;
  readonly cutAt: (cut: Cut | undefined) => void;
  /** `pageSize`: lists come in pages of no more than so many objects. */
  readonly meddle: (choose: (asked: Asked) => Meddling | undefined, options?: { readonly pageSize?: number }) => void;
  readonly close: () => Promise<void>;
}

/** The same list in shorter pages. */
function shortened(path: string, pageSize: number | undefined): string {
  return pageSize === undefined ? path : path.replace(/([?&]limit=)\d+/, `$1${pageSize}`);
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
  let choose: (asked: Asked) => Meddling | undefined = () => undefined;
  let pageSize: number | undefined;
  const server = createServer(async (request, response) => {
    const method = request.method ?? "GET";
    const path = shortened(request.url ?? "/", pageSize);
    seen++;
    const meddling = choose({ nth: seen, method, path });
    const body = await bodyOf(request);
    const letGo = () => {
      if (meddling && "cut" in meddling) meddling.act?.();
      request.socket.destroy();
    };
    if (meddling && "status" in meddling) return refuse(response, meddling.status, "Meddled");
    if (meddling && "cut" in meddling && meddling.cut === "before") return letGo();
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const answer = await agent.request({
      origin,
      path,
      method: method as "GET",
      headers: { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: body.length > 0 ? body : null,
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    if (meddling && "cut" in meddling) return letGo();
    response.writeHead(answer.statusCode, answer.headers as Record<string, string | string[]>);
    if (meddling) response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy());
    else response.end(bytes);
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
      const cut = next?.applied ? ("after" as const) : ("before" as const);
      choose = ({ nth }) => (next && nth === next.request ? { cut, act: next.act } : undefined);
      pageSize = undefined;
      seen = 0;
    },
    meddle: (next, options = {}) => {
      choose = next;
      pageSize = options.pageSize;
      seen = 0;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await agent.destroy();
    },
  };
}
