// Loaded before the program that is measured: what it used, and what it asked of servers, as seen below it.
import { subscribe } from "node:diagnostics_channel";
import { writeFileSync } from "node:fs";

const file = process.env.REROLL_BENCH_USAGE;
if (file) {
  const requests = new Map();
  subscribe("undici:request:create", ({ request }) => {
    const { headers } = request;
    const lines = typeof headers === "string" ? headers.split("\r\n") : pairs(headers);
    const accept = lines.find((line) => /^accept:/i.test(line))?.replace(/^accept:\s*/i, "");
    requests.set(request, { method: request.method, path: request.path, accept, bytes: 0 });
  });
  subscribe("undici:request:bodyChunkReceived", ({ request, chunk }) => {
    const seen = requests.get(request);
    if (seen) seen.bytes += chunk.length;
  });
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const cost = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMiB: maxRSS / 1024 };
    writeFileSync(file, JSON.stringify({ ...cost, requests: [...requests.values()] }));
  });
}

function pairs(headers) {
  const lines = [];
  for (let at = 0; at + 1 < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`);
  return lines;
}
