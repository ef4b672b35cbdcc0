import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, median } from "./measure.ts";
import type { Budget } from "./table.ts";

const times = 9;

/** From nothing to the first request: a server that refuses it, so that nothing else is measured. Budgets of the design: 6 times the CPU of an empty Node, 45 MiB over it. */
export async function benchStart(bundle: string): Promise<Budget[]> {
  const server = createServer((_request, response) => response.writeHead(401, { "content-length": 0 }).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const folder = mkdtempSync(join(tmpdir(), "reroll-bench-"));
  const kubeconfig = join(folder, "kubeconfig");
  const { port } = server.address() as AddressInfo;
  writeFileSync(kubeconfig, kubeconfigFor(`http://127.0.0.1:${port}`));
  const cache = { NODE_COMPILE_CACHE: join(folder, "cache") };
  try {
    const empty = await median(times, () => measure(["-e", "0"]));
    const plan = () => measure([bundle, "plan", "--kubeconfig", kubeconfig]);
    const cold = await median(times, plan);
    await measure([bundle, "plan", "--kubeconfig", kubeconfig], cache);
    const warm = await median(times, () => measure([bundle, "plan", "--kubeconfig", kubeconfig], cache));
    const row = (what: string, cost: typeof cold): Budget[] => [
      {
        what: `${what}: CPU, times an empty Node (${Math.round(empty.cpuMs)} ms)`,
        value: cost.cpuMs / empty.cpuMs,
        most: 6,
      },
      { what: `${what}: memory over an empty Node, MiB`, value: cost.peakMiB - empty.peakMiB, most: 45 },
    ];
    return [
      ...row("start to first answer, no compile cache", cold),
      ...row("the same, warmed compile cache (as in the image)", warm),
    ];
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
}

function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "b", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "b", user: {} }],
    contexts: [{ name: "b", context: { cluster: "b", user: "b" } }],
    "current-context": "b",
  });
}
