/** Flux itself, as the tests of git mode have it: a real one that follows real Git servers, and a player for HelmReleases. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { stringify } from "yaml";
import { dig, type KubeObject, stringMap } from "../../src/model/object.ts";
import type { Named } from "./harness/paths.ts";
import { rolledOut, workload } from "./harness/workloads.ts";
import { type GitStage, openGitStage } from "./support/git-stage.ts";
import type { Chart } from "./support/helm-player.ts";

const STAMP = "reroll.dev/git-stamp";

/** A Deployment as people commit it and charts render it: without a namespace, which somebody else gives it. */
function web(name: string, annotations: Readonly<Record<string, string>> = {}): Named {
  const { metadata, ...rest } = workload("Deployment", "", name, { template: { annotations } });
  return { ...rest, metadata: { name: metadata.name } };
}

const target = ({ names }: GitStage, name: string) => workload("Deployment", names.apps, name);

async function stampOf(stage: GitStage, name: string): Promise<string | undefined> {
  const live = await stage.cluster.get<KubeObject>(target(stage, name));
  return stringMap(dig(live, "spec", "template", "metadata", "annotations"))[STAMP];
}

for (const transport of ["http", "https", "ssh"] as const) {
  describe(`a repository over ${transport}`, { concurrency: 1 }, () => {
    let stage: GitStage;
    before(async () => {
      stage = await openGitStage("flux", { transport, files: () => ({ "web.yaml": stringify(web("web")) }) });
      await rolledOut(stage.cluster, target(stage, "web"));
    });
    after(() => stage?.close());

    it("a commit that changes the template replaces the pods", async () => {
      const old = await stage.pods("web");
      const id = await stage.push({ "web.yaml": stringify(web("web", { [STAMP]: "1" })) });
      assert.equal(await stampOf(stage, "web"), "1");
      await stage.replaced("web", old);
      assert.equal(await stage.repository.tip(), id);
      await stage.repository.fsck();
    });

    it("a commit that cannot be built is told by the conditions, and the last good one stays", async () => {
      await stage.repository.commit({ "web.yaml": "kind: [" });
      await stage.request();
      await stage.cluster.waitFor(async () => (await stage.conditions("apps")).includes("Ready False BuildFailed"), {
        what: "the build to fail",
      });
      assert.equal(await stampOf(stage, "web"), "1");
    });
  });
}

describe("HelmReleases that Flux applies", { concurrency: 1 }, () => {
  let stage: GitStage;
  const charts: Record<string, Chart> = { app: ({ name, values }) => [web(name, stringMap(values.podAnnotations))] };
  const release = (spec: object) => ({
    "release.yaml": stringify({
      apiVersion: "helm.toolkit.fluxcd.io/v2",
      kind: "HelmRelease",
      metadata: { name: "shop" },
      spec: { interval: "1h", chart: { spec: { chart: "app", version: "1.0.0" } }, ...spec },
    }),
  });
  before(async () => {
    stage = await openGitStage("helm", {
      charts,
      files: () => release({ values: { podAnnotations: { tier: "front" } } }),
    });
    await rolledOut(stage.cluster, target(stage, "shop"));
  });
  after(() => stage?.close());

  it("carry labels and an inventory as helm-controller leaves them", async () => {
    const { cluster, names } = stage;
    const live = await cluster.get<KubeObject>(target(stage, "shop"));
    assert.deepEqual(live.metadata.labels, {
      "app.kubernetes.io/managed-by": "Helm",
      "helm.toolkit.fluxcd.io/name": "shop",
      "helm.toolkit.fluxcd.io/namespace": names.apps,
    });
    const path = `/apis/helm.toolkit.fluxcd.io/v2/namespaces/${names.apps}/helmreleases/shop`;
    const { metadata, status } = await cluster.get<KubeObject & { status: { inventory: object } }>(path);
    assert.deepEqual(status.inventory, { entries: [{ id: `${names.apps}_shop_apps_Deployment`, v: "v1" }] });
    assert.equal(metadata.labels?.["kustomize.toolkit.fluxcd.io/name"], "apps");
  });

  it("a patch of the post renderers is one upgrade that replaces the pods", async () => {
    const old = await stage.pods("shop");
    const patch = stringify({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "shop" },
      spec: { template: { metadata: { annotations: { [STAMP]: "1" } } } },
    });
    const patches = [{ target: { group: "apps", kind: "Deployment", name: "shop" }, patch }];
    const values = { podAnnotations: { tier: "front" } };
    await stage.push(release({ values, postRenderers: [{ kustomize: { patches } }] }));
    await stage.replaced("shop", old);
    const [pod] = await stage.pods("shop");
    assert.deepEqual([pod?.metadata.annotations?.[STAMP], pod?.metadata.annotations?.tier], ["1", "front"]);
    assert.equal(stage.helm.upgrades("shop"), 2);
  });
});
