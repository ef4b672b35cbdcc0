import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import { type Fault, FaultList, type Turn } from "../faults.ts";
import { urlOf } from "../http.ts";
import { advertise, type Service } from "./advertise.ts";
import { type PreReceive, receivePack } from "./receive-pack.ts";
import type { DemoRepository } from "./repository.ts";
import { uploadPack } from "./upload-pack.ts";

/** A request that reached the repository. */
export interface GitRequest {
  readonly service: Service;
  /** The list of refs comes before the call itself. */
  readonly step: "advertise" | "call";
  readonly authorization: string | undefined;
}

/** Which requests a fault hits. What is absent matches everything. */
export interface GitFaultRule extends Turn {
  readonly service?: Service;
  readonly step?: GitRequest["step"];
}

export interface DemoGitOptions {
  /** Asked of every request; without it everybody may read and push. */
  readonly basic?: { readonly username: string; readonly password: string };
}

/** A Git server in this process, for one repository. */
export interface DemoGit extends AsyncDisposable {
  /** Of the repository: `http://127.0.0.1:port/fleet.git`. */
  readonly url: string;
  /** Every request that was let in, in order. */
  readonly requests: readonly GitRequest[];
  readonly faults: FaultList<GitFaultRule, GitRequest>;
  /** Waited for before a request is answered: where a test lets somebody else push at a given step. */
  before: ((request: GitRequest) => Promise<void>) | undefined;
  /** The server's hook of that name. */
  preReceive: PreReceive | undefined;
  close(): Promise<void>;
}

const path = "/fleet.git";

/** Serves the repository by smart HTTP on the loopback address. */
export async function startDemoGit(repository: DemoRepository, { basic }: DemoGitOptions = {}): Promise<DemoGit> {
  const requests: GitRequest[] = [];
  const faults = new FaultList<GitFaultRule, GitRequest>(
    (rule, { service, step }) => (rule.service ?? service) === service && (rule.step ?? step) === step,
  );
  const wanted = basic && `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString("base64")}`;

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(message);
    const request = readRequest(message);
    if (!request) return plain(response, 404, "repository not found");
    if (wanted !== undefined && request.authorization !== wanted) {
      response.setHeader("WWW-Authenticate", 'Basic realm="demo"');
      return plain(response, 401, "who are you?");
    }
    requests.push(request);
    await server.before?.(request);
    const fault = faults.take(request);
    if (fault && "answer" in fault) return plain(response, fault.answer, fault.body ?? "the demo was asked to fail");
    if (fault && "reset" in fault) return void response.destroy();
    if (fault && "hang" in fault) return;
    if (fault && "delay" in fault) await new Promise((resolve) => setTimeout(resolve, fault.delay));
    send(response, request, await answer(request, body), fault);
  }

  // The objects of a push lie beside the others until its refs are moved, where a second one would find them, and lose them halfway.
  let pushes: Promise<unknown> = Promise.resolve();
  function afterOtherPushes<T>(push: () => Promise<T>): Promise<T> {
    const done = pushes.then(push, push);
    pushes = done;
    return done;
  }

  async function answer({ service, step }: GitRequest, body: Buffer): Promise<Buffer> {
    if (step === "advertise") return advertise(repository, service);
    return service === "git-upload-pack"
      ? uploadPack(repository, body)
      : afterOtherPushes(() => receivePack(repository, body, server.preReceive));
  }

  const http = createServer((message, response) => {
    handle(message, response).catch((error: Error) => plain(response, 500, error.message));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const close = async () => {
    http.closeAllConnections();
    http.close();
    await once(http, "close");
  };
  const server: DemoGit = {
    url: urlOf(http) + path,
    ...{ requests, faults, close, before: undefined, preReceive: undefined },
    [Symbol.asyncDispose]: close,
  };
  return server;
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return message.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}

/** `undefined` where it is none of smart HTTP, or of another repository. */
function readRequest({ method, url = "", headers }: IncomingMessage): GitRequest | undefined {
  const { pathname, searchParams } = new URL(url, "http://demo");
  const { authorization } = headers;
  const advertised = method === "GET" && pathname === `${path}/info/refs` ? searchParams.get("service") : undefined;
  const called = method === "POST" && pathname.startsWith(`${path}/`) ? pathname.slice(path.length + 1) : undefined;
  const service = advertised ?? called;
  if (service !== "git-upload-pack" && service !== "git-receive-pack") return undefined;
  return { service, step: advertised ? "advertise" : "call", authorization };
}

function send(response: ServerResponse, { service, step }: GitRequest, body: Buffer, fault: Fault | undefined): void {
  if (fault && "dropAnswer" in fault) return void response.destroy();
  const type = `application/x-${service}-${step === "advertise" ? "advertisement" : "result"}`;
  response.writeHead(200, { "Content-Type": type, "Content-Length": body.length, "Cache-Control": "no-cache" });
  if (fault && "halfBody" in fault) response.write(body.subarray(0, body.length / 2), () => response.destroy());
  else response.end(body);
}

function plain(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(`${words}\n`);
}
