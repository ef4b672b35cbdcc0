import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readCredentials } from "../../src/flux/credentials.ts";
import { type Flux, listed } from "../../src/flux/live.ts";
import { readFlux } from "../../src/flux/read.ts";
import { withVariables } from "../../src/flux/variables.ts";
import type { Right } from "../../src/model/errors.ts";
import type { KubeObject } from "../../src/model/object.ts";
import type { Cluster } from "../../src/ports.ts";
import { type Changes, changed, fluxOf, liveObjects, manifestsOf } from "../support/flux.ts";
import { configMap, secret } from "../support/manifests.ts";
import { startWorld, type World, withPorts } from "../support/world.ts";

const asked = (world: World, use: (cluster: Cluster) => Promise<void>) =>
  withPorts(world, {}, ({ cluster }) => use(cluster));

interface Options {
  readonly objects?: readonly KubeObject[];
  readonly allow?: (right: Right) => boolean;
}

function start({ objects = liveObjects(), allow }: Options = {}): Promise<World> {
  return startWorld(manifestsOf(objects), allow ? { allow } : {});
}

/** What the API server fills in. */
const own = (facts: object) => ({ ...facts, uid: "", generation: 0 });

describe("what is read of Flux", () => {
  it("is what the live objects say, by one list of each kind in all namespaces", async () => {
    await using world = await start();
    await asked(world, async (cluster) => {
      const before = world.cluster.requests.length;
      const flux = await readFlux(cluster);
      const expected = fluxOf(liveObjects());
      const facts = (of: Flux) => [
        ...listed(of.kustomizations),
        ...listed(of.helmReleases),
        ...listed(of.gitRepositories),
      ];
      assert.deepEqual(facts(flux).map(own), facts(expected).map(own));
      const paths = world.cluster.requests.slice(before).map(({ path }) => path.replace(/\?.*/, ""));
      assert.deepEqual(paths.sort(), [
        "/apis/helm.toolkit.fluxcd.io/v2/helmreleases",
        "/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations",
        "/apis/source.toolkit.fluxcd.io/v1/gitrepositories",
      ]);
    });
  });

  it("keeps nothing of values, histories and other people's annotations", async () => {
    const [repository] = liveObjects();
    assert.ok(repository);
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "{}", "team.test/owner": "shop" };
    const facts = fluxOf([{ ...repository, metadata: { ...repository.metadata, annotations } }]);
    assert.deepEqual(listed(facts.gitRepositories)[0]?.annotations, {});
    assert.doesNotMatch(JSON.stringify(listed(fluxOf(liveObjects()).helmReleases)), /hello|deployed|chartVersion/);
  });

  it("what no controller has looked at yet has observed nothing", () => {
    const fresh = changed(liveObjects(), { "Kustomization/flux-system/apps": { status: null } });
    const [kustomization] = listed(fluxOf(fresh).kustomizations);
    assert.deepEqual([kustomization?.observedGeneration, kustomization?.inventory], [-1, undefined]);
  });

  it("a kind that is not served is absent, and the others are read", async () => {
    await using world = await start();
    world.cluster.faults.push({ resource: "helmreleases", fault: { answer: 404, body: "404 page not found\n" } });
    await asked(world, async (cluster) => {
      const flux = await readFlux(cluster);
      assert.deepEqual(flux.helmReleases, { is: "absent" });
      assert.equal(listed(flux.kustomizations).length, 1);
    });
  });

  it("a list that is refused or fails is unread, and never empty", async () => {
    await using world = await start({ allow: ({ resource }) => resource !== "kustomizations" });
    world.cluster.faults.push({ resource: "gitrepositories", fault: { answer: 500 } });
    await asked(world, async (cluster) => {
      const { kustomizations, gitRepositories, helmReleases } = await readFlux(cluster);
      assert.ok(kustomizations.is === "unread" && gitRepositories.is === "unread");
      assert.deepEqual([kustomizations.error.code, gitRepositories.error.code], ["forbidden", "server-error"]);
      assert.equal(kustomizations.error.right?.resource, "kustomizations");
      assert.equal(helmReleases.is, "listed");
    });
  });
});

describe("the variables of a Kustomization", () => {
  const name = "Kustomization/flux-system/apps";
  const reference = (kind: string, of: string, optional = false) => ({ kind, name: of, optional });
  const postBuild = (...substituteFrom: object[]): Changes => ({ [name]: { spec: { postBuild: { substituteFrom } } } });
  const settings = configMap("settings", { region: "eu\n", cluster_env: "test" }, { namespace: "flux-system" });
  const more = configMap("more", { region: "us" }, { namespace: "flux-system" });
  const hidden = secret("hidden", { password: "hunter2" }, { namespace: "flux-system" });

  for (const [claim, changes, expected] of [
    ["of the spec alone are complete", {}, { variables: { cluster_env: "prod" }, complete: true }],
    [
      "of a ConfigMap count after those of the spec, on one line",
      postBuild(reference("ConfigMap", "settings")),
      { variables: { cluster_env: "prod", region: "eu" }, complete: true },
    ],
    [
      "of a later ConfigMap count before those of an earlier one",
      postBuild(reference("ConfigMap", "settings"), reference("ConfigMap", "more")),
      { variables: { cluster_env: "prod", region: "us" }, complete: true },
    ],
    [
      "of a Secret are never read, and what it may override is not known",
      postBuild(reference("ConfigMap", "settings"), reference("Secret", "hidden")),
      { variables: { cluster_env: "prod" }, complete: false },
    ],
    [
      "of a ConfigMap that may be missing and is are none",
      postBuild(reference("ConfigMap", "settings"), reference("ConfigMap", "gone", true)),
      { variables: { cluster_env: "prod", region: "eu" }, complete: true },
    ],
    [
      "of a ConfigMap that must be there and is not are incomplete",
      postBuild(reference("ConfigMap", "gone")),
      { variables: { cluster_env: "prod" }, complete: false },
    ],
  ] as const) {
    it(claim, async () => {
      await using world = await startWorld([settings, more, hidden]);
      const [kustomization] = listed(fluxOf(changed(liveObjects(), changes)).kustomizations);
      assert.ok(kustomization);
      await asked(world, async (cluster) => {
        assert.deepEqual((await withVariables(cluster, kustomization)).substitute, expected);
      });
      assert.ok(!world.cluster.requests.some(({ path }) => path.includes("/secrets/")));
    });
  }

  it("without any, nothing is substituted, unless the strategy is Always", () => {
    const of = (spec: unknown) =>
      listed(fluxOf(changed(liveObjects(), { [name]: { spec } })).kustomizations)[0]?.substitute;
    assert.equal(of({ postBuild: null }), undefined);
    assert.deepEqual(of({ postBuild: { substitute: null, substituteStrategy: "Always" } }), {
      variables: {},
      complete: true,
    });
  });
});

describe("the Secrets that are read to push", () => {
  const login = secret("flux-system", { identity: "hunter2", known_hosts: "HOSTS" }, { namespace: "flux-system" });
  const pushing = secret("push", { identity: "hunter3", known_hosts: "HOSTS" }, { namespace: "reroll-system" });
  const proxy = secret("proxy", { address: "http://proxy.test" }, { namespace: "flux-system" });
  const own = { namespace: "reroll-system", name: "push" };
  const [source] = listed(fluxOf(liveObjects()).gitRepositories);
  assert.ok(source);
  const secretsRead = ({ cluster }: World) => cluster.requests.filter(({ path }) => path.includes("/secrets/")).length;

  it("are none where nobody asked for any", async () => {
    await using world = await startWorld([login, pushing, proxy]);
    await asked(world, async (cluster) => {
      const found = await readCredentials(
        cluster,
        { ...source, proxySecret: "proxy" },
        { own: undefined, useSourceSecret: false },
      );
      assert.deepEqual(found, { is: "none" });
    });
    assert.equal(secretsRead(world), 0);
  });

  it("an own one wins over that of the source, whose proxy stays in use where it may be read", async () => {
    await using world = await startWorld([login, pushing, proxy]);
    const ssh = { identity: "hunter3", knownHosts: "HOSTS" };
    await asked(world, async (cluster) => {
      const alone = await readCredentials(
        cluster,
        { ...source, proxySecret: "proxy" },
        { own, useSourceSecret: false },
      );
      assert.deepEqual(alone, { is: "credential", credential: { ssh } });
      assert.equal(secretsRead(world), 1);
      const both = await readCredentials(cluster, { ...source, proxySecret: "proxy" }, { own, useSourceSecret: true });
      assert.deepEqual(both, { is: "credential", credential: { ssh, proxy: { address: "http://proxy.test" } } });
    });
  });

  it("that of the source is read where it may be used", async () => {
    await using world = await startWorld([login]);
    await asked(world, async (cluster) => {
      const found = await readCredentials(cluster, source, { own: undefined, useSourceSecret: true });
      assert.deepEqual(found, { is: "credential", credential: { ssh: { identity: "hunter2", knownHosts: "HOSTS" } } });
    });
  });

  it("one that does not exist is named, with what to do", async () => {
    await using world = await startWorld([]);
    await asked(world, async (cluster) => {
      const found = await readCredentials(cluster, source, { own, useSourceSecret: false });
      assert.ok(found.is === "unusable");
      assert.match(found.error.message, /Secret reroll-system\/push.*git\.secretRef/);
    });
  });

  it("one that may not be read is named with the right that it takes", async () => {
    await using world = await startWorld([login], {
      allow: ({ resource, verb }) => resource !== "secrets" || verb !== "get",
    });
    await asked(world, async (cluster) => {
      const found = await readCredentials(cluster, source, { own: undefined, useSourceSecret: true });
      assert.ok(found.is === "unread");
      assert.equal(found.error.code, "forbidden");
      assert.match(found.error.message, /grant get on secrets flux-system in namespace flux-system/);
    });
  });
});
