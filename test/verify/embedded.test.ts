import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type DemoCluster, startDemoCluster } from "../../src/demo/cluster.ts";
import type { Manifest } from "../../src/demo/direct.ts";
import { anonymous, type Connection } from "../../src/io/kubernetes/connection.ts";
import { createKubernetesPorts } from "../../src/io/kubernetes/ports.ts";
import { stampAnnotation } from "../../src/model/annotations.ts";
import { workloadKinds } from "../../src/model/kinds.ts";
import { takeBaseline } from "../../src/verify/baseline.ts";
import { type Settled, settle } from "../../src/verify/settle.ts";
import { type FakeTime, fakeTime } from "../support/fake-time.ts";
import { noJournal } from "../support/world.ts";

const quick = {
  timeouts: { connect: 2_000, headers: 5_000, body: 5_000, whole: 10_000 },
  retries: { times: 0, firstDelay: 0, maxDelay: 0, total: 5_000 },
};
const stamp = "a1b2c3d4 ConfigMap/config=3f2a9b1c0d4e.9c21";

/** A workload `shop/app` with two pods that read the key `level` of the ConfigMap `config`. */
function app(kind: string, spec: object = {}): Manifest {
  const level = { name: "LEVEL", valueFrom: { configMapKeyRef: { name: "config", key: "level" } } };
  const template = {
    metadata: { labels: { app: "app" }, annotations: { [stampAnnotation]: "before" } },
    spec: { containers: [{ name: "main", image: "lab/app:1", env: [level] }] },
  };
  const replicas = kind === "DaemonSet" ? {} : { replicas: 2 };
  const metadata = { name: "app", namespace: "shop" };
  return { kind, metadata, spec: { ...replicas, selector: { matchLabels: { app: "app" } }, template, ...spec } };
}

const config = (data: object): Manifest => ({
  kind: "ConfigMap",
  metadata: { name: "config", namespace: "shop" },
  data,
});

interface Scene {
  readonly cluster: DemoCluster;
  readonly time: FakeTime;
}

/** Puts the workload, lets it come up, does `meanwhile`, stamps it, and watches. */
async function restart(
  kind: string,
  before: Manifest[],
  meanwhile: (scene: Scene) => void = () => {},
): Promise<Settled> {
  let wake = () => {};
  const time = fakeTime(undefined, () => wake());
  await using cluster = await startDemoCluster({ now: time.now });
  wake = () => cluster.wake();
  for (const manifest of before) cluster.api.put(manifest);
  time.advance(60_000);
  meanwhile({ cluster, time });
  const [object, row] = [cluster.api.get(kind, "shop", "app"), workloadKinds.find((each) => each.kind === kind)];
  assert.ok(object && row);
  const baseline = takeBaseline(row, object);
  const startedAt = time.now();
  cluster.api.patch(kind, "shop", "app", {
    spec: { template: { metadata: { annotations: { [stampAnnotation]: stamp } } } },
  });
  const { cluster: port, close } = createKubernetesPorts(connection(cluster), "reroll-system", quick);
  try {
    return await settle(
      { cluster: port, clock: time.clock, journal: noJournal },
      {
        ...{
          workload: { kind, namespace: "shop", name: "app" },
          kind: row,
          uid: object.metadata.uid,
          podSelector: "app=app",
        },
        ...{ stampAnnotation, stamp, startedAt, rollout: undefined, baseline },
      },
      { signal: new AbortController().signal, until: startedAt + 3_600_000 },
    );
  } finally {
    await close();
  }
}

function connection(cluster: DemoCluster): Connection {
  const trust = { ca: undefined, serverName: undefined, insecure: false };
  const rest = { headers: {}, proxy: undefined, namespace: undefined, inCluster: false, origin: "test" };
  return { server: cluster.url, trust, credentials: anonymous, ...rest };
}

describe("a rollout on the embedded API", () => {
  for (const { kind } of workloadKinds.filter(
    ({ strategies: [usual], optional }) => usual === "rollout" && !optional,
  )) {
    it(`of a ${kind} is restarted once its pods are available`, async () => {
      const settled = await restart(kind, [config({ level: "info" }), app(kind)]);
      assert.deepEqual([settled.outcome, settled.reason], ["restarted", "RolledOut"], settled.message);
    });

    it(`of a ${kind} that loses a key fails early and names the key`, async () => {
      const lose = ({ cluster }: Scene) => cluster.api.put(config({ other: "1" }));
      const settled = await restart(kind, [config({ level: "info" }), app(kind)], lose);
      assert.deepEqual([settled.outcome, settled.reason], ["failed", "CreateContainerConfigError"], settled.message);
      assert.match(settled.message, /couldn't find key level in ConfigMap shop\/config/);
      assert.ok(settled.durationMs < 30_000, `${settled.durationMs} ms`);
    });

    it(`of a ${kind} whose new content crashes it fails early`, async () => {
      const crash = ({ cluster }: Scene) => cluster.api.put(config({ level: "info", crash: "true" }));
      const whole = { envFrom: [{ configMapRef: { name: "config" } }] };
      const reading = { template: template(app(kind), whole) };
      const settled = await restart(kind, [config({ level: "info" }), app(kind, reading)], crash);
      assert.deepEqual([settled.outcome, settled.reason], ["failed", "CrashLoopBackOff"], settled.message);
      assert.ok(settled.durationMs < 30_000, `${settled.durationMs} ms`);
    });
  }

  for (const kind of ["StatefulSet", "DaemonSet"]) {
    it(`of a ${kind} under OnDelete is left to people`, async () => {
      const settled = await restart(kind, [
        config({ level: "info" }),
        app(kind, { updateStrategy: { type: "OnDelete" } }),
      ]);
      assert.deepEqual([settled.outcome, settled.reason], ["needs-manual", "OnDelete"], settled.message);
    });
  }

  it("of a workload that was down before and still is, is not counted against the new content", async () => {
    const settled = await restart("Deployment", [config({ other: "1" }), app("Deployment")]);
    assert.deepEqual([settled.outcome, settled.reason], ["restarted", "NotWorseThanBefore"], settled.message);
  });

  it("of a workload scaled to zero is done", async () => {
    const settled = await restart("StatefulSet", [config({ level: "info" }), app("StatefulSet", { replicas: 0 })]);
    assert.deepEqual([settled.outcome, settled.reason], ["restarted", "ScaledToZero"], settled.message);
  });
});

/** The template of a workload, its container changed. */
function template({ spec }: Manifest, container: object): object {
  const { metadata, spec: pod } = (spec as { template: { metadata: object; spec: { containers: object[] } } }).template;
  return { metadata, spec: { containers: pod.containers.map((each) => ({ ...each, ...container })) } };
}
