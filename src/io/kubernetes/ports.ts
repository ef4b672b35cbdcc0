import type { Cluster, KeyStore, Lock, StateStore } from "../../ports.ts";
import { createCluster } from "./cluster.ts";
import type { Connection } from "./connection.ts";
import { createKeyStore } from "./key-store.ts";
import { createLock } from "./lease.ts";
import { createRest, type RestOptions } from "./rest.ts";
import { createStateStore } from "./state-store.ts";

/** The ports that live in one API server. */
export interface KubernetesPorts {
  readonly cluster: Cluster;
  readonly states: StateStore;
  readonly keys: KeyStore;
  readonly lock: Lock;
  /** Closes every connection; calls in flight fail. */
  close(): Promise<void>;
}

/**
 * Builds every port that Kubernetes backs over one pool of connections. Nothing is sent before the first call.
 * `options.signal` ends every call at once, also the writes of state and Lease: give it the hard end of the run, not the wish to stop.
 */
export function createKubernetesPorts(
  connection: Connection,
  stateNamespace: string,
  options: RestOptions = {},
): KubernetesPorts {
  const rest = createRest(connection, options);
  const cluster = createCluster(rest);
  return {
    cluster,
    states: createStateStore(rest, cluster, stateNamespace),
    keys: createKeyStore(rest, cluster, stateNamespace),
    lock: createLock(rest, stateNamespace),
    close: () => rest.close(),
  };
}
