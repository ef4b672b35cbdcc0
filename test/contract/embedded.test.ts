import { Agent } from "undici";
import { startDemoCluster } from "../../src/demo/cluster.ts";
import { clusterContract } from "./cluster-contract.ts";
import type { Answered, Target } from "./target.ts";

async function open(): Promise<Target> {
  let ahead = 0;
  const cluster = await startDemoCluster({ now: () => Date.now() + ahead });
  const agent = new Agent();
  const target: Target = {
    namespace: "contract-a",
    other: "contract-b",
    async request(method, path, body, headers = {}) {
      const reply = await agent.request({
        origin: cluster.url,
        method: method as "GET",
        path,
        headers: { accept: "application/json", "content-type": "application/json", ...headers },
        body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
      });
      const text = await reply.body.text();
      const isJson = String(reply.headers["content-type"]).startsWith("application/json");
      return { status: reply.statusCode, headers: reply.headers, body: (isJson ? JSON.parse(text) : text) as Answered };
    },
    async nextSecond() {
      ahead += 1000;
    },
    async close() {
      await agent.destroy();
      await cluster.close();
    },
  };
  for (const name of [target.namespace, target.other])
    await target.request("POST", "/api/v1/namespaces", { metadata: { name } });
  return target;
}

clusterContract("the embedded API", open);
