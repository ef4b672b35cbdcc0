/** A small client for tests: talks to any API server a kubeconfig names, and waits for things without blind sleeps. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, type Dispatcher } from "undici";
import { readKubeconfig } from "./kubeconfig.ts";
import { type Named, pathOf, type Target } from "./paths.ts";

/** What every object has; give a more exact type where a test looks deeper. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
}

export interface Reply<T = unknown> {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Parsed where it is JSON, else the text. */
  body: T;
}

/** An answer other than the one wanted. */
export class ReplyError extends Error {
  override readonly name = "ReplyError";
  readonly status: number;
  readonly body: unknown;

  constructor(request: string, { status, body }: Reply) {
    super(`${request}: ${status} ${typeof body === "string" ? body : JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

const PATCH_TYPES = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
};

export interface WatchEvent<T = KubeObject> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "ERROR";
  object: T;
}

export interface WaitOptions {
  /** What is waited for, in words that finish the sentence "waited in vain for …". */
  what: string;
  timeoutMs?: number;
}

export class TestClient {
  readonly server: string;
  readonly #agent: Agent;
  readonly #headers: Record<string, string>;
  readonly #closing: (() => Promise<unknown>)[] = [];

  constructor(kubeconfig: string) {
    const { server, authority, certificate, key, token } = readKubeconfig(kubeconfig);
    this.server = server;
    this.#agent = new Agent({
      connect: { ...(authority && { ca: authority }), ...(certificate && { cert: certificate }), ...(key && { key }) },
    });
    this.#headers = token ? { authorization: `Bearer ${token}` } : {};
  }

  /** One request, whatever the answer; objects are sent as JSON. */
  async request<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply<T>> {
    const reply = await this.#agent.request({
      origin: this.server,
      path,
      method: method as Dispatcher.HttpMethod,
      headers: { accept: "application/json", "content-type": "application/json", ...this.#headers, ...headers },
      body: body === undefined || typeof body === "string" ? (body ?? null) : JSON.stringify(body),
    });
    const text = await reply.body.text();
    const isJson = String(reply.headers["content-type"]).startsWith("application/json");
    return { status: reply.statusCode, headers: reply.headers, body: (isJson ? JSON.parse(text) : text) as T };
  }

  /** The same, but an error for every answer that is not a 2xx. */
  async #send<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
    const reply = await this.request<T>(method, path, body, headers);
    if (reply.status >= 300) throw new ReplyError(`${method} ${path}`, reply);
    return reply.body;
  }

  /** Creates or changes the object by server-side apply, taking over every field it names. */
  apply<T = KubeObject, O extends Named = Named>(object: O, fieldManager = "test"): Promise<T> {
    const path = `${pathOf(object)}?fieldManager=${encodeURIComponent(fieldManager)}&force=true`;
    return this.#send("PATCH", path, object, { "content-type": "application/apply-patch+yaml" });
  }

  get<T = KubeObject>(target: Target): Promise<T> {
    return this.#send("GET", pathOf(target));
  }

  /** The object, or undefined where there is none. */
  async find<T = KubeObject>(target: Target): Promise<T | undefined> {
    const reply = await this.request<T>("GET", pathOf(target));
    if (reply.status === 404) return undefined;
    if (reply.status >= 300) throw new ReplyError(`GET ${pathOf(target)}`, reply);
    return reply.body;
  }

  /** The items of a collection, such as `/api/v1/namespaces/x/pods?labelSelector=app%3Dy`. */
  async list<T = KubeObject>(path: string): Promise<T[]> {
    return (await this.listAt<T>(path)).items;
  }

  /** The same, with the resourceVersion of the list. */
  async listAt<T = KubeObject>(path: string): Promise<{ items: T[]; resourceVersion: string }> {
    const { items, metadata } = await this.#send<{ items: T[]; metadata: { resourceVersion: string } }>("GET", path);
    return { items, resourceVersion: metadata.resourceVersion };
  }

  /**
   * Every change of a collection after `resourceVersion`, in order, until the signal is aborted or the server ends it, as it does with
   * whoever reads too slowly; a new watch from the last event on misses nothing.
   */
  async *watch<T = KubeObject>(
    path: string,
    resourceVersion: string,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const query = new URLSearchParams({ watch: "true", resourceVersion, timeoutSeconds: "36000" });
    const reply = await this.#agent.request({
      origin: this.server,
      path: `${path}?${query}`,
      method: "GET",
      headers: { accept: "application/json", ...this.#headers },
      bodyTimeout: 0,
      signal,
    });
    let rest = "";
    try {
      for await (const chunk of reply.body.setEncoding("utf8")) {
        const lines = `${rest}${chunk}`.split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          const event = JSON.parse(line) as WatchEvent<T>;
          if (event.type === "ERROR") throw new Error(`watch ${path}: ${line}`);
          yield event;
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  patch<T = KubeObject>(target: Target, body: unknown, type: keyof typeof PATCH_TYPES = "merge"): Promise<T> {
    return this.#send("PATCH", `${pathOf(target)}?fieldManager=test`, body, { "content-type": PATCH_TYPES[type] });
  }

  /** Deletes the object and what it owns, and waits until it is gone. */
  async remove(target: Target, { wait = true } = {}): Promise<void> {
    const path = pathOf(target);
    const reply = await this.request("DELETE", path, { propagationPolicy: "Background" });
    if (reply.status >= 300 && reply.status !== 404) throw new ReplyError(`DELETE ${path}`, reply);
    if (wait) await this.waitFor(async () => !(await this.find(path)), { what: `${path} to be gone` });
  }

  /** Asks until the answer is neither false nor undefined, and gives that answer. Errors count as "not yet". */
  async waitFor<T>(
    predicate: () => Promise<T | undefined | false>,
    { what, timeoutMs = 30_000 }: WaitOptions,
  ): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (let pause = 20; ; pause = Math.min(pause * 1.5, 250)) {
      let cause: unknown;
      try {
        const answer = await predicate();
        if (answer !== undefined && answer !== false) return answer;
      } catch (error) {
        cause = error;
      }
      if (Date.now() >= deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain for ${what}`, { cause });
      await sleep(pause);
    }
  }

  /** A new namespace that is ready for pods; it goes when the client is closed. */
  async createNamespace(prefix: string, labels: Record<string, string> = {}): Promise<string> {
    const name = `${prefix}-${randomBytes(4).toString("hex")}`;
    const namespace = `/api/v1/namespaces/${name}`;
    await this.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
    this.onClose(() => this.remove(namespace, { wait: false }));
    const made = [`${namespace}/serviceaccounts/default`, `${namespace}/configmaps/kube-root-ca.crt`];
    await this.waitFor(async () => (await Promise.all(made.map((path) => this.find(path)))).every(Boolean), {
      what: `namespace ${name} to be furnished`,
    });
    return name;
  }

  /** What to clean up when the client is closed; last come, first served. */
  onClose(work: () => Promise<unknown>): void {
    this.#closing.push(work);
  }

  /** Removes what tests made through this client and lets go of its connections. */
  async close(): Promise<void> {
    for (const work of this.#closing.splice(0).reverse()) await work();
    await this.#agent.destroy();
  }
}

/** A client for the cluster of this test run, or for another kubeconfig. Close it in an `after` hook. */
export function openCluster(kubeconfig: string | undefined = process.env.REROLL_TEST_KUBECONFIG): TestClient {
  if (!kubeconfig) throw new Error("REROLL_TEST_KUBECONFIG is not set: run these tests with `npm run test:cluster`");
  return new TestClient(kubeconfig);
}
