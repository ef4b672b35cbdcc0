import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { gitEnvironment } from "./run.ts";

/** A request as a test may look at it. */
export interface GitRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

/** What a test may do to a request before git sees it: answer it and return true. */
export type Interfere = (request: GitRequest, response: ServerResponse) => boolean | Promise<boolean>;

/** A real `git http-backend` behind HTTP or HTTPS on this machine. */
export interface GitHttpServer extends AsyncDisposable {
  /** Of the server, without a path. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly GitRequest[];
  /** Answers instead of git, or in its name. */
  interfere: Interfere | undefined;
  /** Bytes after which the answers to POSTs are cut off, connection and all. */
  cutAfter: number | undefined;
  /** Bytes of git's answers to POSTs so far. */
  readonly answered: () => number;
  readonly processes: () => number;
  readonly close: () => Promise<void>;
}

/** Serves the repositories under `root`; with `basic` only to who says so (`user:password`). */
export async function serveGit(
  root: string,
  options: { readonly basic?: string; readonly tls?: ServerOptions } = {},
): Promise<GitHttpServer> {
  const { basic, tls } = options;
  const wanted = basic === undefined ? undefined : `Basic ${Buffer.from(basic).toString("base64")}`;
  const requests: GitRequest[] = [];
  const running = new Set<ChildProcess>();
  let answered = 0;
  const server = tls ? createTlsServer(tls) : createServer();
  server.on("request", async (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url = "", headers } = request;
    const seen: GitRequest = { method, path: url, authorization: headers.authorization };
    requests.push(seen);
    if (wanted !== undefined && headers.authorization !== wanted) {
      response.writeHead(401, { "www-authenticate": "Basic realm=git", "content-type": "text/plain" });
      response.end("who are you?");
      return;
    }
    if (await served.interfere?.(seen, response)) return;
    if (!response.destroyed) answer(request, response);
  });

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, search } = new URL(request.url ?? "", "http://server");
    const child = spawn("git", ["http-backend"], {
      env: {
        ...gitEnvironment,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: "1",
        PATH_INFO: decodeURIComponent(pathname),
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method ?? "",
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        CONTENT_LENGTH: request.headers["content-length"] ?? "",
        GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
        REMOTE_USER: "tester",
        REMOTE_ADDR: "127.0.0.1",
      },
      stdio: ["pipe", "pipe", "ignore"],
    });
    running.add(child);
    child.on("exit", () => running.delete(child));
    child.stdin.on("error", () => {});
    request.pipe(child.stdin);
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("close", () => {
      const whole = Buffer.concat(chunks);
      const end = whole.indexOf("\r\n\r\n");
      const lines = whole.toString("latin1", 0, end).split("\r\n");
      const pairs = lines.map((line) => line.split(": ") as [string, string]);
      const status = Number(pairs.find(([name]) => name === "Status")?.[1].slice(0, 3) ?? 200);
      const body = whole.subarray(end + 4);
      if (request.method === "POST") answered += body.length;
      response.writeHead(status, Object.fromEntries(pairs.filter(([name]) => name !== "Status")));
      if (served.cutAfter === undefined || request.method !== "POST") response.end(body);
      else response.write(body.subarray(0, served.cutAfter), () => response.destroy());
    });
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    for (const child of running) child.kill();
    await new Promise((resolve) => server.close(resolve));
  };
  const served: GitHttpServer = {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    port,
    requests,
    interfere: undefined,
    cutAfter: undefined,
    answered: () => answered,
    processes: () => running.size,
    close,
    [Symbol.asyncDispose]: close,
  };
  return served;
}
