import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { RequestRecord } from "../../../src/io/kubernetes/call.ts";
import { createCluster } from "../../../src/io/kubernetes/cluster.ts";
import { anonymous, type Connection } from "../../../src/io/kubernetes/connection.ts";
import { createRest, type Rest, type RestOptions } from "../../../src/io/kubernetes/rest.ts";
import type { Cluster } from "../../../src/ports.ts";

/** Short enough for a test, in the same proportions. */
export const quick = {
  timeouts: { connect: 2_000, headers: 5_000, body: 5_000, whole: 10_000 },
  retries: { times: 4, firstDelay: 1, maxDelay: 4, total: 10_000 },
};

/** A connection as `loadConnection` gives it, for the server given. */
export function connectionTo(server: string, more: Partial<Connection> = {}): Connection {
  return {
    server,
    trust: { ca: undefined, serverName: undefined, insecure: false },
    credentials: anonymous,
    headers: {},
    proxy: undefined,
    namespace: undefined,
    inCluster: false,
    origin: "test",
    ...more,
  };
}

/** A client that closes with its block, and every attempt it made. */
export interface Client extends AsyncDisposable {
  readonly rest: Rest;
  readonly cluster: Cluster;
  readonly records: readonly RequestRecord[];
}

export function connect(connection: Connection | string, options: RestOptions = {}): Client {
  const records: RequestRecord[] = [];
  const rest = createRest(typeof connection === "string" ? connectionTo(connection) : connection, {
    ...quick,
    onRequest: (record) => records.push(record),
    ...options,
  });
  return { rest, cluster: createCluster(rest), records, [Symbol.asyncDispose]: () => rest.close() };
}

/** A folder that goes away with its block. */
export function temporaryFolder(files: Readonly<Record<string, string>> = {}): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "reroll-test-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content, { mode: 0o700 });
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The smallest object the API could store. */
export function stored(name: string, more: Record<string, unknown> = {}) {
  return { metadata: { name, uid: `uid-${name}`, resourceVersion: "7" }, ...more };
}

export async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

/** A kubeconfig with one context, its cluster and user all of one name. */
export function kubeconfig(parts: {
  readonly name: string;
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>>;
  readonly namespace?: string;
}): string {
  const { name, cluster, user = {}, namespace } = parts;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
  });
}
