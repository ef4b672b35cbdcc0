import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestClient } from "../cluster/harness/client.ts";
import { type Cost, measure } from "./measure.ts";
import type { Row } from "./table.ts";

const run = promisify(execFile);
const metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

interface Traffic {
  readonly requests: number;
  readonly bytes: number;
  readonly writes: number;
  readonly bodies: number;
  readonly listPages: number;
}

/** Runs `reroll run` as a user does, and reads its own debug log for what it asked of the server. */
export async function benchRun(
  bundle: string,
  kubeconfig: string,
  extra: readonly string[] = [],
): Promise<Cost & Traffic> {
  const args = [
    bundle,
    "run",
    "--kubeconfig",
    kubeconfig,
    "-o",
    "json",
    "--log-level",
    "debug",
    "--log-format",
    "json",
    ...extra,
  ];
  const cost = await measure(args);
  const lines = cost.stderr.split("\n").filter((line) => line.includes('"message":"request"'));
  const requests = lines.map((line) => JSON.parse(line) as { method: string; route: string; receivedBytes: number });
  if (process.env.REROLL_BENCH_REQUESTS) for (const { method, route } of requests) console.error(method, route);
  const isSource = ({ route }: { route: string }) =>
    /(configmaps|secrets)\/\{?name|\/(configmaps|secrets)\/[^?]/.test(route);
  return {
    ...cost,
    requests: requests.length,
    bytes: requests.reduce((sum, { receivedBytes }) => sum + (receivedBytes || 0), 0),
    writes: requests.filter(({ method, route }) => method !== "GET" && !route.includes("leases")).length,
    bodies: requests.filter((request) => request.method === "GET" && isSource(request)).length,
    listPages: requests.filter(
      ({ method, route }) =>
        method === "GET" && /(configmaps|secrets|deployments|statefulsets|daemonsets)$/.test(route),
    ).length,
  };
}

/** curl fetches the same pages a steady run fetches: metadata of the sources, all of the workloads. */
export async function benchCurl(client: TestClient, curl: readonly string[]): Promise<number> {
  const started = performance.now();
  for (const [path, accept] of [
    ["/api/v1/configmaps", metadataOnly],
    ["/api/v1/secrets", metadataOnly],
    ["/apis/apps/v1/deployments", "application/json"],
    ["/apis/apps/v1/statefulsets", "application/json"],
    ["/apis/apps/v1/daemonsets", "application/json"],
  ] as const) {
    let next: string | undefined = "";
    while (next !== undefined) {
      const url: string = `${client.server}${path}?limit=500${next ? `&continue=${encodeURIComponent(next)}` : ""}`;
      const { stdout } = await run("curl", [...curl, "-sS", "-H", `Accept: ${accept}`, url], { maxBuffer: 1 << 30 });
      next = /"continue":\s*"([^"]+)"/.exec(stdout.slice(0, 4000))?.[1];
    }
  }
  return performance.now() - started;
}

/** The budgets of a run that finds nothing to do. */
export function steadyRows(steady: Cost & Traffic, curlMs: number): Row[] {
  return [
    { what: "steady run: wall, times curl fetching the same pages", value: steady.wallMs / curlMs, budget: 3 },
    { what: "steady run: peak memory, MiB", value: steady.peakMiB, budget: 110 },
    { what: "steady run: requests beyond list pages", value: steady.requests - steady.listPages, budget: 15 },
    {
      what: "steady run: bodies of sources read (the state's own two objects are read)",
      value: steady.bodies,
      budget: 2,
    },
    { what: "steady run: writes but for the Lease", value: steady.writes, budget: 0 },
    { what: "steady run: wall, s", value: steady.wallMs / 1000 },
    { what: "steady run: CPU, s", value: steady.cpuMs / 1000 },
    { what: "steady run: received, MB", value: steady.bytes / 1e6 },
  ];
}
