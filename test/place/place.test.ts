import assert from "node:assert/strict";
import { test } from "node:test";
import { placeAll } from "../../src/place/place.ts";
import { memoryTree } from "../support/folder-tree.ts";
import { kustomization, stampOf, target, use } from "../support/placing.ts";
import { deployment } from "../support/walked.ts";

const apps = kustomization("apps", "./apps", { targetNamespace: "web" });
const web = target(apps, { kind: "Deployment", namespace: "web", name: "web" });
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

test("a Deployment gets its stamp in the file that defines it", () => {
  const files = { "apps/kustomization.yaml": "resources: [web.yaml]\n", "apps/web.yaml": deployment("web") };
  const { files: changed, placed, refused } = placeAll(memoryTree(files), [web], use(apps));
  assert.deepEqual(refused, []);
  assert.deepEqual(
    placed.map(({ placement, already }) => [placement.way, placement.path, already]),
    [["in-place", "apps/web.yaml", false]],
  );
  const wanted = `${deployment("web")}  template:\n    metadata:\n      annotations:\n        reroll.dev/git-stamp: "${stampOf()}"\n`;
  assert.deepEqual(
    changed.map(({ path, before, after }) => [path, text(before), text(after)]),
    [["apps/web.yaml", deployment("web"), wanted]],
  );
});

test("what has its stamp already stays as it is", () => {
  const files = { "apps/web.yaml": deployment("web") };
  const first = placeAll(memoryTree(files), [web], use(apps));
  const again = placeAll(memoryTree({ "apps/web.yaml": text(first.files[0]?.after) }), [web], use(apps));
  assert.deepEqual(again.files, []);
  assert.deepEqual(
    again.placed.map(({ already }) => already),
    [true],
  );
});

test("several workloads of one HelmRelease get a patch each, and one more Deployment in the same file its own", () => {
  const release =
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: chart\nspec:\n  interval: 1h\n";
  const files = { "apps/all.yaml": `${release}---\n${deployment("web")}` };
  const targets = [
    target(apps, { kind: "StatefulSet", namespace: "web", name: "chart-db", release: "chart" }),
    web,
    target(apps, { kind: "Deployment", namespace: "web", name: "chart", release: "chart" }),
    target(apps, { kind: "Deployment", namespace: "web", name: "missing" }),
  ];
  const done = placeAll(memoryTree(files), targets, use(apps));
  assert.deepEqual(
    done.refused.map(({ target: { workload }, refusal }) => [workload.name, refusal.code]),
    [["missing", "NOT_FOUND"]],
  );
  assert.equal(done.files.length, 1);
  assert.equal(text(done.files[0]?.after).split(stampOf()).length, 4);
  const reversed = placeAll(memoryTree(files), targets.toReversed(), use(apps));
  assert.deepEqual(reversed, done);
});
