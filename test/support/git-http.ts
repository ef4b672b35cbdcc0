import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { gitEnvironment } from "./git-repository.ts";

/** One request of the smart HTTP protocol, as a test that steps in sees it. */
export interface GitRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** What is asked for: `git-upload-pack` to read, `git-receive-pack` to push. */
  readonly service: string;
  /** The list of references, or the call itself. */
  readonly step: "advertise" | "call";
  readonly authorization: string | undefined;
}

export interface GitHttpOptions {
  /** The folder with the bare repositories. */
  readonly root: string;
  /** Asked of every request; without it everybody may do everything. */
  readonly basic?: { readonly username: string; readonly password: string };
  readonly bearer?: string;
  /** Serves over TLS; ask for client certificates here. */
  readonly tls?: ServerOptions;
  /** Called before git sees a request that was let in. Answers itself and gives true, or gives false and git answers. */
  readonly before?: (request: GitRequest, response: ServerResponse) => boolean | Promise<boolean>;
}

/** A Git server on this machine. */
export interface GitHttpServer extends AsyncDisposable {
  /** Without a slash at the end; a repository is at `${url}/${name}`. */
  readonly url: string;
  /** Everything that was asked, in order, also what was refused. */
  readonly requests: readonly GitRequest[];
  readonly close: () => Promise<void>;
}

/** Starts `git http-backend` behind a server on a free port; fetch and push both work. */
export async function startGitHttp(options: GitHttpOptions): Promise<GitHttpServer> {
  const requests: GitRequest[] = [];
  const server = options.tls ? createTlsServer(options.tls) : createServer();
  server.on("request", async (request: IncomingMessage, response: ServerResponse) => {
    const seen = read(request);
    requests.push(seen);
    if (!admitted(seen, options)) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"', "content-type": "text/plain" });
      response.end("who are you?\n");
      return;
    }
    if (await options.before?.(seen, response)) return;
    serve(options.root, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const url = `${options.tls ? "https" : "http"}://127.0.0.1:${port}`;
  return { url, requests, close, [Symbol.asyncDispose]: close };
}

function read({ method = "", url = "", headers }: IncomingMessage): GitRequest {
  const advertised = /[?&]service=(git-[a-z-]+)/.exec(url)?.[1];
  const called = /\/(git-[a-z-]+)$/.exec(url)?.[1];
  return {
    method,
    url,
    service: advertised ?? called ?? "",
    step: advertised ? "advertise" : "call",
    authorization: headers.authorization,
  };
}

function admitted({ authorization }: GitRequest, { basic, bearer }: GitHttpOptions): boolean {
  if (!basic && !bearer) return true;
  const pair = basic && Buffer.from(`${basic.username}:${basic.password}`).toString("base64");
  return (pair !== undefined && authorization === `Basic ${pair}`) || authorization === `Bearer ${bearer}`;
}

/** Hands the request to git as RFC 3875 has it, and its answer back as it comes. */
function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const { headers } = request;
  const child = spawn("git", ["http-backend"], {
    env: {
      ...gitEnvironment(),
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: decodeURIComponent(path),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? "",
      CONTENT_TYPE: headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
      ...(headers["content-length"] && { CONTENT_LENGTH: headers["content-length"] }),
      // Whoever has a name may push.
      REMOTE_USER: "somebody",
      REMOTE_ADDR: "127.0.0.1",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => {});
  request.pipe(child.stdin);
  response.on("close", () => child.kill());
  let head = Buffer.alloc(0);
  const collect = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    child.stdout.off("data", collect);
    writeHead(response, head.subarray(0, end).toString());
    response.write(head.subarray(end + 4));
    child.stdout.pipe(response);
  };
  child.stdout.on("data", collect);
  child.on("close", () => {
    if (!response.headersSent) response.writeHead(500).end();
  });
}

function writeHead(response: ServerResponse, head: string): void {
  const fields = head
    .split("\r\n")
    .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
  const status = fields.find(([name]) => name === "Status")?.[1];
  for (const [name = "", value = ""] of fields) if (name !== "Status") response.setHeader(name, value);
  response.writeHead(status ? Number.parseInt(status, 10) : 200);
}
