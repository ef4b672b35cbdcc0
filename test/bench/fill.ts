import type { TestClient } from "../cluster/harness/client.ts";
import { rolledOut } from "../cluster/harness/workloads.ts";

/** How much there is in the cluster. */
export interface Size {
  readonly namespaces: number;
  readonly configMaps: number;
  readonly secrets: number;
  readonly deployments: number;
}

const letters = "abcdefghijklmnopqrstuvwxyz =\n";

/** Text that does not compress to nothing and is the same in every bench. */
function filler(length: number, seed: number): string {
  let at = seed + 1;
  let text = "";
  while (text.length < length) {
    at = (Math.imul(at, 1103515245) + 12345) >>> 0;
    text += letters[(at >>> 16) % letters.length];
  }
  return text;
}

/** A Deployment's place: its namespace, and its number there. */
interface Place {
  readonly namespace: string;
  readonly own: number;
}

/** Every second Deployment of every namespace asks for restarts. */
const asks = ({ own }: Place) => own % 2 === 0;

/** What is in the cluster besides its size. */
export interface Filled {
  readonly asking: number;
  /** Deployments with pods, all of them asking; the others have none. */
  readonly live: readonly Place[];
}

/**
 * ConfigMaps of about 1.5 KiB, Secrets of about 1 KiB, Deployments that use two of each, none shared; every second one asks for
 * restarts. The first of every second namespace has two pods. Returns when the controllers have come to rest.
 */
export async function fill(client: TestClient, size: Size): Promise<Filled> {
  const { namespaces, configMaps, secrets, deployments } = size;
  const name = (index: number) => `team-${index % namespaces}`;
  const own = (index: number) => Math.floor(index / namespaces);
  await all(namespaces, (index) => create(client, "/api/v1/namespaces", { metadata: { name: `team-${index}` } }));
  await all(configMaps, (index) =>
    create(client, `/api/v1/namespaces/${name(index)}/configmaps`, {
      metadata: { name: `cm-${own(index)}` },
      data: { "app.yaml": filler(1200, index), LOG_LEVEL: "info" },
    }),
  );
  await all(secrets, (index) =>
    create(client, `/api/v1/namespaces/${name(index)}/secrets`, {
      metadata: { name: `secret-${own(index)}` },
      stringData: { password: filler(24, index), "tls.key": filler(700, index) },
    }),
  );
  const each = (count: number) => Math.max(1, Math.floor(count / namespaces));
  const places = Array.from({ length: deployments }, (_, index) => ({ namespace: name(index), own: own(index) }));
  const live = places.filter((place, index) => place.own === 0 && index % 2 === 0);
  await all(deployments, (index) => {
    const place = places[index] as Place;
    const pick = (count: number, offset: number) => (2 * place.own + offset) % each(count);
    const uses = { maps: [pick(configMaps, 0), pick(configMaps, 1)], keys: [pick(secrets, 0), pick(secrets, 1)] };
    const body = deployment(place, live.includes(place) ? 2 : 0, uses);
    return create(client, `/apis/apps/v1/namespaces/${place.namespace}/deployments`, body);
  });
  await atRest(client, deployments, live);
  return { asking: places.filter(asks).length, live };
}

/** Changes both ConfigMaps of every Deployment that has pods. Returns how many that were. */
export async function changeSources(client: TestClient, live: readonly Place[], round: number): Promise<number> {
  await all(live.length, async (index) => {
    const { namespace } = live[index] as Place;
    const path = (name: string) => `/api/v1/namespaces/${namespace}/configmaps/${name}`;
    await client.patch(path("cm-0"), { data: { LOG_LEVEL: `debug-${round}` } });
    await client.patch(path("cm-1"), { data: { "app.yaml": filler(1200, round) } });
  });
  return 2 * live.length;
}

/** Waits until every Deployment has its ReplicaSet and the pods are there: what is measured must not share the machine with that. */
async function atRest(client: TestClient, deployments: number, live: readonly Place[]): Promise<void> {
  interface Head {
    readonly items: readonly unknown[];
    readonly metadata: { readonly remainingItemCount?: number };
  }
  const count = async (path: string) => {
    const { body } = await client.request<Head>("GET", `${path}?limit=1`);
    return body.items.length + (body.metadata.remainingItemCount ?? 0);
  };
  await client.waitFor(async () => (await count("/apis/apps/v1/replicasets")) >= deployments, {
    what: "every Deployment to have a ReplicaSet",
    timeoutMs: 240_000,
  });
  for (const { namespace, own } of live) {
    const metadata = { name: `app-${own}`, namespace };
    await rolledOut(client, { apiVersion: "apps/v1", kind: "Deployment", metadata }, 120_000);
  }
}

interface Uses {
  readonly maps: readonly number[];
  readonly keys: readonly number[];
}

function deployment(place: Place, replicas: number, { maps, keys }: Uses) {
  const { own } = place;
  const labels = { app: `app-${own}` };
  const annotations = asks(place) ? { "reloader.stakater.com/auto": "true" } : {};
  const container = {
    name: "main",
    image: "lab/app:1",
    envFrom: [{ configMapRef: { name: `cm-${maps[0]}` } }],
    env: [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: `secret-${keys[0]}`, key: "password" } } }],
    volumeMounts: [
      { name: "config", mountPath: "/config" },
      { name: "secret", mountPath: "/secret" },
    ],
  };
  const volumes = [
    { name: "config", configMap: { name: `cm-${maps[1]}` } },
    { name: "secret", secret: { secretName: `secret-${keys[1]}` } },
  ];
  return {
    metadata: { name: `app-${own}`, labels, annotations },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container], volumes } },
    },
  };
}

async function create(client: TestClient, path: string, body: unknown): Promise<void> {
  const { status } = await client.request("POST", path, body);
  if (status !== 201 && status !== 409) throw new Error(`POST ${path}: ${status}`);
}

async function all(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: 32 }, worker));
}
