import type { Cluster, User } from "@kubernetes/client-node/dist/config_types.js";
import { UsageError } from "../../model/errors.ts";
import { dig, objects, text } from "../../model/object.ts";
import type { Credential, Credentials } from "./connection.ts";
import { readNeededFile } from "./credentials.ts";
import { type Plugin, runPlugin } from "./exec-plugin.ts";
import { type Entry, resolveIn } from "./kubeconfig.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A credential is renewed this long before it ends, so that none ends on its way to the server. Milliseconds. */
const margin = 10_000;

/** Credentials of an exec plugin (`client.authentication.k8s.io`): kept until they end or until the server answers 401. */
export function execCredentials(
  user: Entry<User>,
  cluster: Entry<Cluster>,
  environment: Environment,
  certificate: Credential,
): Credentials {
  const plugin = readPlugin(user, cluster, environment);
  let held: { readonly credential: Credential; readonly until: number } | undefined;
  let running: Promise<Credential> | undefined;

  async function renew(): Promise<Credential> {
    const issued = await runPlugin(plugin);
    held = { credential: { ...certificate, ...issued.credential }, until: issued.expires - margin };
    return held.credential;
  }

  return {
    async current() {
      if (held !== undefined && Date.now() < held.until) return held.credential;
      // Calls that need it at the same time wait for the same run.
      running ??= renew().finally(() => {
        running = undefined;
      });
      return running;
    },
    refresh() {
      held = undefined;
      return true;
    },
  };
}

function readPlugin(user: Entry<User>, cluster: Entry<Cluster>, environment: Environment): Plugin {
  const exec: unknown = user.value.exec;
  const where = `exec plugin of kubeconfig user ${user.value.name}`;
  const command = text(dig(exec, "command"));
  const apiVersion = text(dig(exec, "apiVersion"));
  if (!command) throw new UsageError(`${where}: no command`);
  if (!apiVersion) throw new UsageError(`${where}: no apiVersion`);
  if (dig(exec, "interactiveMode") === "Always") {
    throw new UsageError(`${where}: it asks for a terminal (interactiveMode: Always), which a job does not have`);
  }
  const args = dig(exec, "args");
  const added = objects(dig(exec, "env")).map(({ name, value }) => [String(name), text(value) ?? ""] as const);
  const spec = {
    interactive: false,
    ...(dig(exec, "provideClusterInfo") === true ? { cluster: clusterInfo(cluster) } : {}),
  };
  return {
    where,
    apiVersion,
    // As client-go: a bare name is looked up in PATH, a path is relative to the kubeconfig.
    command: /[\\/]/.test(command) ? resolveIn(user.folder, command) : command,
    args: Array.isArray(args) ? args.map(String) : [],
    environment: {
      ...environment,
      ...Object.fromEntries(added),
      KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion, kind: "ExecCredential", spec }),
    },
    hint: text(dig(exec, "installHint")),
  };
}

/** `ExecCredential.spec.cluster`: the cluster of the kubeconfig, its certificate authority always as data. */
function clusterInfo({ value, written, folder }: Entry<Cluster>): Record<string, unknown> {
  const file = value.caFile ? resolveIn(folder, value.caFile) : undefined;
  const fromFile = () => file && Buffer.from(readNeededFile(file, "certificate authority")).toString("base64");
  const extensions = objects(dig(written, "extensions"));
  return {
    server: value.server,
    "tls-server-name": value.tlsServerName,
    "insecure-skip-tls-verify": value.skipTLSVerify || undefined,
    "certificate-authority-data": value.caData ?? fromFile(),
    "proxy-url": value.proxyUrl,
    config: extensions.find((entry) => entry.name === "client.authentication.k8s.io/exec")?.extension,
  };
}
