import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { fleet } from "../../src/locate/fleet.ts";
import { manifests } from "../../src/locate/manifests.ts";
import { mentions } from "../../src/locate/mentions.ts";
import { edited, readerOf } from "../../src/locate/reader.ts";
import { walk } from "../../src/locate/walk.ts";
import { folderTree, memoryTree } from "../support/folder-tree.ts";
import { facts } from "../support/walked.ts";

const fixture = (name: string) =>
  readerOf(folderTree(fileURLToPath(new URL(`../../fixtures/repo/${name}/original`, import.meta.url))));

/** `path: files of definitions` of every Flux Kustomization that a fixture tells of. */
function told(name: string): string[] {
  const all = fleet(fixture(name));
  assert.ok(!("code" in all));
  return all.map(({ facts: { name: own }, root, walk: built }) => {
    assert.ok(!("code" in built));
    const names = built.definitions.map(
      ({ path, built: id, patches }) => `${path}=${id.namespace}/${id.name}+${patches.length}`,
    );
    return `${root} ${own}: ${names.join(" ")}`;
  });
}

test("every cluster of a repository is told, with what it takes of the same base", () => {
  assert.deepEqual(told("base-and-overlays-of-two-clusters"), [
    "clusters/production/apps.yaml apps: apps/base/web.yaml=shop/web+1 apps/base/db.yaml=shop/db+0",
    "clusters/staging/apps.yaml apps: apps/base/web.yaml=shop/web+1 apps/base/db.yaml=shop/db+0",
  ]);
});

test("children are built with what their parent makes of them", () => {
  assert.deepEqual(told("parent-patches-its-children"), [
    "clusters/home/cluster.yaml cluster: apps/media/plex/ks.yaml=flux-system/plex+1 apps/media/sonarr/ks.yaml=flux-system/sonarr+1",
    "clusters/home/cluster.yaml plex: apps/media/plex/app/helmrelease.yaml=media/plex+1",
    "clusters/home/cluster.yaml sonarr: apps/media/sonarr/app/helmrelease.yaml=media/sonarr+1",
  ]);
});

test("one template makes several objects, by the variables of each Flux Kustomization", () => {
  const [one, two, secret] = told("names-by-substitution");
  assert.match(one ?? "", /one: template\/web\.yaml=tools\/one-web\+0$/);
  assert.match(two ?? "", /two: template\/web\.yaml=tools\/two-web\+0$/);
  assert.match(
    secret ?? "",
    /secret: secret\/web\.yaml=tools\/web-\$\{SUFFIX\}\+0 secret\/plain\.yaml=tools\/plain\+0$/,
  );
});

test("whoever names a file or a folder is known, also where nothing reaches it", () => {
  const named = mentions(fixture("base-and-overlays-of-two-clusters"));
  assert.ok(!("code" in named));
  assert.deepEqual([...named].map(([path, by]) => [path, [...by]]).sort(), [
    ["apps/base", ["apps/production/kustomization.yaml", "apps/staging/kustomization.yaml"]],
    ["apps/base/db.yaml", ["apps/base/kustomization.yaml"]],
    ["apps/base/web.yaml", ["apps/base/kustomization.yaml"]],
    ["apps/production/web.yaml", ["apps/production/kustomization.yaml"]],
    ["apps/staging/web.yaml", ["apps/staging/kustomization.yaml"]],
  ]);
});

test("an edited tree differs in what was edited alone", () => {
  const reader = fixture("several-documents-in-one-file");
  const text = reader.text("apps/all.yaml") ?? "";
  const after = edited(reader, new Map([["apps/all.yaml", text.replace("name: db-config", "name: other")]]));
  const values = [reader, after, reader].map((each) => {
    const built = walk(each, facts("apps"));
    assert.ok(!("code" in built));
    return built.definitions.map(({ value }) => JSON.stringify(value));
  });
  const [before = [], changed = [], again = []] = values;
  assert.deepEqual(
    before.map((value, index) => value === changed[index]),
    [true, false, true],
  );
  assert.deepEqual(again, before);
});

test("an encrypted document says so, and lists, JSON and Windows files have their places", () => {
  const places = (name: string): unknown[] => {
    const all = fleet(fixture(name));
    const member = "code" in all ? undefined : all[0];
    assert.ok(member && !("code" in member.walk));
    return member.walk.definitions.map(({ path, document, item, encrypted }) => [path, document, item, encrypted]);
  };
  assert.deepEqual(places("encrypted-file"), [
    ["apps/plain.yaml", 0, undefined, false],
    ["apps/secretive.sops.yaml", 0, undefined, true],
  ]);
  assert.deepEqual(places("items-of-a-list"), [
    ["apps/all.yaml", 0, 0, false],
    ["apps/all.yaml", 0, 1, false],
  ]);
  assert.deepEqual(places("json-file"), [["apps/web.json", 0, undefined, false]]);
  assert.deepEqual(
    places("several-documents-in-one-file"),
    [1, 2, 4].map((index) => ["apps/all.yaml", index, undefined, false]),
  );
});

test("a patch of a Flux Kustomization is not taken for one", () => {
  const flux = (more: string): string =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec: {path: ./apps${more}}\n`;
  const tree = memoryTree({
    "clusters/apps.yaml": flux(", sourceRef: {kind: GitRepository, name: flux-system}"),
    "clusters/patch.yaml": flux(""),
  });
  const found = manifests(readerOf(tree));
  assert.ok(!("code" in found));
  assert.deepEqual(
    found.map(({ path }) => path),
    ["clusters/apps.yaml"],
  );
});
