import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunJson } from "../../../src/report/json.ts";
import { openCluster, type TestClient } from "../harness/client.ts";
import type { Named } from "../harness/paths.ts";
import { rolledOut } from "../harness/workloads.ts";

const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));

/** What a process of `reroll … -o json` left behind. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly report: RunJson;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of reroll that is still at work. */
export interface Running {
  readonly pid: number | undefined;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
}

/** A namespace with workloads, one for the state, and reroll looking at just these. */
export interface Stage {
  readonly cluster: TestClient;
  readonly namespace: string;
  readonly home: string;
  readonly start: (args?: readonly string[], env?: Readonly<Record<string, string>>) => Running;
  readonly run: (args?: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ended>;
  /** Applies the objects in this stage's namespace, and waits until every workload among them has rolled out. */
  readonly apply: (...objects: readonly object[]) => Promise<void>;
  readonly put: (...objects: readonly object[]) => Promise<void>;
  readonly generation: (kind: string, name: string) => Promise<number>;
  /** Writes a file that goes with the stage, such as a kubeconfig, and gives its path. */
  readonly file: (name: string, content: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

const workloadKinds = new Set(["Deployment", "StatefulSet", "DaemonSet"]);

/** Two new namespaces, in the cluster of this test run or in another. */
export async function openStage(prefix: string, kubeconfig = process.env.REROLL_TEST_KUBECONFIG): Promise<Stage> {
  const cluster = openCluster(kubeconfig);
  const [namespace, home] = await Promise.all([cluster.createNamespace(prefix), cluster.createNamespace("home")]);
  const folder = await mkdtemp(join(tmpdir(), "reroll-stage-"));
  const here = (object: object) => {
    const { metadata, ...rest } = object as Named;
    return { ...rest, metadata: { ...metadata, namespace } } as Named;
  };
  const start: Stage["start"] = (args = ["run"], env = {}) => {
    const all = [main, ...args, "-n", namespace, "-o", "json"];
    const base = { PATH: process.env.PATH ?? "", HOME: folder, REROLL_STATE_NAMESPACE: home, REROLL_LOG_LEVEL: "warn" };
    const child = spawn(process.execPath, all, {
      env: { ...base, KUBECONFIG: kubeconfig ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once("close", (exitCode, signal) => {
        // 1 is a defect of reroll itself, which no test asks for.
        if (exitCode === 1) return reject(new Error(`reroll ${args.join(" ")} broke down:\n${stdout}${stderr}`));
        const report = stdout === "" ? ({} as RunJson) : (JSON.parse(stdout) as RunJson);
        resolve({ exitCode, signal, stdout, stderr, report });
      });
    });
    return { pid: child.pid, ended, kill: (signal) => child.kill(signal) };
  };
  const put: Stage["put"] = async (...objects) => {
    await Promise.all(objects.map((object) => cluster.apply(here(object))));
  };
  return {
    cluster,
    namespace,
    home,
    start,
    put,
    run: (args, env) => start(args, env).ended,
    async apply(...objects) {
      await put(...objects);
      const workloads = objects.map(here).filter(({ kind }) => workloadKinds.has(kind));
      await Promise.all(workloads.map((object) => rolledOut(cluster, object)));
    },
    async generation(kind, name) {
      const path = `/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;
      const { metadata } = await cluster.get(path);
      return metadata.generation ?? 0;
    },
    async file(name, content) {
      const path = join(folder, name);
      await writeFile(path, content, { mode: 0o600 });
      return path;
    },
    async close() {
      await cluster.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Outcome words by workload name. */
export function outcomes({ report }: Ended): Record<string, string> {
  return Object.fromEntries(report.outcomes.map(({ workload, outcome }) => [workload.name, outcome]));
}
