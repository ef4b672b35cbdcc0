import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { mapPool } from "../../src/model/pool.ts";
import type { Access } from "../cluster/harness/kubeconfig.ts";
import type { Sent } from "./measure.ts";

const run = promisify(execFile);

/** curl as it is let in, and where it may keep its files. */
export interface Curl {
  readonly server: string;
  readonly credentials: readonly string[];
  readonly folder: string;
}

/** What curl needed for the same answers. */
export interface Fetched {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly requests: number;
  readonly bytes: number;
}

/** Curl with the credentials of a kubeconfig. */
export function openCurl({ server, authority, certificate, key }: Access, folder: string): Curl {
  const file = (name: string, content: string | undefined, option: string): string[] => {
    if (!content) return [];
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return [`${option} = "${path}"`];
  };
  const credentials = [
    ...file("ca.crt", authority, "cacert"),
    ...file("client.crt", certificate, "cert"),
    ...file("client.key", key, "key"),
  ];
  return { server, credentials, folder };
}

/**
 * Fetches again what a run had fetched: the same pages with their tokens, one process of curl per list, each over one connection that
 * is kept; one list after the other, or all of them at once. Nothing is parsed or kept.
 */
export async function fetchAgain(
  curl: Curl,
  requests: readonly Sent[],
  lists: "in turn" | "at once",
): Promise<Fetched> {
  const reads = requests.filter(({ method }) => method === "GET");
  const groups = Map.groupBy(reads, ({ path, accept }) => `${accept} ${collectionOf(path)}`);
  const files = [...groups.values()].map((group, index) => writeConfig(curl, group, index));
  const started = performance.now();
  const done = await mapPool(files, lists === "at once" ? files.length : 1, fetchAll);
  const wallMs = performance.now() - started;
  const sum = (pick: (each: (typeof done)[number]) => number) => done.reduce((all, each) => all + pick(each), 0);
  return { wallMs, cpuMs: sum(({ cpuMs }) => cpuMs), requests: reads.length, bytes: sum(({ bytes }) => bytes) };
}

/** Lists over all namespaces each for themselves; those of single namespaces, and single objects, together by resource. */
function collectionOf(path: string): string {
  return path.replace(/\?.*$/, "").replace(/\/namespaces\/[^/]+\/([^/]+).*$/, "/namespaces/*/$1");
}

function writeConfig({ server, credentials, folder }: Curl, group: readonly Sent[], index: number): string {
  const accept = group[0]?.accept;
  const urls = group.map(({ path }) => `url = "${server}${path}"\noutput = "/dev/null"`);
  const header = accept === undefined ? [] : [`header = "Accept: ${accept}"`];
  // To curl by its own name the API server sends indented JSON, twice the bytes.
  const rest = [
    'user-agent = "reroll-bench"',
    "silent",
    "show-error",
    'write-out = "%{http_code} %{size_download}\\n"',
  ];
  const file = join(folder, `curl-${index}.conf`);
  writeFileSync(file, [...credentials, ...header, ...rest, ...urls].join("\n"), { mode: 0o600 });
  return file;
}

async function fetchAll(file: string): Promise<{ readonly cpuMs: number; readonly bytes: number }> {
  const { stdout } = await run("sh", ["-c", 'curl --config "$1"; times', "sh", file], { maxBuffer: 1 << 26 });
  const lines = stdout.trim().split("\n");
  // The last two lines are of `times`: the shell's own, then what it waited for.
  const answers = lines.slice(0, -2).map((line) => line.split(" ").map(Number));
  const failed = answers.find(([status]) => status !== 200 && status !== 404);
  if (failed) throw new Error(`curl was answered ${failed[0]}`);
  const cpuMs = [...(lines.at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
  return { cpuMs, bytes: answers.reduce((sum, [, bytes = 0]) => sum + bytes, 0) };
}
