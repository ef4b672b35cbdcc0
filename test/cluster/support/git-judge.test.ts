import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { BareRepository, filesBelow } from "../../support/git-repository.ts";
import { changedLines, compareBuilds } from "./git-judge.ts";

const WEB = "apps/base/web/deployments.yaml";
const STAMP = "reroll.dev/git-stamp";
const fleet = fileURLToPath(new URL("../../../fixtures/fleet/", import.meta.url));

describe("the judge of commits", () => {
  let root: string;
  let repository: BareRepository;
  let first: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "reroll-judge-"));
    repository = await BareRepository.create(join(root, "fleet.git"));
    first = await repository.commit(await filesBelow(fleet));
  });
  after(() => rm(root, { recursive: true, force: true }));

  const edited = async (from: string | RegExp, to: string) => {
    const text = await repository.read(WEB, first);
    assert.match(text, new RegExp(from));
    return repository.commit({ [WEB]: text.replace(from, to) });
  };
  const scrape = /prometheus.io\/scrape: "true"/;

  it("tells a stamp from anything else, also where a template had no annotations", async () => {
    const inMap = await edited(scrape, `$&, ${STAMP}: one`);
    assert.deepEqual(await compareBuilds(repository, "apps/production", [first, inMap]), {
      stamped: ["Deployment/web"],
      others: [],
    });
    const [line] = (await changedLines(repository))[WEB]?.added ?? [];
    assert.match(line ?? "", /git-stamp: one/);

    const newMap = await edited(/( {12})labels:\n/, `$1annotations: {${STAMP}: one}\n$&`);
    const compared = await compareBuilds(repository, "apps/production", [first, newMap]);
    assert.deepEqual(compared, { stamped: ["Deployment/worker"], others: [] });
  });

  it("finds what came along", async () => {
    const both = await edited(scrape, `prometheus.io/scrape: "false", ${STAMP}: one`);
    const { stamped, others } = await compareBuilds(repository, "apps/production", [first, both]);
    assert.deepEqual(stamped, ["Deployment/web"]);
    assert.deepEqual(others, ["Deployment/web: spec.template.metadata.annotations.prometheus.io/scrape"]);
  });

  it("takes post renderers that carry a stamp for a stamp, and others not", async () => {
    const file = "releases/shop/helmrelease.yaml";
    const text = await repository.read(file, first);
    const renderer = (patch: string) => `${text}  postRenderers: [{kustomize: {patches: [{patch: '${patch}'}]}}]\n`;
    const folder = "releases/shop";
    const plain = await repository.commit({ [`${folder}/kustomization.yaml`]: "resources: [helmrelease.yaml]\n" });
    const stamped = await repository.commit({ [file]: renderer(`${STAMP}: one`) });
    const other = await repository.commit({ [file]: renderer("replicas: 3") });
    assert.deepEqual(await compareBuilds(repository, folder, [plain, stamped]), {
      stamped: ["HelmRelease/shop"],
      others: [],
    });
    assert.deepEqual((await compareBuilds(repository, folder, [plain, other])).others, [
      "HelmRelease/shop: spec.postRenderers.0",
    ]);
  });
});
