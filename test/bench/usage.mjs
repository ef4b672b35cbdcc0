// Loaded before the program that is measured: what it used, and what it asked of servers, as seen below it.
import { subscribe } from "node:diagnostics_channel";
import { writeFileSync } from "node:fs";

const file = process.env.REROLL_BENCH_USAGE;
if (file) {
  const sent = [];
  // Held weakly: what is measured must not be made larger by measuring it.
  const requests = new WeakMap();
  subscribe("undici:request:create", ({ request }) => {
    const { headers } = request;
    const lines = typeof headers === "string" ? headers.split("\r\n") : pairs(headers);
    const accept = lines.find((line) => /^accept:/i.test(line))?.replace(/^accept:\s*/i, "");
    const at = performance.now();
    const record = { method: request.method, path: request.path, accept, bytes: 0, from: at, to: at };
    sent.push(record);
    requests.set(request, record);
  });
  subscribe("undici:request:headers", ({ request }) => {
    const seen = requests.get(request);
    if (seen) seen.to = performance.now();
  });
  subscribe("undici:request:bodyChunkReceived", ({ request, chunk }) => {
    const seen = requests.get(request);
    if (!seen) return;
    seen.bytes += chunk.length;
    seen.to = performance.now();
  });
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const cost = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMiB: maxRSS / 1024 };
    writeFileSync(file, JSON.stringify({ ...cost, requests: sent }));
  });
}

function pairs(headers) {
  const lines = [];
  for (let at = 0; at + 1 < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`);
  return lines;
}
