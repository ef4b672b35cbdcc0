import { existsSync, readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import type { Connection } from "./connection.ts";
import { bearerFromFile, readCredentials, readNeededFile } from "./credentials.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where kubelet mounts the service account of a pod. */
export const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Whether this process runs in a pod. */
export function isInCluster(environment: Environment): boolean {
  return Boolean(environment.KUBERNETES_SERVICE_HOST && environment.KUBERNETES_SERVICE_PORT);
}

/** The connection of a pod: its service account's token, which rotates, and the cluster's certificate authority. */
export function inClusterConnection(environment: Environment, folder: string): Omit<Connection, "proxy"> {
  const host = environment.KUBERNETES_SERVICE_HOST ?? "";
  const namespaceFile = join(folder, "namespace");
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${environment.KUBERNETES_SERVICE_PORT}`,
    trust: {
      ca: readNeededFile(join(folder, "ca.crt"), "certificate authority of the service account"),
      serverName: undefined,
      insecure: false,
    },
    credentials: readCredentials(() => ({ authorization: bearerFromFile(join(folder, "token")) })),
    headers: {},
    namespace: existsSync(namespaceFile) ? readFileSync(namespaceFile, "utf8").trim() || undefined : undefined,
    inCluster: true,
    origin: `service account in ${folder}`,
  };
}
