/** Flux's source-controller and kustomize-controller, as processes on loopback beside a cluster. */
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { TestClient } from "./client.ts";
import { crdsOf } from "./go-build.ts";
import { reapLeftovers, register } from "./leftovers.ts";
import type { Named } from "./paths.ts";
import { freePorts } from "./ports.ts";
import { answers, type Process, startProcess, until } from "./processes.ts";
import { cacheDirectory, resolveFlux } from "./programs.ts";

export interface Flux {
  /** Storage and one log per program; goes away with `stop`. */
  directory: string;
  /** What both said last, for the message of a test that waited in vain. */
  tail(): string;
  /** Stops both and returns when they are gone. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

/**
 * Starts Flux for the objects of one namespace; what its Kustomizations apply may be anywhere. So every test file has a Flux of its own
 * beside those of others. The programs are built first where they are missing; their CustomResourceDefinitions stay in the cluster.
 */
export async function startFlux(
  cluster: TestClient,
  namespace: string,
  kubeconfig = process.env.REROLL_TEST_KUBECONFIG ?? "",
): Promise<Flux> {
  const programs = await resolveFlux();
  await serveCrds(cluster, Object.values(programs));
  const cache = cacheDirectory();
  reapLeftovers(cache);
  const directory = mkdtempSync(join(tmpdir(), "reroll-flux-"));
  const children = register(cache, directory);
  const running: Process[] = [];
  const stop = async () => {
    await Promise.all(running.splice(0).map((program) => program.stop()));
    children.close();
  };
  // Both unpack artifacts into the folder for temporary files.
  const env = { ...process.env, KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: namespace, TMPDIR: directory };
  const start = async (name: keyof typeof programs, args: string[]): Promise<void> => {
    const [metrics, health] = await freePorts(2);
    const own = [`--metrics-addr=127.0.0.1:${metrics}`, `--health-addr=127.0.0.1:${health}`];
    const program = startProcess(name, programs[name], [...COMMON, ...own, ...args], directory, env);
    running.push(program);
    children.add(program.pid);
    await until(
      program,
      () => answers(`http://127.0.0.1:${health}/readyz`),
      `${name} did not get ready`,
      START_TIMEOUT_MS,
    );
  };
  try {
    mkdirSync(join(directory, "storage"));
    const [port] = await freePorts(1);
    const storage = `127.0.0.1:${port}`;
    await Promise.all([
      start("source-controller", [
        "--storage-path=storage",
        `--storage-addr=${storage}`,
        `--storage-adv-addr=${storage}`,
      ]),
      start("kustomize-controller", ["--requeue-dependency=1s"]),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { directory, stop, tail: () => running.map(({ name, tail }) => `${name}:\n${tail()}`).join("\n") };
}

const COMMON = [
  "--watch-all-namespaces=false",
  "--enable-leader-election=false",
  "--events-addr=",
  "--log-encoding=console",
  "--kube-api-qps=500",
  "--kube-api-burst=1000",
];

interface Definition extends Named {
  spec: { group: string; names: { plural: string }; versions: { name: string; storage: boolean }[] };
}

/** Applies the definitions that came with the programs, and waits until what they store can be listed. */
async function serveCrds(cluster: TestClient, programs: string[]): Promise<void> {
  const texts = programs.map((program) => readFileSync(crdsOf(program), "utf8"));
  const all = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Definition));
  await Promise.all(all.map((definition) => cluster.apply(definition)));
  for (const { metadata, spec } of all) {
    const stored = spec.versions.find(({ storage }) => storage)?.name;
    const path = `/apis/${spec.group}/${stored}/${spec.names.plural}`;
    await cluster.waitFor(() => cluster.list(path), { what: `${metadata.name} to be served` });
  }
}
