import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { UsageError } from "../../model/errors.ts";
import { anonymous, type Connection } from "./connection.ts";
import { readNeededFile } from "./credentials.ts";
import { inClusterConnection, isInCluster, serviceAccountFolder } from "./in-cluster.ts";
import { type ChosenContext, chooseContext, mergeKubeconfigs, parseKubeconfig, resolveIn } from "./kubeconfig.ts";
import { chooseProxy, isLocal } from "./proxy.ts";
import { impersonationHeaders, userCredentials } from "./user.ts";

/** Where to find the API server. */
export interface ConnectionSettings {
  /** `--kubeconfig`. */
  readonly kubeconfig?: string | undefined;
  /** `--context`. */
  readonly context?: string | undefined;
  /** KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST, the proxy variables; also what exec plugins run with. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where kubelet mounts the service account; for tests. */
  readonly serviceAccountFolder?: string;
}

/**
 * Finds the API server: `--kubeconfig`, else the files of KUBECONFIG merged, else the service account of the pod (unless `--context`
 * asks for a kubeconfig), else `~/.kube/config`. What is missing or contradicts itself is a `UsageError`.
 */
export async function loadConnection(settings: ConnectionSettings): Promise<Connection> {
  const { kubeconfig, context, environment } = settings;
  const files = kubeconfig ? [kubeconfig] : listedFiles(environment.KUBECONFIG);
  if (files.length === 0 && context === undefined && isInCluster(environment)) {
    const connection = inClusterConnection(environment, settings.serviceAccountFolder ?? serviceAccountFolder);
    return { ...connection, proxy: chooseProxy(undefined, new URL(connection.server), environment) };
  }
  const present = files.length > 0 ? presentFiles(files, kubeconfig !== undefined) : [defaultFile(environment)];
  const where = present.join(delimiter);
  const read = present.map((file) => ({ file, source: readNeededFile(file, "kubeconfig") }));
  const config = mergeKubeconfigs(await Promise.all(read.map(({ file, source }) => parseKubeconfig(source, file))));
  return fromContext(chooseContext(config, context, where), where, environment);
}

function listedFiles(variable: string | undefined): string[] {
  return (variable ?? "").split(delimiter).filter((file) => file !== "");
}

/** Of the files KUBECONFIG lists some may be absent, as for kubectl; a file given by name must be there. */
function presentFiles(files: readonly string[], byName: boolean): readonly string[] {
  if (byName) return files;
  const present = files.filter((file) => existsSync(file));
  if (present.length > 0) return present;
  throw new UsageError(`KUBECONFIG: there is no such file: ${files.join(", ")}`);
}

function defaultFile(environment: ConnectionSettings["environment"]): string {
  const file = join(environment.HOME || homedir(), ".kube", "config");
  if (existsSync(file)) return file;
  throw new UsageError(
    `no cluster configured: there is no ${file}, KUBECONFIG is not set and this is no pod. Name a file with --kubeconfig`,
  );
}

function fromContext(chosen: ChosenContext, where: string, environment: ConnectionSettings["environment"]): Connection {
  const { cluster, user } = chosen;
  const { value } = cluster;
  const address = value.server.includes("://") ? value.server : `http://${value.server}`;
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`kubeconfig ${where}: cluster ${value.name}: server is no http or https URL`);
  }
  // As client-go: no credential goes over a connection others can read. On this machine nobody else does.
  const secure = url.protocol === "https:" || isLocal(url);
  return {
    server: address,
    trust: {
      ca: certificateAuthority(value, cluster.folder),
      serverName: value.tlsServerName,
      insecure: value.skipTLSVerify,
    },
    credentials: secure ? userCredentials(user, cluster, environment) : anonymous,
    headers: secure ? impersonationHeaders(user?.written) : {},
    proxy: chooseProxy(value.proxyUrl, url, environment),
    namespace: chosen.namespace,
    inCluster: false,
    origin: `context ${chosen.name} of ${where}`,
  };
}

function certificateAuthority(cluster: ChosenContext["cluster"]["value"], folder: string): string | undefined {
  if (cluster.caData) return Buffer.from(cluster.caData, "base64").toString("utf8");
  return cluster.caFile ? readNeededFile(resolveIn(folder, cluster.caFile), "certificate authority") : undefined;
}
