import type { TestClient } from "../cluster/harness/client.ts";

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

/** ConfigMaps of about 1.5 KiB, Secrets of about 1 KiB, Deployments that use two of each; every second one asks for restarts. */
export async function fill(client: TestClient, size: Size): Promise<void> {
  const { namespaces, configMaps, secrets, deployments } = size;
  const name = (index: number) => `team-${index % namespaces}`;
  await all(namespaces, (index) => create(client, "/api/v1/namespaces", { metadata: { name: `team-${index}` } }));
  await all(configMaps, (index) =>
    create(client, `/api/v1/namespaces/${name(index)}/configmaps`, {
      metadata: { name: `cm-${Math.floor(index / namespaces)}` },
      data: { "app.yaml": filler(1200, index), LOG_LEVEL: "info" },
    }),
  );
  await all(secrets, (index) =>
    create(client, `/api/v1/namespaces/${name(index)}/secrets`, {
      metadata: { name: `secret-${Math.floor(index / namespaces)}` },
      stringData: { password: filler(24, index), "tls.key": filler(700, index) },
    }),
  );
  const each = (count: number) => Math.max(1, Math.floor(count / namespaces));
  await all(deployments, (index) => {
    const own = Math.floor(index / namespaces);
    const pick = (count: number, offset: number) => (2 * own + offset) % each(count);
    return create(
      client,
      `/apis/apps/v1/namespaces/${name(index)}/deployments`,
      deployment(index, own, [pick(configMaps, 0), pick(configMaps, 1)], [pick(secrets, 0), pick(secrets, 1)]),
    );
  });
}

function deployment(index: number, own: number, maps: readonly [number, number], keys: readonly [number, number]) {
  const labels = { app: `app-${own}` };
  const annotations = index % 2 === 0 ? { "reloader.stakater.com/auto": "true" } : {};
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
      replicas: 0,
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
  await Promise.all(Array.from({ length: 12 }, worker));
}
