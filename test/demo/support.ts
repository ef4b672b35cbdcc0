import { Agent } from "undici";
import type { DemoCluster } from "../../src/demo/cluster.ts";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape, and a wrong path fails the test
  readonly body: any;
}

/** Asks the cluster over a connection of its own; rejects where the connection breaks. */
export async function ask(
  cluster: DemoCluster,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const agent = new Agent();
  try {
    const reply = await agent.request({
      origin: cluster.url,
      method: method as "GET",
      path,
      headers: { "content-type": "application/json", ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await reply.body.text();
    const isJson = reply.headers["content-type"] === "application/json";
    return { status: reply.statusCode, headers: reply.headers, text, body: isJson ? JSON.parse(text) : undefined };
  } finally {
    await agent.destroy();
  }
}
