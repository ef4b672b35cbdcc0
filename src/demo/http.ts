import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, answer, type Backend, type Request } from "./answer.ts";
import type { Fault, Faults } from "./faults.ts";
import { readRoute, rightOf } from "./route.ts";
import { forbidden, Refusal, unauthorized } from "./status.ts";

/** One line of the request log. */
export interface LoggedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Plural; `undefined` for paths that are no resource. */
  readonly resource: string | undefined;
  readonly verb: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** 0 where the connection was closed without an answer. */
  readonly status: number;
  /** Bytes of the body that was sent. */
  readonly bytes: number;
  /** Only metadata was asked for. */
  readonly metadataOnly: boolean;
}

export interface HttpOptions {
  readonly backend: Backend;
  readonly faults: Faults;
  readonly now: () => number;
  readonly port: number;
  /** Given: requests without this bearer token get a 401. */
  readonly token: (() => string) | undefined;
  readonly log: (request: LoggedRequest) => void;
}

/** Listens on the loopback address; resolves once requests are answered. */
export async function listen(options: HttpOptions): Promise<Server> {
  const server = createServer((message, response) => {
    handle(options, message, response).catch(() => response.destroy());
  });
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** `http://127.0.0.1:port` of a listening server. */
export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function handle(options: HttpOptions, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(message);
  const { headers, url = "/", method = "GET" } = message;
  const request: Request = {
    ...readRoute(method, url),
    accept: headers.accept ?? "",
    contentType: (headers["content-type"] ?? "").split(";")[0]?.trim() ?? "",
    userAgent: headers["user-agent"] ?? "",
    body,
  };
  const fault = options.faults.take(request);
  if (fault && "delay" in fault) await new Promise((done) => setTimeout(done, fault.delay));
  const authorized = !options.token || headers.authorization === `Bearer ${options.token()}`;
  const given = !fault || "delay" in fault || "dropAnswer" in fault || "halfBody" in fault;
  const reply = fault && "answer" in fault ? faultAnswer(fault, request, options.backend) : undefined;
  const result = !authorized ? refusalAnswer(unauthorized()) : given ? answer(options.backend, request) : reply;
  const { sent, status } = send(options, response, result, fault);
  options.log({
    method,
    path: url,
    resource: request.resource?.plural,
    verb: request.verb,
    namespace: request.namespace,
    name: request.name,
    status,
    bytes: sent,
    metadataOnly: request.accept.includes("as=PartialObjectMetadata"),
  });
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function send(
  { now }: HttpOptions,
  response: ServerResponse,
  result: Answer | undefined,
  fault: Fault | undefined,
): { sent: number; status: number } {
  if (fault && "hang" in fault) return { sent: 0, status: 0 };
  if (!result || (fault && "dropAnswer" in fault)) {
    response.destroy();
    return { sent: 0, status: 0 };
  }
  const plain = typeof result.body === "string";
  const bytes = Buffer.from(plain ? String(result.body) : `${JSON.stringify(result.body)}\n`);
  response.sendDate = false;
  response.writeHead(result.code, {
    "Content-Type": plain ? "text/plain; charset=utf-8" : "application/json",
    "Content-Length": bytes.length,
    "Cache-Control": "no-cache, private",
    Date: new Date(now()).toUTCString(),
    ...result.headers,
  });
  if (fault && "halfBody" in fault) {
    const half = bytes.subarray(0, bytes.length / 2);
    response.write(half, () => response.destroy());
    return { sent: half.length, status: result.code };
  }
  response.end(bytes);
  return { sent: bytes.length, status: result.code };
}

const reasons: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  404: ["NotFound", "the server could not find the requested resource"],
  409: ["Conflict", "Operation cannot be fulfilled: the object has been modified"],
  410: ["Expired", "The resourceVersion for the provided list is too old."],
  429: ["TooManyRequests", "Too many requests, please try again later."],
  500: ["InternalError", "Internal error occurred: the demo was asked to fail"],
  503: ["ServiceUnavailable", "the server is currently unable to handle the request"],
  504: ["Timeout", "Timeout: request did not complete within the allotted timeout"],
};

function faultAnswer(fault: Extract<Fault, { answer: number }>, request: Request, backend: Backend): Answer {
  const headers: Record<string, string> =
    fault.retryAfter === undefined ? {} : { "Retry-After": String(fault.retryAfter) };
  if (fault.body !== undefined) return { code: fault.answer, body: fault.body, headers };
  const right = rightOf(request);
  if (fault.answer === 401) return refusalAnswer(unauthorized());
  if (fault.answer === 403 && right) return refusalAnswer(forbidden(backend.user, right));
  const [reason, message] = reasons[fault.answer] ?? ["Unknown", "the demo was asked to fail"];
  const refusal = new Refusal(fault.answer, fault.reason ?? reason, message, undefined, { headers });
  // Priority and fairness answers in plain text, without a Status.
  return fault.answer === 429 ? { code: 429, body: `${message}\n`, headers } : refusalAnswer(refusal);
}

function refusalAnswer({ code, body, headers }: Refusal): Answer {
  return { code, body, headers };
}
