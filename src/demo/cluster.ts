import { once } from "node:events";
import { parseAllDocuments, stringify } from "yaml";
import type { Right } from "../model/errors.ts";
import { type DirectApi, directApi, type Manifest } from "./direct.ts";
import { Faults } from "./faults.ts";
import { type LoggedRequest, listen, urlOf } from "./http.ts";
import { Lists } from "./list.ts";
import { resourceOf } from "./resources.ts";
import { Store } from "./store.ts";
import { Writes } from "./write.ts";

export interface DemoOptions {
  /** Milliseconds since the epoch; every timestamp and the Date header come from here. Default: the system clock. */
  readonly now?: () => number;
  /** Default: any free port. */
  readonly port?: number;
  /** RBAC: decides requests and SelfSubjectAccessReviews alike. Default: everything is allowed. */
  readonly allow?: (right: Right) => boolean;
  /** Given: requests without this bearer token get a 401. */
  readonly token?: () => string;
  /** What /version says. */
  readonly gitVersion?: string;
}

/** A small Kubernetes cluster in this process. */
export interface DemoCluster {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** A kubeconfig that points here. */
  readonly kubeconfig: string;
  /** The objects, without HTTP. */
  readonly api: DirectApi;
  /** Every request that was answered or cut off, in order. */
  readonly requests: LoggedRequest[];
  readonly faults: Faults;
  /** Puts every object of the manifests, as `kubectl apply` would. */
  load(manifests: string | readonly Manifest[]): Promise<void>;
  /** Makes every continue token that was handed out expire. */
  compact(): void;
  close(): Promise<void>;
}

/** Starts the cluster on the loopback address. */
export async function startDemoCluster(options: DemoOptions = {}): Promise<DemoCluster> {
  const { now = Date.now, port = 0, allow = () => true, token, gitVersion = "v1.36.3" } = options;
  const store = new Store();
  const lists = new Lists(store);
  const writes = new Writes(store, now);
  const faults = new Faults();
  const requests: LoggedRequest[] = [];
  for (const name of ["default", "kube-system"]) {
    writes.create(resourceOf("Namespace"), undefined, { metadata: { name } }, { manager: "kube-apiserver" });
  }
  const backend = { store, lists, writes, allow, user: "demo", gitVersion };
  const server = await listen({ backend, faults, now, port, token, log: (request) => requests.push(request) });
  const url = urlOf(server);
  const api = directApi(store, writes);
  return {
    url,
    kubeconfig: kubeconfigFor(url, token?.()),
    api,
    requests,
    faults,
    async load(manifests) {
      for (const object of typeof manifests === "string" ? parseManifests(manifests) : manifests) api.put(object);
    },
    compact: () => lists.compact(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** The objects of a YAML stream; empty documents are left out. Throws where the text is no YAML. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw error;
    const object: unknown = document.toJS();
    return object ? [object as Manifest] : [];
  });
}

/** Clients refuse plain http unless told not to verify. */
function kubeconfigFor(server: string, token: string | undefined): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "demo", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "demo", user: token === undefined ? {} : { token } }],
    contexts: [{ name: "demo", context: { cluster: "demo", user: "demo" } }],
    "current-context": "demo",
  });
}
