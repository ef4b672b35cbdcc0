import { once } from "node:events";
import { parseAllDocuments, stringify } from "yaml";
import type { Right } from "../model/errors.ts";
import { Controllers } from "./controllers/controllers.ts";
import type { PodView } from "./controllers/kubelet.ts";
import { type DirectApi, directApi, type Manifest } from "./direct.ts";
import { Faults } from "./faults.ts";
import { type LoggedRequest, listen, urlOf } from "./http.ts";
import { Lists } from "./list.ts";
import { resourceOf } from "./resources.ts";
import { type Change, Store } from "./store.ts";
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
  /** How many nodes there are: pods of a DaemonSet. Default: 2. */
  readonly nodes?: number;
  /** Milliseconds until a controller notices a write, and again until a pod has started. Default 0: both at once, within the write. */
  readonly rolloutDelay?: number;
}

/** A small Kubernetes cluster in this process. */
export interface DemoCluster extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** A kubeconfig that points here. */
  readonly kubeconfig: string;
  /** The objects, without HTTP. */
  readonly api: DirectApi;
  /** Every request that was answered or cut off, in order. */
  readonly requests: LoggedRequest[];
  readonly faults: Faults;
  /** Calls back after every write, at once. */
  watch(listener: (change: Change) => void): void;
  /** Puts every object of the manifests, as `kubectl apply` would. */
  load(manifests: string | readonly Manifest[]): Promise<void>;
  /** Resolves when the controllers have nothing left to do; pods that wait for a source are not waited for. */
  settle(): Promise<void>;
  /** Lets the controllers look at everything again: for tests that moved the clock. */
  wake(): void;
  /** How often the pod template of `Kind/namespace/name` changed since it was created. */
  rollouts(workload: string): number;
  /** The sources the pod with this uid last started with, in plain text; `undefined` until it has started. */
  podView(uid: string): PodView | undefined;
  /** Makes every continue token that was handed out expire. */
  compact(): void;
  close(): Promise<void>;
}

/** Starts the cluster on the loopback address. */
export async function startDemoCluster(options: DemoOptions = {}): Promise<DemoCluster> {
  const { now = Date.now, port = 0, allow = () => true, token, gitVersion = "v1.36.3" } = options;
  const { nodes = 2, rolloutDelay = 0 } = options;
  const store = new Store();
  const lists = new Lists(store);
  const writes = new Writes(store, now);
  const controllers = new Controllers({ store, writes, now, nodes, rolloutDelay });
  const faults = new Faults();
  const requests: LoggedRequest[] = [];
  for (const name of ["default", "kube-system"]) {
    writes.create(resourceOf("Namespace"), undefined, { metadata: { name } }, { manager: "kube-apiserver" });
  }
  const backend = { store, lists, writes, allow, user: "demo", gitVersion };
  const server = await listen({ backend, faults, now, port, token, log: (request) => requests.push(request) });
  const url = urlOf(server);
  const api = directApi(store, writes);
  const close = async () => {
    controllers.close();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return {
    url,
    kubeconfig: kubeconfigFor(url, token?.()),
    api,
    requests,
    faults,
    watch: (listener) => store.watch(listener),
    async load(manifests) {
      for (const object of typeof manifests === "string" ? parseManifests(manifests) : manifests) api.put(object);
    },
    settle: () => controllers.settle(),
    wake: () => controllers.wake(),
    rollouts: (workload) => controllers.rollouts(workload),
    podView: (uid) => controllers.podView(uid),
    compact: () => lists.compact(),
    close,
    [Symbol.asyncDispose]: close,
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
