/** Budgets of the design, as ratios and counts: `npm run bench`. REROLL_BENCH_SCALE (default 1) scales the 10,000 + 10,000 + 5,000 objects. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../../scripts/build.ts";
import { openCluster } from "../cluster/harness/client.ts";
import { startControlPlane } from "../cluster/harness/control-plane.ts";
import { readKubeconfig } from "../cluster/harness/kubeconfig.ts";
import { curlCredentials } from "./curl.ts";
import { fill } from "./fill.ts";
import { benchStart } from "./start.ts";
import { benchCurl, benchRun, steadyRows } from "./steady.ts";
import { type Row, renderTable } from "./table.ts";

const say = (text: string) => process.stderr.write(`${text}\n`);
const scale = Number(process.env.REROLL_BENCH_SCALE ?? 1);
const scaled = (count: number) => Math.max(1, Math.round(count * scale));
const size = {
  namespaces: scaled(100),
  configMaps: scaled(10_000),
  secrets: scaled(10_000),
  deployments: scaled(5_000),
};

async function main(): Promise<number> {
  const outdir = mkdtempSync(join(tmpdir(), "reroll-bundle-"));
  await bundle({ entry: fileURLToPath(new URL("../../src/main.ts", import.meta.url)), outdir });
  const file = join(outdir, "reroll.mjs");
  const rows: Row[] = await benchStart(file);
  process.stdout.write(renderTable(rows));
  const controlPlane = await startControlPlane();
  try {
    const client = openCluster(controlPlane.kubeconfig);
    await client.request("POST", "/api/v1/namespaces", { metadata: { name: "reroll-system" } });
    say(`filling: ${JSON.stringify(size)}`);
    await fill(client, size);
    const first = await benchRun(file, controlPlane.kubeconfig);
    const curl = curlCredentials(readKubeconfig(controlPlane.kubeconfig), outdir);
    const [steadyA, curlA] = [await benchRun(file, controlPlane.kubeconfig), await benchCurl(client, curl)];
    const [steadyB, curlB] = [await benchRun(file, controlPlane.kubeconfig), await benchCurl(client, curl)];
    const [steady, curlMs] = steadyA.wallMs / curlA < steadyB.wallMs / curlB ? [steadyA, curlA] : [steadyB, curlB];
    const more: Row[] = [
      ...steadyRows(steady, curlMs),
      { what: "first run: wall, s", value: first.wallMs / 1000 },
      { what: "first run: CPU, s", value: first.cpuMs / 1000 },
      { what: "first run: peak memory, MiB", value: first.peakMiB },
      { what: "first run: requests", value: first.requests },
    ];
    process.stdout.write(renderTable(more));
    rows.push(...more);
    await client.close();
  } finally {
    await controlPlane.stop();
  }
  return rows.some(({ value, budget }) => budget !== undefined && value > budget) ? 1 : 0;
}

process.exitCode = await main();
