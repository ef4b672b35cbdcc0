/** A real control plane on loopback: etcd, kube-apiserver with RBAC, kube-controller-manager, kube-scheduler, KWOK nodes. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openCluster, type TestClient } from "./client.ts";
import { renderKubeconfig } from "./kubeconfig.ts";
import { reapLeftovers, register } from "./leftovers.ts";
import { createPki, type Pki } from "./pki.ts";
import { freePorts } from "./ports.ts";
import { answers, type Process, startProcess, until } from "./processes.ts";
import { cacheDirectory, type ProgramName, resolvePrograms } from "./programs.ts";

export interface ControlPlane {
  /** The path of the admin's kubeconfig. */
  kubeconfig: string;
  server: string;
  /** Certificates, data and one log per program; goes away with `stop`. */
  directory: string;
  /** Stops everything and returns when it is gone. */
  stop(): Promise<void>;
  /** Stops the API server only; SIGKILL makes it vanish in the middle of its work. */
  stopApiServer(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port, over the same data, and waits until it is ready. */
  startApiServer(): Promise<void>;
}

export interface ControlPlaneOptions {
  nodes?: number;
}

const START_TIMEOUT_MS = 90_000;
const STAGES = fileURLToPath(new URL("./stages.yaml", import.meta.url));

/** Starts a control plane of its own; the programs are built first where they are missing. */
export async function startControlPlane({ nodes = 3 }: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const programs = await resolvePrograms();
  const cache = cacheDirectory();
  reapLeftovers(cache);
  const directory = mkdtempSync(join(tmpdir(), "reroll-cluster-"));
  const running: Process[] = [];
  const children = register(cache, directory);
  const start = (name: ProgramName, args: string[]): Process => {
    const program = startProcess(name, programs[name], args, directory);
    children.add(program.pid);
    running.push(program);
    return program;
  };
  const stop = async () => {
    for (const program of running.splice(0).reverse()) await program.stop();
    children.close();
  };
  try {
    return await assemble({ directory, nodes, start, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Site {
  directory: string;
  nodes: number;
  start(name: ProgramName, args: string[]): Process;
  stop(): Promise<void>;
}

async function assemble({ directory, nodes, start, stop }: Site): Promise<ControlPlane> {
  const pki = createPki();
  writePki(directory, pki);
  const [clients, peers] = await freePorts(2);
  const etcd = start("etcd", etcdArguments(`http://127.0.0.1:${clients}`, `http://127.0.0.1:${peers}`));
  await until(etcd, () => answers(`http://127.0.0.1:${clients}/readyz`), "etcd did not get ready", START_TIMEOUT_MS);

  const [port] = await freePorts(1);
  const server = `https://127.0.0.1:${port}`;
  const kubeconfig = join(directory, "admin.kubeconfig");
  writeFileSync(kubeconfig, renderKubeconfig({ server, authority: pki.authority, ...pki.admin }), { mode: 0o600 });
  const admin = openCluster(kubeconfig);
  const startApiServer = async (): Promise<Process> => {
    const program = start("kube-apiserver", apiServerArguments(`http://127.0.0.1:${clients}`, port as number));
    await until(program, () => isReady(admin), "kube-apiserver did not get ready", START_TIMEOUT_MS);
    return program;
  };
  let apiServer = await startApiServer();

  const common = [`--kubeconfig=${kubeconfig}`, "--leader-elect=false", "--secure-port=0"];
  const fast = ["--kube-api-qps=500", "--kube-api-burst=1000"];
  const manager = start("kube-controller-manager", [...common, ...fast, ...CONTROLLER_MANAGER]);
  const scheduler = start("kube-scheduler", [...common, ...fast]);
  const kwok = start("kwok", [`--kubeconfig=${kubeconfig}`, `--config=${STAGES}`, "--manage-all-nodes=true"]);
  for (let number = 1; number <= nodes; number++) await admin.apply(node(`node-${number}`));
  await until(kwok, () => nodesReady(admin, nodes), "the nodes did not get ready", START_TIMEOUT_MS);
  await until(manager, () => controllersWork(admin), "the controllers did not get to work", START_TIMEOUT_MS);
  await until(scheduler, async () => scheduler.running(), "kube-scheduler does not run", 0);

  return {
    kubeconfig,
    server,
    directory,
    async stop() {
      await admin.close();
      await stop();
    },
    stopApiServer: (signal) => apiServer.stop(signal),
    async startApiServer() {
      if (!apiServer.running()) apiServer = await startApiServer();
    },
  };
}

function writePki(directory: string, { authority, server, serviceAccounts }: Pki): void {
  const files = {
    "authority.crt": authority,
    "server.crt": server.certificate,
    "server.key": server.key,
    "tokens.key": serviceAccounts.privateKey,
    "tokens.pub": serviceAccounts.publicKey,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text, { mode: 0o600 });
}

// The programs run in the directory of the control plane: files are named from there.
function etcdArguments(clients: string, peers: string): string[] {
  return [
    "--data-dir=data",
    "--unsafe-no-fsync",
    "--quota-backend-bytes=8000000000",
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
  ];
}

function apiServerArguments(etcd: string, port: number): string[] {
  return [
    `--etcd-servers=${etcd}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    `--secure-port=${port}`,
    "--tls-cert-file=server.crt",
    "--tls-private-key-file=server.key",
    "--client-ca-file=authority.crt",
    "--service-account-key-file=tokens.pub",
    "--service-account-signing-key-file=tokens.key",
    "--service-account-issuer=https://kubernetes.default.svc",
    "--service-cluster-ip-range=10.0.0.0/24",
    "--authorization-mode=RBAC",
    "--max-requests-inflight=2000",
    "--max-mutating-requests-inflight=1000",
    "--shutdown-watch-termination-grace-period=200ms",
  ];
}

const CONTROLLER_MANAGER = [
  "--root-ca-file=authority.crt",
  "--service-account-private-key-file=tokens.key",
  "--concurrent-deployment-syncs=20",
  "--concurrent-replicaset-syncs=20",
  // On a busy machine a heartbeat of the fake nodes comes late; the pods would be marked not ready, and no fake kubelet takes that back.
  "--node-monitor-grace-period=24h",
];

function node(name: string) {
  const room = { cpu: "64", memory: "512Gi", pods: "10000" };
  const labels = { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels, annotations: { "kwok.x-k8s.io/node": "fake" } },
    status: { allocatable: room, capacity: room },
  };
}

async function isReady(admin: TestClient): Promise<boolean> {
  return admin.request("GET", "/readyz").then(
    ({ status }) => status === 200,
    () => false,
  );
}

interface NodeStatus {
  spec?: { taints?: unknown[] };
  status?: { conditions?: { type: string; status: string }[] };
}

/** Ready, and without the taint that keeps pods away until the controllers have seen that. */
async function nodesReady(admin: TestClient, wanted: number): Promise<boolean> {
  const nodes = await admin.list<NodeStatus>("/api/v1/nodes");
  const ready = nodes.filter(
    ({ spec, status }) =>
      !spec?.taints && status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
  );
  return ready.length >= wanted;
}

async function controllersWork(admin: TestClient): Promise<boolean> {
  return (await admin.find("/api/v1/namespaces/default/serviceaccounts/default")) !== undefined;
}
