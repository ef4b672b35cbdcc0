import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Manifest } from "../../src/demo/direct.ts";
import type { KubeObject } from "../../src/model/object.ts";
import type { Ports } from "../../src/ports.ts";
import { deployment, envFrom, secret, workload } from "../support/manifests.ts";
import { type Ran, type RunSettings, startKnownWorld, type World } from "../support/world.ts";

/** Secrets of machinery, with a body each. */
const machinery = ["helm.sh/release.v1", "kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"];
const token = (type: string, a = "1"): Manifest => ({ ...secret(`of-${type.split("/")[1]}`, { a }), type });
const tokens = (a: string) => machinery.map((type) => token(type, a));

/** A run, with the name of every Secret of the namespace whose body came over the wire, sorted. */
async function bodiesOf(world: World, settings: RunSettings = {}): Promise<Ran & { readonly bodies: string[] }> {
  const bodies: string[] = [];
  const note = (object: KubeObject) => {
    if (object.metadata.namespace === "shop" && "data" in object && "type" in object) bodies.push(object.metadata.name);
  };
  const through = (ports: Ports): Ports => ({
    ...ports,
    cluster: {
      ...ports.cluster,
      list(resource, options, take) {
        return ports.cluster.list(resource, options, (item) => {
          note(item);
          return take ? take(item) : [item as never];
        });
      },
      async get(...args) {
        const found = await ports.cluster.get(...args);
        if (found) note(found);
        return found;
      },
    },
  });
  const ran = await world.run({ ...settings, through });
  return { ...ran, bodies: bodies.sort() };
}

const names = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const used = names(45, "used").sort();
const all = (count: number, prefix: string, a: string) => names(count, prefix).map((name) => secret(name, { a }));
const uses = deployment("web", envFrom(...used.map((name) => ["Secret", name] as const)));

describe("of Secrets, no body is read but of those that a workload asked for and that moved", () => {
  for (const [neighbours, reads] of [
    [3, "one list"],
    [30, "one by one"],
  ] as const) {
    it(`very many of them, beside ${neighbours} that nobody asked for: ${reads}`, async () => {
      await using world = await startKnownWorld([
        [...all(45, "used", "1"), ...all(neighbours, "idle", "1"), ...tokens("1")],
        uses,
      ]);
      world.put(...all(45, "used", "2"), ...all(neighbours, "idle", "2"), ...tokens("2"));
      const { bodies, requests, restarted } = await bodiesOf(world);
      assert.deepEqual(restarted, ["Deployment/shop/web"]);
      assert.deepEqual(bodies, used);
      const verbs = requests.filter(
        ({ resource, namespace, metadataOnly }) => resource === "secrets" && namespace === "shop" && !metadataOnly,
      );
      assert.equal(verbs.length, reads === "one list" ? 1 : 45);
    });
  }

  it("not one that did not move, although its neighbours did", async () => {
    await using world = await startKnownWorld([all(45, "used", "1"), uses]);
    const [still, ...moved] = used;
    world.put(...moved.map((name) => secret(name, { a: "2" })));
    const { bodies } = await bodiesOf(world);
    assert.deepEqual(bodies, moved);
    assert.ok(still && !bodies.includes(still));
  });

  it("not one that the label selector leaves out, and none of machinery although it takes it in", async () => {
    const labels = { watched: "yes" };
    const listed = (a: string) => used.slice(1).map((name) => secret(name, { a }, { labels }));
    const labelled = (a: string) => tokens(a).map((each) => ({ ...each, metadata: { ...each.metadata, labels } }));
    const policy = { selector: "watched=yes" };
    const first = used[0] ?? "";
    await using world = await startKnownWorld([[secret(first), ...listed("1"), ...labelled("1")], uses]);
    await world.run({ policy });
    world.put(secret(first, { a: "2" }), ...listed("2"), ...labelled("2"));
    const { bodies } = await bodiesOf(world, { policy });
    assert.deepEqual(bodies, used.slice(1));
  });

  for (const type of machinery) {
    const name = `of-${type.split("/")[1]}`;
    it(`${type}: not where it is used, nor where a pattern would match it, but where it is named`, async () => {
      const pod = envFrom(["Secret", name]);
      const secrets = "secret.reloader.stakater.com/reload";
      const asking = workload("asking", { pod });
      const pattern = workload("pattern", { annotations: { [secrets]: "of-.*" } });
      await using world = await startKnownWorld([token(type), [asking, pattern]]);
      world.put(token(type, "2"));
      const unnamed = await bodiesOf(world, { policy: { autoReloadAll: true } });
      assert.deepEqual([unnamed.bodies, unnamed.restarted], [[], []]);
      world.put(workload("named", { annotations: { [secrets]: name } }));
      await bodiesOf(world);
      world.put(token(type, "3"));
      const { bodies, restarted } = await bodiesOf(world);
      assert.deepEqual([bodies, restarted], [[name], ["Deployment/shop/named"]]);
    });
  }
});
