/** Everything that happened to the objects of some namespaces, in the order in which the API server wrote it down. */
import { createHash } from "node:crypto";
import type { KubeObject, TestClient, WatchEvent } from "../harness/client.ts";
import { collectionOf } from "../harness/paths.ts";

const watched = [
  { apiVersion: "v1", kind: "ConfigMap" },
  { apiVersion: "v1", kind: "Secret" },
  { apiVersion: "v1", kind: "Pod" },
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "apps/v1", kind: "StatefulSet" },
  { apiVersion: "apps/v1", kind: "DaemonSet" },
] as const;

/** The revision at which etcd wrote something: all objects of a cluster share one count. */
type Revision = number;

/** What a source held from a revision on: a hash per key. `undefined`: it was gone. */
export interface SourceMoment {
  readonly revision: Revision;
  readonly content: ReadonlyMap<string, string> | undefined;
}

/** What a workload asked for from a revision on. */
export interface WorkloadMoment {
  readonly revision: Revision;
  readonly gone: boolean;
  readonly paused: boolean;
  /** The pod template as text: its annotations, and the rest of it. */
  readonly annotations: string;
  readonly rest: string;
  readonly template: unknown;
}

export interface PodLife {
  /** Namespace and label `app`: which workload it is of. */
  readonly app: string;
  readonly name: string;
  readonly created: Revision;
  leaving: boolean;
  gone: boolean;
}

interface Body extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly paused?: boolean;
    readonly template?: { readonly metadata?: { readonly annotations?: object }; readonly spec?: unknown };
  };
}

export interface Chronicle {
  /** By `namespace/Kind/name`. */
  readonly sources: ReadonlyMap<string, readonly SourceMoment[]>;
  readonly workloads: ReadonlyMap<string, readonly WorkloadMoment[]>;
  readonly pods: ReadonlyMap<string, PodLife>;
  /** The newest revision of the cluster. */
  readonly now: () => Promise<Revision>;
  /** Waits until all that the API server holds by now has been heard of. */
  readonly caughtUp: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Listens from now on. One namespace is watched by itself, several by watching all. */
export async function openChronicle(cluster: TestClient, namespaces: readonly string[]): Promise<Chronicle> {
  const mine = new Set(namespaces);
  const only = namespaces.length === 1 ? namespaces[0] : undefined;
  const sources = new Map<string, SourceMoment[]>();
  const workloads = new Map<string, WorkloadMoment[]>();
  const pods = new Map<string, PodLife>();
  const heard = new Map<string, { readonly revision: Revision; readonly gone: boolean }>();
  const ending = new AbortController();
  let failure: unknown;

  const note = (kind: string, { type, object }: Pick<WatchEvent<Body>, "type" | "object">) => {
    const { namespace = "", name, uid = "", resourceVersion } = object.metadata;
    if (!mine.has(namespace)) return;
    const key = `${namespace}/${kind}/${name}`;
    const revision = Number(resourceVersion);
    const gone = type === "DELETED";
    heard.set(key, { revision, gone });
    if (kind === "ConfigMap" || kind === "Secret") push(sources, key, { revision, content: contentOf(object, gone) });
    else if (kind !== "Pod") push(workloads, key, workloadMoment(object, revision, gone));
    else {
      const app = `${namespace}/${object.metadata.labels?.app}`;
      const life = pods.get(uid) ?? { app, name, created: revision, leaving: false, gone: false };
      life.leaving ||= object.metadata.deletionTimestamp !== undefined;
      life.gone ||= gone;
      pods.set(uid, life);
    }
  };

  const running: Promise<void>[] = [];
  const follow = async (kind: string, path: string, from: string) => {
    let seen = from;
    try {
      while (!ending.signal.aborted)
        for await (const event of cluster.watch<Body>(path, seen, ending.signal)) {
          seen = event.object.metadata.resourceVersion ?? seen;
          note(kind, event);
        }
    } catch (error) {
      failure ??= error;
    }
  };
  for (const row of watched) {
    const path = collectionOf(row, only);
    const { items, resourceVersion } = await cluster.listAt<Body>(path);
    for (const object of items) note(row.kind, { type: "ADDED", object });
    running.push(follow(row.kind, path, resourceVersion));
  }

  const behind = async (row: (typeof watched)[number]) => {
    if (failure) throw new Error("the chronicle has a gap", { cause: failure });
    const { items, resourceVersion } = await cluster.listAt<Body>(collectionOf(row, only));
    const listed = new Map(
      items
        .filter(({ metadata }) => mine.has(metadata.namespace ?? ""))
        .map(({ metadata }) => [
          `${metadata.namespace}/${row.kind}/${metadata.name}`,
          Number(metadata.resourceVersion),
        ]),
    );
    const unheard = [...listed].some(([key, revision]) => (heard.get(key)?.revision ?? 0) < revision);
    const unburied = [...heard].some(
      ([key, { revision, gone }]) =>
        key.split("/")[1] === row.kind && !gone && !listed.has(key) && revision <= Number(resourceVersion),
    );
    return unheard || unburied;
  };

  return {
    sources,
    workloads,
    pods,
    async now() {
      const { resourceVersion } = await cluster.listAt("/api/v1/namespaces?limit=1");
      return Number(resourceVersion);
    },
    async caughtUp() {
      for (const row of watched)
        await cluster.waitFor(async () => !(await behind(row)), { what: `the chronicle of each ${row.kind}` });
    },
    async close() {
      ending.abort();
      await Promise.all(running);
    },
  };
}

function push<Moment>(into: Map<string, Moment[]>, key: string, moment: Moment): void {
  const before = into.get(key);
  if (before) before.push(moment);
  else into.set(key, [moment]);
}

function contentOf({ data = {}, binaryData = {} }: Body, gone: boolean): SourceMoment["content"] {
  if (gone) return undefined;
  const hash = (text: string) => createHash("sha1").update(text).digest("base64");
  return new Map(Object.entries({ ...data, ...binaryData }).map(([key, value]) => [key, hash(value)]));
}

function workloadMoment({ spec = {} }: Body, revision: Revision, gone: boolean): WorkloadMoment {
  const { metadata: { annotations = {}, ...metadata } = {}, ...rest } = spec.template ?? {};
  return {
    revision,
    gone,
    paused: spec.paused === true,
    annotations: JSON.stringify(annotations),
    rest: JSON.stringify([metadata, rest]),
    template: spec.template,
  };
}
