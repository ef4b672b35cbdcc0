/** An API server under contract, whoever it is: a way to ask it, and two namespaces to do it in. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed where it is JSON, else the text. */
  readonly body: Answered;
}

/** An answer, as far as the suite looks into it. */
export interface Answered {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata: Metadata;
  readonly items?: readonly Answered[];
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  // biome-ignore lint/suspicious/noExplicitAny: the suite digs in bodies of every shape, and a wrong path fails the test
  readonly [field: string]: any;
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly continue?: string;
  readonly remainingItemCount?: number;
  readonly ownerReferences?: readonly { kind: string; name: string; uid: string; controller?: boolean }[];
  readonly managedFields?: readonly {
    manager: string;
    operation: string;
    apiVersion: string;
    time: string;
    subresource?: string;
    fieldsType: string;
    // biome-ignore lint/suspicious/noExplicitAny: sets of fields nest without end
    fieldsV1: any;
  }[];
}

export interface Target {
  /** One request, whatever the answer. `body` is sent as JSON, or as it is when it is text. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** A namespace of this run. */
  readonly namespace: string;
  /** Another one. */
  readonly other: string;
  /** Resolves when the server's clock shows another second: its timestamps have no finer step. */
  nextSecond(): Promise<void>;
  close(): Promise<void>;
}

export type OpenTarget = () => Promise<Target>;

export const patchTypes = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
} as const;

export const metadataOnly = {
  list: { accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json" },
  get: { accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json" },
} as const;

const groups: Readonly<Record<string, string>> = {
  namespaces: "/api/v1",
  configmaps: "/api/v1",
  secrets: "/api/v1",
  pods: "/api/v1",
  leases: "/apis/coordination.k8s.io/v1",
  jobs: "/apis/batch/v1",
  cronjobs: "/apis/batch/v1",
};

/** Path of a collection, or of an object when a name is given. */
export function pathOf(resource: string, namespace: string | undefined, name?: string): string {
  const root = groups[resource] ?? "/apis/apps/v1";
  return [root, ...(namespace === undefined ? [] : ["namespaces", namespace]), resource, ...(name ? [name] : [])].join(
    "/",
  );
}

/** The requests of the suite in short words. Those named after a verb fail the test unless they succeed. */
export function client(target: Target) {
  const { namespace } = target;
  const succeed = async (reply: Promise<Reply>): Promise<Answered> => {
    const { status, body } = await reply;
    assert.ok(status < 300, `${status} ${JSON.stringify(body)}`);
    return body;
  };
  const patch = (
    resource: string,
    name: string,
    body: unknown,
    { type = "json", manager = "tester", query = "" }: { type?: string; manager?: string; query?: string } = {},
  ) =>
    target.request("PATCH", `${pathOf(resource, namespace, name)}?fieldManager=${manager}${query}`, body, {
      "content-type": type in patchTypes ? patchTypes[type as keyof typeof patchTypes] : type,
    });
  const post = (resource: string, object: { metadata: object; [field: string]: unknown }, manager = "tester") =>
    target.request("POST", `${pathOf(resource, namespace)}?fieldManager=${manager}`, object);
  const get = (resource: string, name: string) => succeed(target.request("GET", pathOf(resource, namespace, name)));
  return {
    post,
    patch,
    put: (resource: string, name: string, object: unknown, manager = "tester") =>
      target.request("PUT", `${pathOf(resource, namespace, name)}?fieldManager=${manager}`, object),
    remove: (resource: string, name: string, body?: unknown) =>
      target.request("DELETE", pathOf(resource, namespace, name), body),
    ask: (resource: string, name: string) => target.request("GET", pathOf(resource, namespace, name)),
    list: (resource: string, query = "") =>
      succeed(target.request("GET", `${pathOf(resource, namespace)}${query ? `?${query}` : ""}`)),
    get,
    create: (resource: string, object: { metadata: object; [field: string]: unknown }, manager?: string) =>
      succeed(post(resource, object, manager)),
    change: (...args: Parameters<typeof patch>) => succeed(patch(...args)),
    /** The object once the predicate holds; asks for up to 30 seconds. */
    until: async (resource: string, name: string, predicate: (object: Answered) => boolean): Promise<Answered> =>
      eventually(
        () => get(resource, name),
        predicate,
        (object) => `${resource}/${name} as it is: ${JSON.stringify(object.status ?? object)}`,
      ),
  };
}

export type Client = ReturnType<typeof client>;

/** Asks until the predicate holds, for up to 30 seconds. */
export async function eventually<T>(
  ask: () => Promise<T>,
  predicate: (value: T) => boolean,
  describe: (value: T) => string,
): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (let pause = 1; ; pause = Math.min(pause * 2, 200)) {
    const value = await ask();
    if (predicate(value)) return value;
    if (Date.now() > deadline) assert.fail(`waited 30 s in vain, ${describe(value)}`);
    await sleep(pause);
  }
}

/** Asserts a `Status` that refuses. */
export function assertRefused({ status, body }: Reply, code: number, reason: string, message?: RegExp): void {
  assert.deepEqual([status, body.kind, body.status, body.code, body.reason], [code, "Status", "Failure", code, reason]);
  if (message) assert.match(body.message ?? "", message);
}

/** A Deployment, StatefulSet or DaemonSet that uses nothing. */
export function workload(name: string, spec: object = {}, template: object = {}) {
  const labels = { app: name };
  return {
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "app", image: "example.com/app:1" }] },
        ...template,
      },
      ...spec,
    },
  };
}
