import { hostname } from "node:os";
import type { Settings } from "./config/schema.ts";
import { systemClock } from "./io/clock.ts";
import { lazyGitServers } from "./io/git/lazy.ts";
import { createJournal } from "./io/journal.ts";
import { loadConnection } from "./io/kubernetes/config.ts";
import { createKubernetesPorts } from "./io/kubernetes/ports.ts";
import type { Ports } from "./ports.ts";

/** What the process knows about itself. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** Ends every call at once: the hard end, not the wish to stop. */
  readonly hardEnd: AbortSignal;
}

/** Real ports, and how to let go of them. */
export interface Composed {
  readonly ports: Ports;
  /** Where the API server is, for messages. */
  readonly server: string;
  readonly close: () => Promise<void>;
}

/** Picks the adapters for a configuration. Fails with a `UsageError` where the cluster cannot be told. */
export async function compose(settings: Settings, surroundings: Surroundings): Promise<Composed> {
  const { env, pid, hardEnd } = surroundings;
  const connection = await loadConnection({
    kubeconfig: settings.kubeconfig,
    context: settings.context,
    environment: env,
  });
  const journal = createJournal({ level: settings["log.level"], format: settings["log.format"] });
  const kubernetes = createKubernetesPorts(connection, settings["state.namespace"], {
    signal: hardEnd,
    onRequest: (record) => journal.debug("request", { ...record, ms: Math.round(record.ms) }),
  });
  const { cluster, states, keys, lock } = kubernetes;
  const git = lazyGitServers({ timeout: settings["git.timeout"], signal: hardEnd, environment: env });
  const ports: Ports = {
    cluster,
    states,
    keys,
    lock,
    git,
    clock: systemClock,
    journal,
    identity: `${env.POD_NAME ?? env.HOSTNAME ?? hostname()}-${pid}`,
  };
  return { ports, server: connection.server, close: () => kubernetes.close() };
}
