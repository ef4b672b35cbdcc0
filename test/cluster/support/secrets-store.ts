import { dig } from "../../../src/model/object.ts";
import { classesOf, objectsOf, podStatusOf, type Versions } from "../../support/secrets-store.ts";
import type { KubeObject, TestClient } from "../harness/client.ts";
import { type Permissive, servePermissive } from "./permissive-crd.ts";

const group = "secrets-store.csi.x-k8s.io";
const manager = "secrets-store-csi-driver";

/** The kinds of the driver as they are served: one version, and a status that is no subresource. */
const kinds: readonly Permissive[] = [
  { ...{ group, version: "v1", status: false }, kind: "SecretProviderClass", plural: "secretproviderclasses" },
  {
    ...{ group, version: "v1", status: false },
    ...{ kind: "SecretProviderClassPodStatus", plural: "secretproviderclasspodstatuses" },
  },
];

/** Serves the driver's API, with permissive schemas. It stays: another test may use it too. */
export function serveSecretsStore(cluster: TestClient): Promise<void> {
  return servePermissive(cluster, kinds);
}

/** Whether the driver's API is served. */
export async function servesSecretsStore(cluster: TestClient): Promise<boolean> {
  const { status } = await cluster.request("GET", `/apis/${group}/v1/secretproviderclasses`);
  return status !== 404;
}

/** Plays the driver on every node, and the store behind it, for one namespace. */
export class Driver {
  readonly #cluster: TestClient;
  readonly #namespace: string;
  readonly #held = new Map<string, Versions>();

  constructor(cluster: TestClient, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
  }

  /** What the store holds from now on. */
  store(className: string, versions: Versions): void {
    this.#held.set(className, versions);
  }

  /** Every pod that has started mounts what the store holds; what pods left behind is collected. */
  async mount(): Promise<void> {
    const pods = await this.#cluster.list<KubeObject>(`/api/v1/namespaces/${this.#namespace}/pods`);
    const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const uids = new Set(living.map(({ metadata }) => metadata.uid));
    const statuses = await this.#statuses();
    const gone = statuses.filter((status) => !uids.has(ownerOf(status)));
    await Promise.all(gone.map(({ metadata }) => this.#cluster.remove(this.#path(metadata.name))));
    const written = new Set(statuses.filter((each) => !gone.includes(each)).map(({ metadata }) => metadata.name));
    for (const pod of living) {
      for (const className of classesOf(pod as never)) {
        const status = podStatusOf(pod as never, className, this.#held.get(className) ?? {});
        if (!written.has(status.metadata.name)) await this.#send("POST", this.#path(), status);
      }
    }
  }

  /** The rotation reconciler looks at these pods: where the store has other versions, it writes their status again. */
  async rotate(wanted: (podName: string) => boolean = () => true): Promise<void> {
    for (const status of await this.#statuses()) {
      const next = objectsOf(this.#held.get(String(dig(status, "status", "secretProviderClassName"))) ?? {});
      const same = JSON.stringify(dig(status, "status", "objects")) === JSON.stringify(next);
      if (same || !wanted(String(dig(status, "status", "podName")))) continue;
      const body = { ...status, status: { ...(dig(status, "status") as object), objects: next } };
      await this.#send("PUT", this.#path(status.metadata.name), body);
    }
  }

  #statuses(): Promise<KubeObject[]> {
    return this.#cluster.list(this.#path());
  }

  #path(name?: string): string {
    const all = `/apis/${group}/v1/namespaces/${this.#namespace}/secretproviderclasspodstatuses`;
    return name === undefined ? all : `${all}/${name}`;
  }

  async #send(method: string, path: string, body: object): Promise<void> {
    const reply = await this.#cluster.request(method, `${path}?fieldManager=${manager}`, body);
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
  }
}

function ownerOf(status: KubeObject): string {
  const owners = dig(status, "metadata", "ownerReferences");
  return Array.isArray(owners) ? String(dig(owners[0], "uid")) : "";
}
