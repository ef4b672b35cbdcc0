import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Fields } from "../../src/demo/object.ts";
import { dig, stringMap } from "../../src/model/object.ts";
import type { Ports } from "../../src/ports.ts";
import { neighbours } from "../support/neighbours.ts";
import { minute, type Ran, startWorld, type World } from "../support/world.ts";

/** The neighbour's objects as its software wrote them, adopted by one run. */
async function settled(name: string): Promise<World> {
  const world = await startWorld();
  for (const { manifest, manager } of neighbours(name)) world.cluster.api.put(manifest, manager);
  world.time.advance(minute);
  assert.equal((await world.run()).exitCode, 0);
  world.time.advance(minute);
  return world;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const data = (texts: Readonly<Record<string, string>>): Fields => ({
  data: Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, base64(text)])),
});
const actions = ({ actions: all }: Ran) => all.map(({ workload }) => workload.name);
const words = ({ outcomes }: Ran) => outcomes.map(({ workload, outcome }) => `${workload.name} ${outcome}`);
const skips = ({ skips: all }: Ran) => all.map(({ workload, reason }) => `${workload.name} ${reason}`);

/** Runs again and again: nothing is to be done any more. */
async function assertQuiet(world: World): Promise<void> {
  for (let again = 0; again < 3; again++) {
    world.time.advance(15 * minute);
    assert.deepEqual([actions(await world.run()), (await world.run()).pending], [[], []]);
  }
}

describe("authentik: server and worker share their Secrets, and Helm writes both", () => {
  const revisions = (world: World) =>
    ["authentik-server", "authentik-worker"].map(
      (name) =>
        world.cluster.api.get("Deployment", "authentik", name)?.metadata.annotations?.[
          "deployment.kubernetes.io/revision"
        ],
    );
  /** Helm's upgrade: the Secret first, then both templates with its checksum; a patch of what it renders, so that our stamp stays. */
  const helmSecret = (world: World, level: string) =>
    world.cluster.api.patch(
      "Secret",
      "authentik",
      "authentik",
      data({ AUTHENTIK_LOG_LEVEL: level }),
      "helm-controller",
    );
  const helmTemplates = (world: World, checksum: string, names = ["server", "worker"]) => {
    for (const name of names) {
      const patch = { spec: { template: { metadata: { annotations: { "checksum/secret": checksum } } } } };
      world.cluster.api.patch("Deployment", "authentik", `authentik-${name}`, patch, "helm-controller");
    }
  };
  const rotate = (world: World, password: string) =>
    world.cluster.api.patch(
      "Secret",
      "authentik",
      "authentik-credentials",
      data({ AUTHENTIK_POSTGRESQL__PASSWORD: password }),
      "external-secrets",
    );

  it("a Secret that the chart does not render changes: both restart, once each", async () => {
    await using world = await settled("authentik");
    rotate(world, "second");
    world.time.advance(minute);
    assert.deepEqual(words(await world.run()).sort(), ["authentik-server restarted", "authentik-worker restarted"]);
    assert.deepEqual(revisions(world), ["2", "2"]);
    await assertQuiet(world);
    assert.deepEqual(revisions(world), ["2", "2"]);
  });

  it("the chart's own Secret is not in the list: Helm's upgrade rolls both out, and reroll has nothing to add, however soon it looks", async () => {
    await using world = await settled("authentik");
    helmSecret(world, "debug");
    const between = await world.run();
    helmTemplates(world, "b1946ac9");
    const after = await world.run();
    assert.deepEqual([actions(between), actions(after)], [[], []]);
    await assertQuiet(world);
    assert.deepEqual(revisions(world), ["2", "2"]);
  });

  /** What the page advises against: every Secret counts, also the one that the chart rolls out by itself. */
  const automatic = async () => {
    const world = await settled("authentik");
    const annotations = { "secret.reloader.stakater.com/reload": null, "reroll.dev/auto": "true" };
    for (const name of ["authentik-server", "authentik-worker"]) {
      world.cluster.api.patch("Deployment", "authentik", name, { metadata: { annotations } }, "helm-controller");
    }
    await world.run();
    world.time.advance(minute);
    return world;
  };

  it("with auto in place of the list, pods that Helm started within two seconds after the Secret may be from before: they restart once more", async () => {
    await using world = await automatic();
    helmSecret(world, "debug");
    helmTemplates(world, "b1946ac9");
    world.time.advance(minute);
    assert.deepEqual(actions(await world.run()), ["authentik-server", "authentik-worker"]);
    await assertQuiet(world);
  });

  it("with auto, the chart's own Secret changes with its checksum: Helm rolled both out already, and reroll does not do it again", async () => {
    await using world = await automatic();
    helmSecret(world, "debug");
    world.time.advance(minute);
    helmTemplates(world, "b1946ac9");
    world.time.advance(minute);
    const ran = await world.run();
    assert.deepEqual(
      [actions(ran), skips(ran)],
      [[], ["authentik-server already-fresh", "authentik-worker already-fresh"]],
    );
    await assertQuiet(world);
    assert.deepEqual(revisions(world), ["2", "2"]);
  });

  it("with auto, a run in the midst of Helm's upgrade: what Helm patches meanwhile is not patched again", async () => {
    await using world = await automatic();
    helmSecret(world, "debug");
    world.time.advance(5000);
    let upgraded = false;
    const through = (ports: Ports): Ports => ({
      ...ports,
      cluster: {
        ...ports.cluster,
        patch: (...call) => {
          if (!upgraded) helmTemplates(world, "b1946ac9");
          upgraded = true;
          return ports.cluster.patch(...call);
        },
      },
    });
    const ran = await world.run({ through });
    assert.deepEqual(words(ran).sort(), ["authentik-server superseded", "authentik-worker superseded"]);
    world.time.advance(minute);
    assert.deepEqual(skips(await world.run()), ["authentik-server already-fresh", "authentik-worker already-fresh"]);
    await assertQuiet(world);
    assert.deepEqual(revisions(world), ["2", "2"]);
  });

  it("an upgrade of the chart leaves the stamp where it is, and the Secrets of Helm's releases are never read", async () => {
    await using world = await settled("authentik");
    rotate(world, "second");
    world.time.advance(minute);
    await world.run();
    helmTemplates(world, "5eb63bbb");
    world.time.advance(minute);
    const ran = await world.run();
    assert.deepEqual([actions(ran), ran.issues], [[], []]);
    const read = world.cluster.requests.filter(({ name }) => name?.startsWith("sh.helm"));
    assert.deepEqual(read, []);
  });
});

describe("cert-manager: a TLS Secret that is renewed", () => {
  const issue = (world: World, texts: Readonly<Record<string, string>>, extra: Fields = {}) => {
    world.cluster.api.patch(
      "Secret",
      "shop",
      "web-tls",
      { ...data(texts), ...extra },
      "cert-manager-certificates-issuing",
    );
    world.time.advance(minute);
  };

  it("renewed: what serves with it restarts once; what reads only the CA does not", async () => {
    await using world = await settled("cert-manager");
    issue(world, { "tls.crt": "cert-2", "tls.key": "key-2" });
    const ran = await world.run();
    assert.deepEqual([words(ran), skips(ran)], [["web restarted"], ["client keys-not-used"]]);
    await assertQuiet(world);
  });

  it("a new CA restarts both", async () => {
    await using world = await settled("cert-manager");
    issue(world, { "ca.crt": "ca-2", "tls.crt": "cert-2", "tls.key": "key-2" });
    assert.deepEqual(words(await world.run()).sort(), ["client restarted", "web restarted"]);
    await assertQuiet(world);
  });

  it("its annotations are rewritten, and the Secret with the next private key comes and goes: nothing restarts", async () => {
    await using world = await settled("cert-manager");
    issue(world, {}, { metadata: { annotations: { "cert-manager.io/issuer-name": "other" } } });
    const next = {
      apiVersion: "v1",
      kind: "Secret",
      type: "Opaque",
      metadata: { name: "web-x7k2p", namespace: "shop", labels: { "cert-manager.io/next-private-key": "true" } },
      ...data({ "tls.key": "key-2" }),
    };
    world.cluster.api.put(next, "cert-manager-certificates-key-manager");
    world.time.advance(minute);
    assert.deepEqual(actions(await world.run()), []);
    world.cluster.api.delete("Secret", "shop", "web-x7k2p");
    await assertQuiet(world);
  });

  it("two Certificates fight over it: held back once it has come back too often, and said with who writes it", async () => {
    await using world = await settled("cert-manager");
    const codes: number[] = [];
    let restarts = 0;
    for (let turn = 0; turn < 24; turn++) {
      const of = turn % 2 === 0 ? "2" : "1";
      issue(world, { "tls.crt": `cert-${of}`, "tls.key": `key-${of}` });
      const ran = await world.run();
      restarts += ran.restarted.length;
      codes.push(ran.exitCode);
      world.time.advance(10 * minute);
    }
    assert.ok(restarts <= 12, `${restarts} restarts`);
    assert.equal(codes.at(-1), 6);
    const last = await world.run();
    assert.deepEqual(
      last.pending.map(({ workload, reason }) => `${workload.name} ${reason}`),
      ["web quarantined"],
    );
  });
});

describe("kube-prometheus: an operator resets the template of its StatefulSet", () => {
  const set = (world: World) => world.cluster.api.get("StatefulSet", "monitoring", "prometheus-k8s");
  const rendered = neighbours("kube-prometheus").find(({ manifest }) => manifest.kind === "StatefulSet");

  const templateAnnotations = (object: unknown) =>
    stringMap(dig(object, "spec", "template", "metadata", "annotations"));

  /** Writes what it renders, and keeps of the template's annotations those of kubectl, as prometheus-operator does since 0.50. */
  function reconcile(world: World): void {
    const annotations = Object.entries(templateAnnotations(set(world)));
    const foreign = annotations.filter(([key]) => !key.startsWith("kubectl.kubernetes.io/"));
    if (foreign.length === 0) return;
    const taken = Object.fromEntries(foreign.map(([key]) => [key, null]));
    const patch = { spec: { template: { metadata: { annotations: taken } } } };
    world.cluster.api.patch("StatefulSet", "monitoring", "prometheus-k8s", patch, rendered?.manager);
  }

  const beside =
    (world: World) =>
    (ports: Ports): Ports => ({
      ...ports,
      cluster: {
        ...ports.cluster,
        patch: async (...call) => {
          const answer = await ports.cluster.patch(...call);
          reconcile(world);
          return answer;
        },
      },
    });
  const rotate = (world: World, password: string) => {
    world.cluster.api.patch("Secret", "monitoring", "remote-write", data({ password }));
    world.time.advance(minute);
  };
  const passwords = (world: World) =>
    world.cluster.api
      .list("Pod", "monitoring")
      .map(({ metadata }) => world.cluster.podView(metadata.uid)?.get("Secret/remote-write")?.password);
  const namespace = (annotations: Readonly<Record<string, string>>) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "monitoring", annotations },
  });

  it("with reroll.dev/restarted-at on its namespace every pod gets the new content, nothing loops, and the operator is named", async () => {
    await using world = await settled("kube-prometheus");
    world.put(namespace({ "reroll.dev/restarted-at": "true" }));
    rotate(world, "second");
    const through = beside(world);
    assert.deepEqual(actions(await world.run({ through })), ["prometheus-k8s"]);
    world.time.advance(minute);
    assert.deepEqual(passwords(world), ["second", "second"]);
    for (let again = 0; again < 3; again++) {
      const ran = await world.run({ through });
      assert.deepEqual([actions(ran), ran.pending, ran.exitCode], [[], [], 0]);
      const [issue] = ran.issues.filter(({ code }) => code === "stripped");
      assert.equal(issue?.path, "StatefulSet/monitoring/prometheus-k8s");
      assert.match(issue?.message ?? "", /PrometheusOperator.*restarted-at/);
      world.time.advance(15 * minute);
    }
    rotate(world, "third");
    assert.deepEqual(actions(await world.run({ through })), ["prometheus-k8s"], "the next change is a change");
    world.time.advance(minute);
    assert.deepEqual(passwords(world), ["third", "third"]);
  });

  it("without it, pods that were replaced before the operator put its template back are not restarted again", async () => {
    await using world = await settled("kube-prometheus");
    rotate(world, "second");
    const through = beside(world);
    const asked: number[] = [];
    for (let again = 0; again < 5; again++) {
      asked.push((await world.run({ through })).actions.length);
      world.time.advance(minute);
    }
    assert.deepEqual(
      [asked, passwords(world)],
      [
        [1, 0, 0, 0, 0],
        ["second", "second"],
      ],
    );
  });

  it("the configuration that the operator's reloader loads by itself is no reason: the list names what counts", async () => {
    await using world = await settled("kube-prometheus");
    world.cluster.api.patch(
      "Secret",
      "monitoring",
      "prometheus-k8s",
      data({ "prometheus.yaml.gz": "new" }),
      "PrometheusOperator",
    );
    world.time.advance(minute);
    const ran = await world.run();
    assert.deepEqual([actions(ran), ran.exitCode], [[], 0]);
  });
});
