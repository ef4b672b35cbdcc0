import type { Dispatcher } from "undici";
import request from "undici/lib/api/api-request.js";
import { type GitCredential, GitError } from "../../model/git.ts";
import type { Remote } from "./address.ts";
import { redirected, refused } from "./http-answer.ts";
import { flush } from "./pkt-line.ts";
import { agent, type Limits, type Service, type Transport } from "./transport.ts";

interface Answer {
  readonly url: URL;
  readonly type: string | undefined;
  readonly body: Buffer;
}

const mostRedirects = 5;

/**
 * Smart HTTP (gitprotocol-http). The credential goes with every request from the first one on, since servers that hide private
 * repositories never ask for it, and to no other origin.
 */
export function createHttpTransport(
  remote: Remote,
  credential: GitCredential | undefined,
  dispatcher: Dispatcher,
  limits: Limits,
): Transport {
  const authorization = authorizationOf(credential);
  /** Where the repository is, after redirects. */
  let base = remote.url.href.replace(/\/+$/, "");

  async function send(
    method: "GET" | "POST",
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: Buffer | undefined,
    signal: AbortSignal,
    hops = 0,
  ): Promise<Answer> {
    const answer = await request.call(dispatcher, {
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers: {
        "user-agent": agent,
        ...(authorization === undefined ? {} : { authorization }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      signal,
      headersTimeout: limits.timeout,
      bodyTimeout: limits.timeout,
    });
    const header = (name: string) => [answer.headers[name] ?? []].flat()[0];
    const status = answer.statusCode;
    if (status === 200) return { url, type: header("content-type"), body: await readBody(answer.body, limits.bytes) };
    const text = await readBody(answer.body, 8_192).then(String, () => "");
    const next = redirected(status, header("location"), url);
    if (next === undefined) throw refused(status, header("content-type"), text, credential !== undefined);
    if (hops >= mostRedirects) throw new GitError("bad-answer", "the server redirects without end");
    return send(method, next, headers, body, signal, hops + 1);
  }

  return {
    async open(service: Service, version2, signal) {
      const path = `/info/refs?service=${service}`;
      const accepted = { accept: "*/*", ...(version2 ? { "git-protocol": "version=2" } : {}) };
      const announced = await send("GET", new URL(`${base}${path}`), accepted, undefined, signal);
      if (announced.type !== `application/x-${service}-advertisement`) {
        const kind = announced.type === undefined ? "" : ` but ${announced.type.slice(0, 100)}`;
        throw new GitError(
          "bad-answer",
          `what is there is not a Git repository of smart HTTP${kind}. Check the address`,
        );
      }
      if (announced.url.href.endsWith(path)) base = announced.url.href.slice(0, -path.length);
      return {
        announced: announced.body,
        async request(body) {
          const headers = {
            "content-type": `application/x-${service}-request`,
            accept: `application/x-${service}-result`,
            ...(version2 ? { "git-protocol": "version=2" } : {}),
          };
          const answer = await send("POST", new URL(`${base}/${service}`), headers, body, signal);
          return answer.body.length === 0 ? flush : answer.body;
        },
        end: () => {},
      };
    },
    close: () => dispatcher.destroy(),
  };
}

function authorizationOf(credential: GitCredential | undefined): string | undefined {
  const { basic, bearer } = credential ?? {};
  if (bearer !== undefined) return `Bearer ${bearer}`;
  if (basic === undefined) return undefined;
  return `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString("base64")}`;
}

/** All of a body. Fails with `too-large`. */
async function readBody(body: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > most) throw new GitError("too-large", `the answer has more than ${Math.round(most / 1024 / 1024)} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
