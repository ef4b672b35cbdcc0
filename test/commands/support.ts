import { noGitServers } from "../../src/io/git/lazy.ts";
import { anonymous } from "../../src/io/kubernetes/connection.ts";
import { createKubernetesPorts } from "../../src/io/kubernetes/ports.ts";
import type { Ports } from "../../src/ports.ts";
import { noJournal, stateNamespace, type World } from "../support/world.ts";

export const plain = { color: false };

/** Hands real ports over HTTP to a command, and closes them after it. */
export async function withPorts<T>(
  { cluster, time }: Pick<World, "cluster" | "time">,
  use: (ports: Ports, server: string) => Promise<T>,
  changes: Partial<Ports> = {},
): Promise<T> {
  const trust = { ca: undefined, serverName: undefined, insecure: false };
  const connection = {
    server: cluster.url,
    trust,
    credentials: anonymous,
    headers: {},
    proxy: undefined,
    namespace: undefined,
    inCluster: false,
    origin: "test",
  };
  const retries = { times: 2, firstDelay: 0, maxDelay: 0, total: 10_000 };
  const { close, ...kubernetes } = createKubernetesPorts(connection, stateNamespace, { retries });
  const ports = {
    ...kubernetes,
    git: noGitServers,
    clock: time.clock,
    journal: noJournal,
    identity: "test-1",
    ...changes,
  };
  try {
    return await use(ports, cluster.url);
  } finally {
    await close();
  }
}

/** What a server that was only asked said: no request that could change anything, but for questions about rights. */
export function writes({ cluster }: Pick<World, "cluster">): string[] {
  return cluster.requests
    .filter(({ method, path }) => method !== "GET" && !path.endsWith("/selfsubjectaccessreviews"))
    .map(({ method, path }) => `${method} ${path}`);
}
