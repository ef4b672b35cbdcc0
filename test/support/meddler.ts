import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { type Received, startServer, type TestServer } from "./http-server.ts";
import { mutated } from "./mutate.ts";

/** An answer of the API server on its way to the client. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers in its stead, in any way. */
type Meddle = (response: ServerResponse, answered: Answered, random: () => number) => void;

const pass: Meddle = (response, { status, headers, body }) => {
  response.writeHead(status, headers);
  response.end(body);
};
const say =
  (
    status: number | undefined,
    body: (answered: Answered, random: () => number) => string | Buffer,
    more: Record<string, string> = {},
  ): Meddle =>
  (response, answered, random) => {
    const { "content-length": _, ...headers } = answered.headers;
    response.writeHead(status ?? answered.status, { ...headers, ...more });
    response.end(body(answered, random));
  };
const half: Meddle = (response, { status, headers, body }) => {
  response.writeHead(status, headers);
  response.write(body.slice(0, body.length / 2), () => response.destroy());
};
const html = "<html><body>Sign in to continue</body></html>";
const page = { "content-type": "text/html" };

/** Every way in which an answer can be wrong: a new row is a new one. */
export const meddlings = {
  "wrong in its fields": say(undefined, ({ body }, random) =>
    JSON.stringify(mutated(JSON.parse(body), random, 1 + Math.floor(random() * 4))),
  ),
  "a sign-in page": say(200, () => html, page),
  "an error page": say(502, () => html, page),
  nothing: say(200, () => ""),
  "not JSON": say(undefined, ({ body }) => body.slice(0, -1)),
  "JSON, but no object": say(
    200,
    (_, random) => ["null", "[]", "1", '"x"', "{}", "true"][Math.floor(random() * 6)] ?? "",
  ),
  "cut off": half,
  "compressed unasked": say(undefined, ({ body }) => gzipSync(body), { "content-encoding": "gzip" }),
  "compressed garbage": say(undefined, () => Buffer.from([31, 139, 8, 0, 1, 2, 3, 255]), {
    "content-encoding": "gzip",
  }),
  "no UTF-8": say(undefined, () => Buffer.from([0xff, 0xfe, 0x7b, 0x80, 0x7d])),
  "nested without end": say(200, () => '{"a":'.repeat(50_000)),
  "nested deeply": say(
    200,
    () =>
      `{"items":${"[".repeat(20_000)}${"]".repeat(20_000)},"metadata":{"resourceVersion":"1","name":"x","uid":"u"}}`,
  ),
  "of another status": say(500, ({ body }) => body),
  "a redirect": say(302, () => "", { location: "/login" }),
  "no content": say(204, () => ""),
  "a status of its own": (response, answered, random) =>
    say(
      [203, 206, 400, 402, 404, 405, 406, 408, 415, 418, 421, 426, 431, 451, 499, 501, 599][
        Math.floor(random() * 17)
      ] ?? 400,
      () => html,
      page,
    )(response, answered, random),
  "a Status that says nothing": say(500, () => '{"kind":"Status"}'),
  "without a Date": (response, { status, headers: { date: _, ...headers }, body }) => {
    response.sendDate = false;
    response.writeHead(status, headers);
    response.end(body);
  },
  "with a Date that is none": say(undefined, ({ body }) => body, { date: "yesterday" }),
  "pages that never end": say(undefined, ({ body }) => body.replace(/"metadata":\{/, '"metadata":{"continue":"more",')),
  "closed without a word": (response) => response.destroy(),
} as const satisfies Readonly<Record<string, Meddle>>;

export type Meddling = keyof typeof meddlings;

/** Hits the requests it is told to. */
export interface Hit {
  readonly meddling: Meddling;
  /** The nth request; `every`: it and all that follow of the same path, whatever they ask. */
  readonly nth: number;
  readonly every: boolean;
}

/** A server between a client and an API server, that answers wrongly where it is told to. */
export async function startMeddler(origin: string, hits: readonly Hit[], random: () => number): Promise<TestServer> {
  let seen = 0;
  const paths = new Map<string, Meddling>();
  const meddlingFor = (path: string): Meddling | undefined => {
    seen += 1;
    const hit = hits.find(({ nth }) => nth === seen);
    if (hit?.every) paths.set(path, hit.meddling);
    return hit?.meddling ?? paths.get(path);
  };
  return startServer(async (request, response) => {
    const meddling = meddlingFor(request.url.split("?")[0] ?? "");
    // A command may end before its last request is answered, and its cluster with it.
    const answered = await forward(origin, request).catch(() => undefined);
    if (answered) (meddling ? meddlings[meddling] : pass)(response, answered, random);
    else response.destroy();
  });
}

async function forward(origin: string, { method, url, headers, body }: Received): Promise<Answered> {
  const kept = ["accept", "content-type"].flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : []));
  const answer = await fetch(`${origin}${url}`, {
    method,
    headers: Object.fromEntries(kept) as Record<string, string>,
    ...(body === "" ? {} : { body }),
  });
  const { connection: _, "keep-alive": __, "transfer-encoding": ___, ...rest } = Object.fromEntries(answer.headers);
  return { status: answer.status, headers: rest, body: await answer.text() };
}
